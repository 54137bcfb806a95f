/** From a function's folder to an executable, and running one without a swarm. */
@org.jspecify.annotations.NullMarked
package orb.cli.workshop;
