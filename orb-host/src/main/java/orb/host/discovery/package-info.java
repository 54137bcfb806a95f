/** The network in which peers ask each other about the hash table: discv5, and nothing else. */
@org.jspecify.annotations.NullMarked
package orb.host.discovery;
