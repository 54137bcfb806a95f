package orb.host.net;

import io.netty.buffer.ByteBuf;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.message.Message;

/**
 * The peer's questions on one link: bounded in number, received, handed to the role, answered.
 *
 * <p>A question takes its place until it is answered, by the role or by a refusal here, even if the
 * peer has given up: asking and cancelling quickly gains a peer nothing. The link's thread alone
 * uses it, but for {@link #answer}.
 */
final class Inbounds {
    private final Link link;
    private int open;

    Inbounds(Link link) {
        this.link = link;
    }

    /** A question begins to arrive; it is refused at once if too many are under way. */
    void begin(Inbound inbound) {
        int most = link.limits.inboundAsksMax();
        if (++open > most) {
            refuse(inbound, Link.busy(most + " questions are under way already"));
        } else {
            inbound.question = new Gathering(link.memory, DecodeLimits.MESSAGE.bytesMax());
        }
    }

    /** Takes a piece of a question; one that cannot be kept is refused. */
    void gather(Inbound inbound, ByteBuf piece) {
        if (inbound.question != null) {
            Gathering.Added added = inbound.question.add(piece);
            if (added != Gathering.Added.YES) {
                refuse(inbound, Link.why(added));
            }
        }
    }

    /** The question is whole: decodes it and tells the role, or refuses what is no message. */
    void asked(Inbound inbound) {
        Gathering question = inbound.question;
        if (question == null) {
            return; // refused before its end
        }
        inbound.question = null;
        switch (Message.decode(question.finish())) {
            case Result.Ok<Message>(var message) -> link.tell(inbound, message);
            case Result.Refused<Message>(var refusal) -> refuse(inbound, refusal);
        }
    }

    /** The peer no longer waits; the role's answer, when it comes, is dropped. */
    void abandon(Inbound inbound) {
        inbound.awaited = false;
        if (inbound.question != null) { // the role was not told, so it will not answer
            inbound.drop();
            finish(inbound);
        }
    }

    void refuse(Inbound inbound, Refusal refusal) {
        inbound.drop();
        reply(inbound, new Message.Refused(refusal));
    }

    /** Answers a question of the peer; any thread. */
    void answer(Inbound inbound, Message message) {
        link.hand(() -> reply(inbound, message));
    }

    private void reply(Inbound inbound, Message message) {
        if (!finish(inbound) || !inbound.awaited || link.isClosed()) {
            return;
        }
        if (inbound.until - System.nanoTime() < 0) {
            Refusal late = new Refusal(ErrorCode.TIMED_OUT, "the answer came too late");
            link.sendAnswer(inbound, new Message.Refused(late).encoded());
            return;
        }
        Bytes answer = message.encoded();
        if (!link.hasRoomFor(answer.length())) {
            Refusal slow =
                    Link.busy(
                            "an answer of %d bytes has no room behind what was not taken yet"
                                    .formatted(answer.length()));
            answer = new Message.Refused(slow).encoded();
        }
        link.sendAnswer(inbound, answer);
    }

    private boolean finish(Inbound inbound) {
        if (inbound.answered) {
            return false;
        }
        inbound.answered = true;
        open--;
        return true;
    }
}
