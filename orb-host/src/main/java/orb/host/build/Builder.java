package orb.host.build;

import java.nio.file.Path;
import java.time.Duration;
import orb.kernel.Result;

/** Builds a function's folder with the owner's own compiler. */
public final class Builder {
    /** @param timeout for the build line */
    public Builder(Duration timeout) { throw new UnsupportedOperationException("not yet written"); }

    /** MANIFEST_INVALID, TOOL_MISSING, BUILD_FAILED, SCRIPT_REFUSED. */
    public Result<Built> build(Path folder, Manifest manifest) { throw new UnsupportedOperationException("not yet written"); }
}
