package orb.host.gateway;

import static orb.kernel.Require.require;

import java.time.Duration;
import orb.kernel.ByteSize;
import orb.kernel.Request;

/**
 * Bounds of the HTTP listener.
 *
 * @param connectionsMax connections at one time; one more is answered 503 and closed
 * @param headMax bytes of a request line with all headers
 * @param bodiesMax bytes of all bodies that are being received
 * @param idleMax how long a connection may wait for its next request
 * @param headTimeMax time from a request's first byte to the end of its headers
 * @param bodyPauseMax longest pause inside a body
 * @param bodyTimeMax time for a whole body
 * @param replyMax time for a call, and for the caller to take its answer
 */
public record GatewayLimits(
        int connectionsMax,
        ByteSize headMax,
        ByteSize bodiesMax,
        Duration idleMax,
        Duration headTimeMax,
        Duration bodyPauseMax,
        Duration bodyTimeMax,
        Duration replyMax) {
    /** What peers run with. */
    public static final GatewayLimits DEFAULT =
            new GatewayLimits(
                    10_000,
                    ByteSize.kib(32),
                    ByteSize.mib(256),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(330));

    private static final Duration TICK_MIN = Duration.ofMillis(10);
    private static final Duration TICK_MAX = Duration.ofSeconds(5);

    public GatewayLimits {
        require(connectionsMax > 0, "connectionsMax must be positive: %d", connectionsMax);
        require(
                headMax.bytes() >= 1024 && headMax.bytes() <= 1 << 20,
                "headMax is 1 KiB..1 MiB, not %s",
                headMax);
        require(
                bodiesMax.bytes() >= Request.BODY_MAX,
                "bodiesMax must hold one body of %d bytes: %s",
                Request.BODY_MAX,
                bodiesMax);
        require(idleMax.isPositive(), "idleMax must be positive: %s", idleMax);
        require(headTimeMax.isPositive(), "headTimeMax must be positive: %s", headTimeMax);
        require(bodyPauseMax.isPositive(), "bodyPauseMax must be positive: %s", bodyPauseMax);
        require(bodyTimeMax.isPositive(), "bodyTimeMax must be positive: %s", bodyTimeMax);
        require(replyMax.isPositive(), "replyMax must be positive: %s", replyMax);
    }

    /** How often a connection looks at the time; a bound is kept to within this. */
    Duration tick() {
        Duration least = idleMax;
        for (Duration bound : new Duration[] {headTimeMax, bodyPauseMax, bodyTimeMax, replyMax}) {
            least = bound.compareTo(least) < 0 ? bound : least;
        }
        Duration half = least.dividedBy(2);
        if (half.compareTo(TICK_MIN) < 0) {
            return TICK_MIN;
        }
        return half.compareTo(TICK_MAX) > 0 ? TICK_MAX : half;
    }
}
