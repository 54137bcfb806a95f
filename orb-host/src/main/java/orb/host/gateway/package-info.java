/** The data plane's HTTP listener: from bytes to calls of functions, and back. */
@org.jspecify.annotations.NullMarked
package orb.host.gateway;
