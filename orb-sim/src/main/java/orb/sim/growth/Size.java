package orb.sim.growth;

import static orb.kernel.Require.require;

/**
 * How large a swarm is, and which of all such swarms.
 *
 * @param nodes 2..100,000
 * @param trackers 1..31
 * @param seed where all chance comes from
 */
record Size(int nodes, int trackers, long seed) {
    static final int NODES_MAX = 100_000;
    static final int TRACKERS_MAX = 31;

    Size {
        require(
                nodes >= 2 && nodes <= NODES_MAX,
                "a swarm has 2..%d nodes, not %d",
                NODES_MAX,
                nodes);
        require(
                trackers >= 1 && trackers <= TRACKERS_MAX,
                "a swarm has 1..%d trackers, not %d",
                TRACKERS_MAX,
                trackers);
    }

    @Override
    public String toString() {
        return nodes + " nodes, " + trackers + " trackers";
    }
}
