/** The {@code orb} command: parses words, asks an API, or wires the real world around a role. */
@org.jspecify.annotations.NullMarked
package orb.cli;
