package orb.host.net;

import io.netty.handler.codec.http2.Http2FrameStream;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A peer's question that is being received or answered; its link's thread alone touches it. */
final class Inbound {
    final Link link;

    /** Names the question on the wire: the HTTP/2 stream, or the exchange on the uplink. */
    final long wire;

    /** When the peer no longer waits, on the monotonic clock. */
    final long until;

    /** The stream of a question that came on its own. */
    @Nullable Http2FrameStream stream;

    /** What has arrived; null once the question is whole, or is not to be kept. */
    @Nullable Gathering question;

    /** Length that the peer announced for it; on a stream of its own the stream's end tells. */
    int announced;

    /** Whether all of it has arrived. */
    boolean whole;

    /** Whether the peer still waits for the answer. */
    boolean awaited = true;

    /** Whether an answer was handed over already, such as a refusal before the question's end. */
    boolean answered;

    Inbound(Link link, long wire, long timeoutMillis) {
        this.link = link;
        this.wire = wire;
        until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    }

    void drop() {
        if (question != null) {
            question.drop();
            question = null;
        }
    }
}
