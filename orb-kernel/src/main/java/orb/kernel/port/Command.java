package orb.kernel.port;

/** Something a person or program on this machine asks of a role; each role seals its own set. */
public interface Command {}
