/** What a node says in the hash table that all peers hold together, and how it searches it. */
@org.jspecify.annotations.NullMarked
package orb.node.finding;
