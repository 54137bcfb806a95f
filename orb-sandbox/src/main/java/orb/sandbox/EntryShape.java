package orb.sandbox;

/** How a module is called, found from what it exports. */
public enum EntryShape {
    /** A WASI preview 1 program: request in the environment and stdin, response on stdout. */
    COMMAND,
    /** Exports {@code alloc} and {@code handle}: body in, body out, without WASI's detour. */
    HANDLER,
    /** Byte code for the platform's script engine. */
    SCRIPT
}
