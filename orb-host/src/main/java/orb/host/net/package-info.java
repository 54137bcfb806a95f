/** Links between peers: TLS with proved keys, reverse HTTP/2, questions both ways. */
@org.jspecify.annotations.NullMarked
package orb.host.net;
