/** Whose turn it is when more calls come than a node has places for. */
@org.jspecify.annotations.NullMarked
package orb.node.admission;
