/** Runs one WebAssembly function within fuel, memory and time. */
@org.jspecify.annotations.NullMarked
module orb.sandbox {
    requires jdk.unsupported;
    requires transitive orb.kernel;
    requires static org.jspecify;
    requires run.endive.compiler;
    requires transitive run.endive.runtime;
    requires transitive run.endive.wasm;

    exports orb.sandbox;
    exports orb.sandbox.engine; // to compiled code, which is in no module
}
