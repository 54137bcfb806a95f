package orb.kernel.port;

import java.util.List;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;

/**
 * How one run reaches what its node grants it: one call at a time. What is granted is checked
 * behind it, never by the one who asks. Used by one thread at a time.
 */
public interface HostCalls {
    /** Of a run that was granted nothing and is told so. */
    HostCalls NONE =
            call ->
                    new HostReply.Refused(
                            new Refusal(
                                    ErrorCode.NOT_GRANTED,
                                    "this run was granted no capability",
                                    "name it under capabilities in orb.yaml"));

    /**
     * Does it and waits for it; refusals are replies.
     *
     * @throws InterruptedException if the thread is interrupted because the run's time is up
     */
    HostReply call(HostCall call) throws InterruptedException;

    /** What was denied so far, for {@link RunFacts#denied}. */
    default List<Denial> denied() {
        return List.of();
    }
}
