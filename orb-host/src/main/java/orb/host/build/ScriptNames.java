package orb.host.build;

import orb.kernel.Result;

/** Shortens the names in a script. */
public final class ScriptNames {
    private ScriptNames() {}
    /** SCRIPT_REFUSED names line and column. */
    public static Result<String> shorten(String file, String source) { throw new UnsupportedOperationException("not yet written"); }
}
