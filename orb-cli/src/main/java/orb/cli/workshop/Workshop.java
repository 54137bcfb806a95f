package orb.cli.workshop;

import java.nio.file.Path;
import java.time.Duration;
import orb.host.build.Builder;
import orb.host.build.Built;
import orb.host.build.Manifest;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.sandbox.Obfuscator;

/** Makes the executable of a function from its folder, as {@code orb.yaml} says. */
public final class Workshop {
    private static final Duration BUILD_MAX = Duration.ofMinutes(10);

    private Workshop() {}

    /**
     * What a folder gave.
     *
     * @param manifest what orb.yaml says
     * @param source digest of the source
     * @param artefact the executable, its names stripped
     * @param script whether it is bytecode of the script engine rather than a module
     * @param sample the input that complexity is measured with
     */
    public record Product(
            Manifest manifest, Digest source, Bytes artefact, boolean script, Request sample) {}

    /** Builds, compiles and strips; refusals are those of the steps. */
    public static Result<Product> make(Path folder) {
        return Manifest.read(folder)
                .then(manifest ->
                        new Builder(BUILD_MAX)
                                .build(folder, manifest)
                                .then(built -> finish(folder, manifest, built)));
    }

    /** As {@link #make}, with the artefact as it lies in the folder: no compiler is needed. */
    public static Result<Product> prebuilt(Path folder) {
        return Manifest.read(folder)
                .then(manifest ->
                        new Builder(BUILD_MAX)
                                .asBuilt(folder, manifest)
                                .then(built -> finish(folder, manifest, built)));
    }

    private static Result<Product> finish(Path folder, Manifest manifest, Built built) {
        return Result.catching(() -> {
            Request sample = manifest.request(folder).orThrow();
            return switch (built) {
                case Built.Wasm(var source, var module) ->
                        new Product(
                                manifest,
                                source,
                                Obfuscator.obfuscate(module).orThrow(),
                                false,
                                sample);
                case Built.Script(var source, var text) ->
                        new Product(
                                manifest,
                                source,
                                Engine.scripts().compile(text).orThrow(),
                                true,
                                sample);
            };
        });
    }
}
