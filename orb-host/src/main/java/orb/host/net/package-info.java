/** Links between peers and the gateway for HTTP callers, over Netty. */
@org.jspecify.annotations.NullMarked
package orb.host.net;
