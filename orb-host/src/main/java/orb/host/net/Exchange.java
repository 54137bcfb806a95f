package orb.host.net;

import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.util.concurrent.Future;
import orb.kernel.port.Effect;
import org.jspecify.annotations.Nullable;

/** A question of this peer that is under way on a link; its link's thread alone touches it. */
final class Exchange {
    /** Where a question stands. */
    enum Place {
        WAITING,
        ON_WIRE,
        ENDED
    }

    final long serial;
    final Effect.Ask ask;
    final long until;
    Place place = Place.WAITING;
    @Nullable Http2FrameStream stream;
    @Nullable Future<?> timer;
    @Nullable Gathering answer;

    /** Length that the peer announced for the answer, where it comes on the uplink. */
    int announced;

    /**
     * A question that is not sent yet.
     *
     * @param serial its number on this link
     * @param until when it is too late, on the monotonic clock
     */
    Exchange(long serial, Effect.Ask ask, long until) {
        this.serial = serial;
        this.ask = ask;
        this.until = until;
    }

    /** Ends the timer and forgets what was gathered. */
    void release() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        if (answer != null) {
            answer.drop();
            answer = null;
        }
        place = Place.ENDED;
    }
}
