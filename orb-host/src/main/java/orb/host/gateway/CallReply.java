package orb.host.gateway;

import java.util.List;
import orb.kernel.Header;
import orb.kernel.Refusal;
import orb.kernel.Response;

/**
 * Answers one call at the gateway; the first answer counts, later ones are dropped. Thread-safe.
 */
public interface CallReply {
    /**
     * Sends what the function answered. Its headers that concern the connection, and those that
     * begin with {@code x-orb-}, are dropped: only the peer itself speaks in {@code own}.
     */
    void send(Response response, List<Header> own);

    /** Sends an error as JSON with the status of its code. */
    void refuse(Refusal refusal, List<Header> own);

    default void send(Response response) {
        send(response, List.of());
    }

    default void refuse(Refusal refusal) {
        refuse(refusal, List.of());
    }
}
