/** How programs that know nothing of Orb see a call: by the common gateway interface. */
@org.jspecify.annotations.NullMarked
package orb.kernel.cgi;
