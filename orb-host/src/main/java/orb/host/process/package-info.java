/**
 * The second tier: native programs, one process for each call, behind the same walls as workers.
 * What they do is not the same on every machine, and says so.
 */
@org.jspecify.annotations.NullMarked
package orb.host.process;
