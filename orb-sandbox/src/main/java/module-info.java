/** Runs one WebAssembly function within fuel, memory and time. */
@org.jspecify.annotations.NullMarked
module orb.sandbox {
    requires transitive orb.kernel;
    requires static org.jspecify;
    requires run.endive.compiler;
    requires run.endive.runtime;
    requires run.endive.wasm;

    exports orb.sandbox;
}
