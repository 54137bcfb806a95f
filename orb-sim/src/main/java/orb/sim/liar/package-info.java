/** Roles that break the protocol, for tests in both worlds. */
@org.jspecify.annotations.NullMarked
package orb.sim.liar;
