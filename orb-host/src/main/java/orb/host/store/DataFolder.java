package orb.host.store;

import java.nio.file.Path;
import orb.kernel.Result;

/** The folder in which one peer keeps everything, locked against other processes. */
public final class DataFolder implements AutoCloseable {
    /** Makes the folder if needed (0700) and locks it; STORE_LOCKED names the process that has it. */
    public static Result<DataFolder> open(Path folder) { throw new UnsupportedOperationException("not yet written"); }

    public Path path() { throw new UnsupportedOperationException("not yet written"); }

    /** Where the machine's key lies. */
    public Path machineKey() { throw new UnsupportedOperationException("not yet written"); }

    /** Where the encrypted wallet lies. */
    public Path wallet() { throw new UnsupportedOperationException("not yet written"); }

    @Override
    public void close() { throw new UnsupportedOperationException("not yet written"); }
}
