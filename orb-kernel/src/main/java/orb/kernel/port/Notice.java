package orb.kernel.port;

import java.time.Instant;

/**
 * Something that happened and that a person following along may want to see.
 *
 * @param at when
 * @param kind dotted, such as {@code function.available}
 * @param subject what it is about: a function's name, a peer, a call
 * @param detail one line
 */
public record Notice(Instant at, String kind, String subject, String detail) {}
