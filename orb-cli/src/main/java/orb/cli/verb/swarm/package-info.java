/** The swarm as a whole: who is in it, what they have, how they come and go. */
@org.jspecify.annotations.NullMarked
package orb.cli.verb.swarm;
