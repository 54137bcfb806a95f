/** Trackers of different owners agree on one order that nobody commands. */
@org.jspecify.annotations.NullMarked
package orb.host.hashgraph;
