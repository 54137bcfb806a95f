package orb.kernel.message;

import orb.kernel.Bytes;
import orb.kernel.Refusal;
import orb.kernel.Result;

/**
 * What peers say to each other: questions and answers, one answer to each question. The bytes are
 * in {@code docs/protocol/messages.md}.
 */
public sealed interface Message
        permits Membership, Seeding, Calling, Witnessing, Registry, Message.Refused, Message.Done {

    /** The answer to any question that was turned away. */
    record Refused(Refusal refusal) implements Message {}

    /** The answer to a question that needs no other. */
    record Done() implements Message {}

    /** Canonical bytes of this message. */
    default Bytes encoded() {
        return MessageCodec.encode(this);
    }

    /** Reads canonical bytes, strictly; {@code ORB-0001} for anything else. */
    static Result<Message> decode(Bytes bytes) {
        return MessageCodec.decode(bytes);
    }
}
