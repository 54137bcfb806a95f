package orb.host.net;

import static orb.kernel.Require.require;

import java.time.Duration;
import orb.kernel.ByteSize;
import orb.kernel.codec.DecodeLimits;

/**
 * Bounds of the links between peers.
 *
 * @param asksOnWireMax own questions under way on one link; further ones wait
 * @param asksWaitingMax own questions that wait on one link; further ones end at once as BUSY
 * @param inboundAsksMax a peer's questions under way on one link; further ones are answered BUSY
 * @param queuedMax bytes on one link that the peer has not taken yet; further questions end as BUSY
 * @param linkMemoryMax bytes of half-received messages of one link
 * @param memoryMax bytes of half-received messages of all links together
 * @param linksMax links at one time, and handshakes at one time
 * @param handshakeMax time from the first packet to a standing link
 * @param pingEvery time between two signs of life
 * @param silentPingsMax a link is dead after this many of these times without a sign
 */
public record TransportLimits(
        int asksOnWireMax,
        int asksWaitingMax,
        int inboundAsksMax,
        ByteSize queuedMax,
        ByteSize linkMemoryMax,
        ByteSize memoryMax,
        int linksMax,
        Duration handshakeMax,
        Duration pingEvery,
        int silentPingsMax) {
    /** What peers run with. */
    public static final TransportLimits DEFAULT =
            new TransportLimits(
                    256,
                    1024,
                    256,
                    ByteSize.mib(48),
                    ByteSize.mib(64),
                    ByteSize.mib(256),
                    10_000,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(2),
                    3);

    public TransportLimits {
        require(asksOnWireMax > 0, "asksOnWireMax must be positive: %d", asksOnWireMax);
        require(asksWaitingMax >= 0, "asksWaitingMax is not negative: %d", asksWaitingMax);
        require(inboundAsksMax > 0, "inboundAsksMax must be positive: %d", inboundAsksMax);
        require(
                queuedMax.bytes() >= DecodeLimits.MESSAGE.bytesMax(),
                "queuedMax must hold the largest message of %d bytes: %s",
                DecodeLimits.MESSAGE.bytesMax(),
                queuedMax);
        require(linksMax > 0, "linksMax must be positive: %d", linksMax);
        require(!handshakeMax.isNegative(), "handshakeMax is not negative: %s", handshakeMax);
        require(pingEvery.toMillis() > 0, "pingEvery is at least 1 ms: %s", pingEvery);
        require(silentPingsMax > 0, "silentPingsMax must be positive: %d", silentPingsMax);
    }
}
