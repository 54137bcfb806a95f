package orb.host.gateway;

import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.FunctionName;
import orb.kernel.Request;

/** What the gateway does with a call: hands it over and goes on with other connections. */
@FunctionalInterface
public interface Calls {
    /**
     * Takes a call. Runs on a thread of the network and must not block; {@code reply} may be used
     * at once or later, from any thread.
     *
     * @param function the function that the URL names
     * @param request what it is called with, without headers that concern the connection alone and
     *     without the bearer token
     * @param bearerToken the access token that the caller showed
     * @param reply where the answer goes, exactly once
     */
    void call(FunctionName function, Request request, Optional<Bytes> bearerToken, CallReply reply);
}
