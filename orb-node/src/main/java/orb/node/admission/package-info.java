/** What a node takes: which functions of others, and whose turn it is when all places are taken. */
@org.jspecify.annotations.NullMarked
package orb.node.admission;
