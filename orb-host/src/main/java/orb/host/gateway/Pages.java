package orb.host.gateway;

import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Header;
import orb.kernel.Response;

/** What a gateway serves beside functions, at paths that no function can have. */
@FunctionalInterface
public interface Pages {
    /** {@code /healthz} alone. */
    Pages HEALTH =
            (target, reply) -> {
                if (!target.equals("/healthz")) {
                    return false;
                }
                List<Header> text = List.of(new Header("content-type", "text/plain"));
                reply.send(new Response(200, text, Bytes.utf8("ok\n")));
                return true;
            };

    /**
     * Takes a target if it is a page. Runs on a thread of the network and must not block; {@code
     * reply} may be used at once or later, from any thread.
     *
     * @return whether it was one: then {@code reply} is used exactly once
     */
    boolean serve(String target, CallReply reply);
}
