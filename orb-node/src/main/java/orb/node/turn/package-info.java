/** What the parts of a node share within one step: its time, its effects, its questions. */
@org.jspecify.annotations.NullMarked
package orb.node.turn;
