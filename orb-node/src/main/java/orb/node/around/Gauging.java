package orb.node.around;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.Supplier;
import orb.kernel.Bytes;
import orb.kernel.NodeId;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.overlay.Bandwidth;

/**
 * Measures how much the way to a tracker carries, by sending and fetching {@link
 * Membership#GAUGE_MAX} bytes.
 *
 * <p>Questions go one after the other: empty ones for the round trip, then those that carry. The
 * fastest of {@link #TRIALS} counts, since whatever else uses the way only makes it slower. So the
 * figure is a lower bound, of one connection, in its first half megabyte. Not thread-safe.
 */
final class Gauging {
    private static final int TRIALS = 3;
    private static final Bytes PAYLOAD = Bytes.wrap(new byte[Membership.GAUGE_MAX]);

    private final Asking asking;
    private final Supplier<Instant> clock;
    private final Consumer<Bandwidth> measured;
    private boolean isUnderWay;

    /** Asks a linked tracker; {@code then} gets a refusal where no answer comes. */
    interface Asking {
        void ask(NodeId tracker, Membership question, Consumer<Message> then);
    }

    /** The best of each kind so far. */
    private record Best(Duration roundTrip, Duration up, Duration down) {
        private static final Duration LONG = Duration.ofDays(1);
        static final Best NONE = new Best(LONG, LONG, LONG);

        Bandwidth bandwidth() {
            return new Bandwidth(
                    Bandwidth.rate(Membership.GAUGE_MAX, up, roundTrip),
                    Bandwidth.rate(Membership.GAUGE_MAX, down, roundTrip));
        }
    }

    Gauging(Asking asking, Supplier<Instant> clock, Consumer<Bandwidth> measured) {
        this.asking = asking;
        this.clock = clock;
        this.measured = measured;
    }

    /** Begins to measure, unless it is at it. */
    void begin(NodeId tracker) {
        if (!isUnderWay) {
            isUnderWay = true;
            next(tracker, 0, Best.NONE);
        }
    }

    private void next(NodeId tracker, int trial, Best best) {
        int kind = trial / TRIALS;
        if (kind == 3) {
            isUnderWay = false;
            measured.accept(best.bandwidth());
            return;
        }
        Bytes payload = kind == 1 ? PAYLOAD : Bytes.EMPTY;
        int wanted = kind == 2 ? Membership.GAUGE_MAX : 0;
        Instant asked = clock.get();
        asking.ask(
                tracker,
                new Membership.Gauge(payload, wanted),
                answer -> {
                    if (answer instanceof Membership.Gauged(var carried)
                            && carried.length() == wanted) {
                        Duration took = Duration.between(asked, clock.get());
                        next(tracker, trial + 1, better(best, kind, took));
                    } else { // it has no time for this, or is gone
                        isUnderWay = false;
                    }
                });
    }

    private static Best better(Best best, int kind, Duration took) {
        return switch (kind) {
            case 0 -> new Best(least(best.roundTrip, took), best.up, best.down);
            case 1 -> new Best(best.roundTrip, least(best.up, took), best.down);
            default -> new Best(best.roundTrip, best.up, least(best.down, took));
        };
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
