package orb.host.build;

import java.nio.file.Path;
import java.util.List;
import orb.kernel.Digest;
import orb.kernel.Result;

/** The digest that identifies a function by its source. */
public final class SourceHash {
    private SourceHash() {}
    public static Result<Digest> of(Path folder, Manifest manifest) { throw new UnsupportedOperationException("not yet written"); }
    /** The files that count, by relative path, sorted. */
    public static Result<List<String>> files(Path folder, Manifest manifest) { throw new UnsupportedOperationException("not yet written"); }
}
