/** What the operating system says that processes use. */
@org.jspecify.annotations.NullMarked
package orb.host.usage;
