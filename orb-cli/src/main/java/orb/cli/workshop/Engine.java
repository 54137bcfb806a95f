package orb.cli.workshop;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import orb.kernel.Bytes;
import orb.kernel.Limits;
import orb.kernel.Request;
import orb.sandbox.Module;
import orb.sandbox.RunInputs;
import orb.sandbox.Sandbox;
import orb.sandbox.Scripts;

/** The sandbox as this program uses it: with the script engine that the build brought along. */
public final class Engine {
    private static final String SCRIPT_ENGINE = "/orb/console/quickjs.wasm";
    private static final String CODE = "/orb/cli/quickjs.code";

    private Engine() {}

    /** A sandbox that runs modules and scripts. */
    public static Sandbox sandbox() {
        return sandbox(scriptEngine());
    }

    /** A sandbox with this script engine, which starts in a moment if it is the build's own. */
    public static Sandbox sandbox(Bytes scriptEngine) {
        return new Sandbox(System::nanoTime, scriptEngine, resource(CODE));
    }

    /** The compiler of scripts. */
    static Scripts scripts() {
        return sandbox()
                .scripts()
                .orElseThrow(() -> new IllegalStateException("a sandbox without scripts"));
    }

    /** The module of the script engine. */
    public static Bytes scriptEngine() {
        return resource(SCRIPT_ENGINE);
    }

    private static Bytes resource(String name) {
        try (InputStream in = Engine.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("this build lacks " + name);
            }
            return Bytes.wrap(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + name, e);
        }
    }

    /** Compiles and runs a small script, so that what does it is in the start-up cache. */
    public static void rehearse() {
        Sandbox sandbox = sandbox();
        Module module =
                scripts()
                        .compile("export default { fetch() { return 'ready'; } };")
                        .then(sandbox::prepare)
                        .orThrow();
        sandbox.invoke(module, Request.post(Bytes.EMPTY), Limits.DEFAULT, RunInputs.FIXED);
    }
}
