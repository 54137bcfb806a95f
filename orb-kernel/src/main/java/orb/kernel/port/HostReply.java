package orb.kernel.port;

import static orb.kernel.Require.require;

import orb.kernel.Bytes;
import orb.kernel.Refusal;
import orb.kernel.Response;

/** What a node answers to a {@link HostCall}. */
public sealed interface HostReply {
    /** The value or secret, at most {@link HostCall#VALUE_MAX}. */
    record Found(Bytes value) implements HostReply {
        public Found {
            require(
                    value.length() <= HostCall.VALUE_MAX,
                    "a value has at most %d bytes, not %d",
                    HostCall.VALUE_MAX,
                    value.length());
        }
    }

    /** There is nothing under the key. */
    record Missing() implements HostReply {}

    /** It is done, and survives the node's end. */
    record Done() implements HostReply {}

    /** What the other end answered; its body has at most {@link HostCall#BODY_MAX}. */
    record Answered(Response response) implements HostReply {
        public Answered {
            require(
                    response.body().length() <= HostCall.BODY_MAX,
                    "a body has at most %d bytes, not %d",
                    HostCall.BODY_MAX,
                    response.body().length());
        }
    }

    /** It was not done, or nobody knows whether. */
    record Refused(Refusal refusal) implements HostReply {}
}
