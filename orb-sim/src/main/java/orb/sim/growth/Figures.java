package orb.sim.growth;

import java.time.Duration;

/**
 * What was measured of one swarm. All but {@link #cost} follows from the size, its seed and the
 * lengths of the run.
 *
 * @param lookups of peers' records by peers that both were drawn by chance
 * @param nodes what one node sends
 * @param trackers what one tracker sends
 * @param places what peers keep
 * @param cost what the simulation took of this machine
 */
record Figures(Size size, Lookups lookups, Load nodes, Load trackers, Places places, Cost cost) {
    /**
     * How records were found.
     *
     * @param asked lookups that were made
     * @param found of them those that found the newest record of the peer
     * @param hops peers between asker and record
     * @param questions of one lookup
     * @param millis from the question to the end of the search, simulated
     */
    record Lookups(int asked, int found, Spread hops, Spread questions, Spread millis) {}

    /**
     * What peers of one kind send in a second.
     *
     * @param messages over links and in the hash table
     * @param bytes of them, encoded
     * @param tableMessages those of the hash table, mean
     * @param tableBytes of those, mean
     */
    record Load(Spread messages, Spread bytes, double tableMessages, double tableBytes) {}

    /**
     * What one peer keeps.
     *
     * @param known peers that its part of the hash table can ask
     * @param items of others
     * @param nodeLinks links of a node
     * @param trackerLinks links of a tracker
     * @param alone nodes without a link to a tracker
     */
    record Places(Spread known, Spread items, Spread nodeLinks, Spread trackerLinks, long alone) {}

    /**
     * Not the same in each run.
     *
     * @param heapPerPeer bytes of heap in use once the swarm has settled, by its peers
     * @param wall time that the run took
     */
    record Cost(long heapPerPeer, Duration wall) {}

    /** The same, but for what the machine took. */
    Figures withoutCost() {
        return new Figures(size, lookups, nodes, trackers, places, new Cost(0, Duration.ZERO));
    }
}
