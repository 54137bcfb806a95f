/** What a node says in the hash table that all peers hold together, and whom it finds there. */
@org.jspecify.annotations.NullMarked
package orb.node.finding;
