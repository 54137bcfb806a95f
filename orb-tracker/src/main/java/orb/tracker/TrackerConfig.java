package orb.tracker;

import static orb.kernel.Require.require;

import java.time.Duration;
import java.util.List;
import orb.kernel.Address;
import orb.kernel.identity.PublicKey;
import orb.overlay.Capabilities;
import orb.overlay.PeerRecord;
import orb.overlay.Presence;

/**
 * All that a tracker is told at its start, and every bound that it keeps.
 *
 * @param domain its public domain name; may be empty for development alone
 * @param dev whether it was started without a public domain; marked in its record and status
 * @param base what stands before the paths of its function endpoints, such as {@code
 *     https://orb.example}; empty leaves URLs as paths
 * @param addresses where nodes reach it, at least one
 * @param capabilities what its machine was measured to have
 * @param presence when a silent node counts as suspect and dead
 * @param waits how long it waits for what
 * @param bounds how much it keeps and does at once
 * @param roster keys of the trackers that order entries together, this one's among them; empty for
 *     a tracker that orders alone
 */
public record TrackerConfig(
        String domain,
        boolean dev,
        String base,
        List<Address> addresses,
        Capabilities capabilities,
        Presence.Timeouts presence,
        Waits waits,
        Bounds bounds,
        List<PublicKey> roster) {
    public TrackerConfig {
        require(
                dev || !domain.isEmpty(),
                "a tracker has a public domain name: give one, or start it for development");
        require(
                !addresses.isEmpty() && addresses.size() <= PeerRecord.ADDRESSES_MAX,
                "a tracker names 1..%d addresses, not %d",
                PeerRecord.ADDRESSES_MAX,
                addresses.size());
        addresses = List.copyOf(addresses);
        roster = List.copyOf(roster);
    }

    /**
     * Times.
     *
     * @param sweep between two looks at silent nodes and overdue work
     * @param answer for an ordinary answer of a node
     * @param call for a whole call, whatever its caller allows
     * @param deploy for a whole deploy, with the trial run
     * @param order until an entry is ordered
     * @param voucher until a call's voucher is given, at the latest
     * @param leftOut how long a host gets no calls after an answer that cannot be right
     */
    public record Waits(
            Duration sweep,
            Duration answer,
            Duration call,
            Duration deploy,
            Duration order,
            Duration voucher,
            Duration leftOut) {
        public static final Waits STANDARD =
                new Waits(
                        Duration.ofMillis(500),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(100),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(60));

        public Waits {
            for (Duration wait : List.of(sweep, answer, call, deploy, order, voucher, leftOut)) {
                require(wait.toMillis() >= 1, "every wait is at least 1 ms, not %s", wait);
            }
        }
    }

    /**
     * What is kept and done at most.
     *
     * @param membersMax nodes that are linked and welcome at once
     * @param peersMax peers that are remembered
     * @param questionsMax questions to nodes that wait for answers
     * @param callsMax calls under way
     * @param callBytesMax bytes of requests of the calls under way
     * @param triesMax hosts that one call is given to
     * @param callersMax askers that wait for one call
     * @param recentMax calls whose host is remembered for finding their proof
     * @param deploysMax deploys under way
     * @param entriesMax entries that wait for their place in the log
     * @param entryBytesMax bytes of the newest entries that are kept for {@code FindEntry}
     * @param noticesMax functions that a node is told of when it comes or returns, the newest ones
     * @param fetchesMax chunks of artefacts that wait for the disk
     * @param artefactBytesMax bytes of artefacts that are held in memory
     * @param lanesMax lanes whose vouchers this tracker signs
     */
    public record Bounds(
            int membersMax,
            int peersMax,
            int questionsMax,
            int callsMax,
            long callBytesMax,
            int triesMax,
            int callersMax,
            int recentMax,
            int deploysMax,
            int entriesMax,
            long entryBytesMax,
            int noticesMax,
            int fetchesMax,
            long artefactBytesMax,
            int lanesMax) {
        public static final Bounds STANDARD =
                new Bounds(
                        10_000,
                        100_000,
                        50_000,
                        10_000,
                        256L << 20,
                        3,
                        8,
                        100_000,
                        4,
                        10_000,
                        64L << 20,
                        1_000,
                        1_000,
                        64L << 20,
                        100_000);

        public Bounds {
            for (long bound :
                    List.of(
                            (long) membersMax,
                            (long) peersMax,
                            (long) questionsMax,
                            (long) callsMax,
                            callBytesMax,
                            (long) triesMax,
                            (long) callersMax,
                            (long) recentMax,
                            (long) deploysMax,
                            (long) entriesMax,
                            entryBytesMax,
                            (long) noticesMax,
                            (long) fetchesMax,
                            artefactBytesMax,
                            (long) lanesMax)) {
                require(bound >= 1, "every bound is at least 1, not %d", bound);
            }
        }
    }

    /** The standard bounds and times. */
    public static TrackerConfig standard(
            String domain, boolean dev, List<Address> addresses, Capabilities capabilities) {
        return new TrackerConfig(
                domain,
                dev,
                "",
                addresses,
                capabilities,
                Presence.Timeouts.DEFAULT,
                Waits.STANDARD,
                Bounds.STANDARD,
                List.of());
    }

    /** The same as one of these trackers. */
    public TrackerConfig among(List<PublicKey> trackers) {
        return new TrackerConfig(
                domain, dev, base, addresses, capabilities, presence, waits, bounds, trackers);
    }

    /** The same with other bounds. */
    public TrackerConfig with(Bounds other) {
        return new TrackerConfig(
                domain, dev, base, addresses, capabilities, presence, waits, other, roster);
    }

    /** The same with other times. */
    public TrackerConfig with(Waits other) {
        return new TrackerConfig(
                domain, dev, base, addresses, capabilities, presence, other, bounds, roster);
    }

    /** The same with function endpoints at a base URL without a slash at its end. */
    public TrackerConfig at(String url) {
        return new TrackerConfig(
                domain, dev, url, addresses, capabilities, presence, waits, bounds, roster);
    }
}
