/** Swarms of up to thousands of peers, simulated for what they send, find and keep. */
package orb.sim.growth;
