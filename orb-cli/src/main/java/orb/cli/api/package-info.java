/** Operations under /v1: HTTP in, commands to a role, JSON out. */
@org.jspecify.annotations.NullMarked
package orb.cli.api;
