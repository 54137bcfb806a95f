package orb.node;

/**
 * What the concerns of a node share: the step under way and the ways out of it.
 *
 * @param turn time, chance and effects of the step
 * @param questions to peers
 * @param joining links to trackers and other nodes
 * @param artefacts executables on this machine
 * @param runs places for invocations
 * @param trail what happened to functions
 */
record Parts(
        Turn turn,
        Questions questions,
        Joining joining,
        Artefacts artefacts,
        Runs runs,
        Trail trail) {}
