/**
 * The hash table that all peers hold together: which signed records lie where, and how they are
 * found.
 */
@org.jspecify.annotations.NullMarked
package orb.overlay.dht;
