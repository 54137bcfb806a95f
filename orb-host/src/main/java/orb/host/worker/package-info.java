/** Worker processes: what runs functions, behind every wall that this machine offers. */
@org.jspecify.annotations.NullMarked
package orb.host.worker;
