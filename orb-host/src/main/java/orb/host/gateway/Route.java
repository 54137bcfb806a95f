package orb.host.gateway;

import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Result;

/**
 * Which function a target names: {@code /f/<owner>/<name>[/rest][?query]}.
 *
 * @param function its name
 * @param path what stands behind the name, a slash at least
 * @param query what stands behind the question mark, may be empty
 */
record Route(FunctionName function, String path, String query) {
    static final String PREFIX = "/f/";

    /** Reads a target: {@code UNKNOWN_FUNCTION} or {@code MALFORMED_HTTP} for any other. */
    static Result<Route> of(String target) {
        int mark = target.indexOf('?');
        String whole = mark < 0 ? target : target.substring(0, mark);
        String query = mark < 0 ? "" : target.substring(mark + 1);
        int ownerEnd = whole.startsWith(PREFIX) ? whole.indexOf('/', PREFIX.length()) : -1;
        if (ownerEnd < 0) {
            return unknown(whole);
        }
        int nameEnd = whole.indexOf('/', ownerEnd + 1);
        String owner = whole.substring(PREFIX.length(), ownerEnd);
        String name = whole.substring(ownerEnd + 1, nameEnd < 0 ? whole.length() : nameEnd);
        String path = nameEnd < 0 ? "/" : whole.substring(nameEnd);
        if (!FunctionName.isLabel(owner) || !FunctionName.isLabel(name)) {
            return unknown(whole);
        }
        if (path.length() > Request.PATH_MAX || query.length() > Request.PATH_MAX) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.MALFORMED_HTTP,
                            "the path or the query has more than %d characters"
                                    .formatted(Request.PATH_MAX),
                            "send large input in the body"));
        }
        return Result.ok(new Route(new FunctionName(owner, name), path, query));
    }

    /**
     * Reads a target where one function is served alone: its URL is the root, or the one that it
     * has in a swarm.
     */
    static Result<Route> alone(FunctionName name, String target) {
        String inSwarm = PREFIX + name.owner() + "/" + name.name();
        if (target.equals(inSwarm)
                || target.startsWith(inSwarm + "/")
                || target.startsWith(inSwarm + "?")) {
            return of(target);
        }
        return of(inSwarm + target);
    }

    private static Result<Route> unknown(String path) {
        String shown = path.length() > 200 ? path.substring(0, 200) + ".." : path;
        return Result.refused(
                new Refusal(
                        ErrorCode.UNKNOWN_FUNCTION,
                        "nothing is served at " + shown,
                        "a function's URL is /f/<owner>/<name>; `orb fn search` lists names"));
    }
}
