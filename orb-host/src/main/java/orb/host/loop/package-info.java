/** The real world around a role: its one thread, its mailbox, clock, discovery and desk. */
@org.jspecify.annotations.NullMarked
package orb.host.loop;
