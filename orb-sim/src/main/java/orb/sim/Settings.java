package orb.sim;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import orb.kernel.Address;
import orb.kernel.ByteSize;
import orb.kernel.Credits;
import orb.ledger.Genesis;
import orb.node.NodeConfig;
import orb.overlay.Assurance;
import orb.overlay.Bandwidth;
import orb.overlay.Capabilities;
import orb.tracker.TrackerConfig;

/**
 * What the peers of a simulated swarm are told at their start. Times are shorter than usual where
 * more happens for it; in a scarce swarm there is little of everything, so that bounds are met.
 */
final class Settings {
    /** A settlement epoch; vouchers are settled within two of them. */
    static final Duration EPOCH = Duration.ofSeconds(5);

    private static final Duration LEFT_OUT = Duration.ofSeconds(5);
    private static final Capabilities SMALL =
            new Capabilities(2, ByteSize.mib(512), Bandwidth.UNKNOWN, List.of());

    private final boolean isScarce;

    Settings(Scenario scenario) {
        isScarce = scenario.isScarce();
    }

    /** As standard, but settled often and with cheap identities. */
    Genesis genesis() {
        Genesis standard = Genesis.standard("simulated");
        return new Genesis(
                standard.name(),
                standard.pricing(),
                standard.plans(),
                standard.grant(),
                new Genesis.Gates(Duration.ofHours(1), 100, 1_000, 4),
                EPOCH);
    }

    /** What an owner sets aside for a function that it sponsors. */
    Credits allocation() {
        return isScarce ? new Credits(3_000) : Credits.whole(5);
    }

    /** As standard, but for hosts that lied: they come back soon, so that more happens to them. */
    TrackerConfig tracker(Address address) {
        TrackerConfig.Waits waits = TrackerConfig.Waits.STANDARD;
        TrackerConfig ample =
                TrackerConfig.standard("", true, List.of(address), SMALL)
                        .with(
                                new TrackerConfig.Waits(
                                        waits.sweep(),
                                        waits.answer(),
                                        waits.call(),
                                        waits.deploy(),
                                        waits.order(),
                                        waits.voucher(),
                                        LEFT_OUT));
        return isScarce ? ample.with(few(ample.bounds())) : ample;
    }

    private static TrackerConfig.Bounds few(TrackerConfig.Bounds ample) {
        int questionsMax = 64;
        int callsMax = 8;
        long callBytesMax = 1_000;
        int triesMax = 2;
        int callersMax = 2;
        int recentMax = 64;
        int deploysMax = 1;
        int entriesMax = 4;
        long entryBytesMax = 2_048;
        int fetchesMax = 2;
        long artefactBytesMax = 100;
        return new TrackerConfig.Bounds(
                ample.membersMax(),
                ample.peersMax(),
                questionsMax,
                callsMax,
                callBytesMax,
                triesMax,
                callersMax,
                recentMax,
                deploysMax,
                entriesMax,
                entryBytesMax,
                ample.noticesMax(),
                fetchesMax,
                artefactBytesMax,
                ample.lanesMax());
    }

    NodeConfig node(Genesis genesis, Address address) {
        NodeConfig ample =
                NodeConfig.standard(
                        genesis,
                        new NodeConfig.Self("orb-sim", Optional.of(address), SMALL, Assurance.L0));
        NodeConfig.Places onePlace = new NodeConfig.Places(1, 1, Duration.ofMillis(20));
        return isScarce ? ample.with(onePlace).with(few(ample.bounds())) : ample;
    }

    private static NodeConfig.Bounds few(NodeConfig.Bounds ample) {
        int seedsMax = 2;
        int functionsMax = 2;
        int samplesMax = 10;
        int logLinesMax = 2;
        int factsMax = 1;
        int paidReceiptsMax = 128;
        int freeReceiptsMax = 16;
        int lanesMax = 3;
        int peersMax = 4;
        int questionsMax = 32;
        int entriesMax = 4;
        int transfersMax = 1;
        int trailMax = 16;
        return new NodeConfig.Bounds(
                seedsMax,
                functionsMax,
                samplesMax,
                logLinesMax,
                factsMax,
                paidReceiptsMax,
                freeReceiptsMax,
                lanesMax,
                peersMax,
                ample.trackersMax(),
                ample.neighboursMax(),
                questionsMax,
                entriesMax,
                transfersMax,
                trailMax,
                new Credits(1_000));
    }
}
