/** The node's part in keeping one history: it remembers what it was shown, and compares. */
@org.jspecify.annotations.NullMarked
package orb.node.witness;
