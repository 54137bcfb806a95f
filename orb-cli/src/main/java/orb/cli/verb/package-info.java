/** The verbs, a file a group. */
@org.jspecify.annotations.NullMarked
package orb.cli.verb;
