package orb.kernel.port;

/** What a role answers to a {@link Command}; each role seals its own set. */
public interface Reply {}
