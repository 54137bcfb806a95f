package orb.node;

import static orb.kernel.Require.require;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import orb.kernel.Address;
import orb.kernel.ByteSize;
import orb.kernel.Credits;
import orb.ledger.Genesis;
import orb.node.admission.SeedPolicy;
import orb.overlay.Assurance;
import orb.overlay.Capabilities;

/**
 * All that a node is told at its start, and every bound that it keeps.
 *
 * @param genesis what the swarm agreed on; its digest is the swarm's id
 * @param self what it says of itself to others
 * @param policy which functions of others it takes
 * @param places how many invocations it runs and lets wait
 * @param waits how long it waits for what
 * @param bounds how much it keeps
 */
public record NodeConfig(
        Genesis genesis, Self self, SeedPolicy policy, Places places, Waits waits, Bounds bounds) {
    /**
     * What a node says of itself.
     *
     * @param program name and version of the program, for people, at most 64 characters
     * @param listen where other nodes can dial this one, empty if nowhere
     * @param capabilities what its machine was measured to have
     * @param assurance how far it has proved what it is
     */
    public record Self(
            String program,
            Optional<Address> listen,
            Capabilities capabilities,
            Assurance assurance) {
        public Self {
            require(program.length() <= 64, "a program's name has at most 64 characters");
        }
    }

    /**
     * Admission of invocations.
     *
     * @param capacity invocations that run at once, 1..4,096
     * @param queueMax invocations that wait for a place, 0..65,536
     * @param waitMax how long one waits before it is refused as BUSY
     * @param yields whether all are refused as BUSY while other programs use the machine
     */
    public record Places(int capacity, int queueMax, Duration waitMax, boolean yields) {
        /** From this share of all processors on, in thousandths, others use the machine. */
        public static final int BUSY_PERMILLE = 300;

        /** Below this share they do not, once it has lasted for {@link #CALM}. */
        public static final int CALM_PERMILLE = 150;

        public static final Duration CALM = Duration.ofSeconds(10);

        /** Places that do not yield. */
        public Places(int capacity, int queueMax, Duration waitMax) {
            this(capacity, queueMax, waitMax, false);
        }

        public Places {
            require(capacity >= 1 && capacity <= 4096, "capacity is 1..4096, not %d", capacity);
            require(queueMax >= 0 && queueMax <= 65_536, "queueMax is 0..65536, not %d", queueMax);
            requirePositive(waitMax, "waitMax");
        }
    }

    /**
     * Times.
     *
     * @param beat between two heartbeats to a tracker
     * @param answer for an ordinary answer of a peer
     * @param deploy for the tracker's answer to a deploy, which includes its own run
     * @param call for a whole call made from here, whatever it meets on its way
     * @param batch until receipts are signed, and until vouchers are given, at the latest
     * @param save between two saves of the statistics: what a crash can lose of them
     * @param backOffMin first pause before a tracker is dialled again
     * @param backOffMax longest pause
     */
    public record Waits(
            Duration beat,
            Duration answer,
            Duration deploy,
            Duration call,
            Duration batch,
            Duration save,
            Duration backOffMin,
            Duration backOffMax) {
        public static final Waits STANDARD =
                new Waits(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(120),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(3),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(10));

        public Waits {
            for (Duration wait : List.of(beat, answer, deploy, call, batch, save, backOffMin)) {
                requirePositive(wait, "every wait");
            }
            require(
                    backOffMax.compareTo(backOffMin) >= 0,
                    "backOffMax %s is below backOffMin %s",
                    backOffMax,
                    backOffMin);
        }
    }

    /**
     * What is kept at most.
     *
     * @param seedsMax functions served at once, those seeded by hand included
     * @param functionsMax functions whose counters and log lines are kept
     * @param samplesMax run times per function that percentiles are taken of
     * @param logLinesMax log lines per function
     * @param factsMax registry rows remembered for calls
     * @param paidReceiptsMax receipts of paid calls whose proof can still be given
     * @param freeReceiptsMax the same for free calls of one's own functions
     * @param lanesMax payment lanes, as host and as payer each
     * @param peersMax peers remembered
     * @param trackersMax trackers linked at once, of which one is followed
     * @param neighboursMax other nodes dialled
     * @param questionsMax questions to peers without an answer yet
     * @param entriesMax entries of one key that wait to be recorded
     * @param transfersMax executables fetched at once
     * @param trailMax notices of the functions' trail
     * @param channelAmount what is set aside when a channel for calls is opened or used up
     */
    public record Bounds(
            int seedsMax,
            int functionsMax,
            int samplesMax,
            int logLinesMax,
            int factsMax,
            int paidReceiptsMax,
            int freeReceiptsMax,
            int lanesMax,
            int peersMax,
            int trackersMax,
            int neighboursMax,
            int questionsMax,
            int entriesMax,
            int transfersMax,
            int trailMax,
            Credits channelAmount) {
        public static final Bounds STANDARD =
                new Bounds(
                        256,
                        1024,
                        1000,
                        200,
                        1024,
                        65_536,
                        4096,
                        4096,
                        256,
                        4,
                        2,
                        8192,
                        1024,
                        2,
                        4096,
                        Credits.whole(10));

        public Bounds {
            for (int bound :
                    List.of(
                            seedsMax,
                            functionsMax,
                            samplesMax,
                            logLinesMax,
                            factsMax,
                            paidReceiptsMax,
                            freeReceiptsMax,
                            lanesMax,
                            peersMax,
                            trackersMax,
                            neighboursMax,
                            questionsMax,
                            entriesMax,
                            transfersMax,
                            trailMax)) {
                require(bound >= 1, "every bound is at least 1, not %d", bound);
            }
            require(
                    channelAmount.compareTo(Credits.ZERO) > 0,
                    "channelAmount is above zero, not %s",
                    channelAmount);
        }
    }

    /** The standard bounds: two places for each processor, and whatever fits is seeded. */
    public static NodeConfig standard(Genesis genesis, Self self) {
        return new NodeConfig(
                genesis,
                self,
                new SeedPolicy.Auto(self.capabilities().memory(), ByteSize.mib(16), List.of(), 64),
                new Places(2 * self.capabilities().cpus(), 512, Duration.ofSeconds(2)),
                Waits.STANDARD,
                Bounds.STANDARD);
    }

    /** The same with another policy. */
    public NodeConfig with(SeedPolicy other) {
        return new NodeConfig(genesis, self, other, places, waits, bounds);
    }

    /** The same with other places. */
    public NodeConfig with(Places other) {
        return new NodeConfig(genesis, self, policy, other, waits, bounds);
    }

    /** The same with other bounds. */
    public NodeConfig with(Bounds other) {
        return new NodeConfig(genesis, self, policy, places, waits, other);
    }

    private static void requirePositive(Duration wait, String what) {
        require(wait.toMillis() >= 1, "%s is at least a millisecond, not %s", what, wait);
    }
}
