package orb.node;

import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Message;

/** What became of a question to a peer. */
sealed interface Answer {
    /** The peer said this. */
    record Said(Message message) implements Answer {}

    /** The peer turned it away, so nothing was done. */
    record Refused(Refusal refusal) implements Answer {}

    /** No answer came; whether anything was done is unknown. */
    record Lost(Refusal refusal) implements Answer {}

    /** What the peer said, if it is of the kind that answers the question. */
    default <T extends Message> Result<T> as(Class<T> kind) {
        return switch (this) {
            case Said(var message) when kind.isInstance(message) -> Result.ok(kind.cast(message));
            case Said(var message) ->
                    Result.refused(
                            ErrorCode.MALFORMED_BYTES,
                            "the peer answered with "
                                    + message.getClass().getSimpleName()
                                    + " where "
                                    + kind.getSimpleName()
                                    + " was due");
            case Refused(var refusal) -> Result.refused(refusal);
            case Lost(var refusal) -> Result.refused(refusal);
        };
    }
}
