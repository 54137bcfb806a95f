/** A whole swarm on one machine: up, down, demo. */
@org.jspecify.annotations.NullMarked
package orb.cli.swarm;
