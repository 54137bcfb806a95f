package orb.host.build;

import orb.kernel.Bytes;
import orb.kernel.Digest;

/** What a build gave. */
public sealed interface Built {
    Digest source();

    /** A WebAssembly module. */
    record Wasm(Digest source, Bytes module) implements Built {}

    /** A native program, for entry {@code process}. */
    record Program(Digest source, Bytes program) implements Built {}

    /** A script whose names are shortened; the sandbox compiles it to bytecode. */
    record Script(Digest source, ShortScript script) implements Built {}
}
