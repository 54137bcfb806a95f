/** The hash table of a real peer: its pure step, its network, and the thread between them. */
@org.jspecify.annotations.NullMarked
package orb.cli.dht;
