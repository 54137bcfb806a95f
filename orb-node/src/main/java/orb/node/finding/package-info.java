/** What a node says in the hash table that all peers hold together. */
@org.jspecify.annotations.NullMarked
package orb.node.finding;
