/**
 * What a node sees around it: links, who is said to be here, how much the way to trackers carries.
 */
@org.jspecify.annotations.NullMarked
package orb.node.around;
