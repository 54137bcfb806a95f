/** The simulated world: seeded time, a network and disks that misbehave, and who watches. */
@org.jspecify.annotations.NullMarked
package orb.sim;
