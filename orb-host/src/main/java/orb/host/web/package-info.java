/** The control plane's listener: routes, errors and streams over Helidon. */
@org.jspecify.annotations.NullMarked
package orb.host.web;
