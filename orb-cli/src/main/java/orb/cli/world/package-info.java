/** The real world around a role: wiring, ports, processes. */
@org.jspecify.annotations.NullMarked
package orb.cli.world;
