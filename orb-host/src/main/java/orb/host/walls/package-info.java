/** The walls around programs that run for strangers: found out, built, and taken down again. */
@org.jspecify.annotations.NullMarked
package orb.host.walls;
