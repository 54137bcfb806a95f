package orb.cli.workshop;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import orb.host.build.Builder;
import orb.host.build.Built;
import orb.host.build.Manifest;
import orb.host.build.ScriptMap;
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
     * @param map of a script, from places in what is shipped to its source
     * @param sample the input that complexity is measured with
     */
    public record Product(
            Manifest manifest,
            Digest source,
            Bytes artefact,
            Optional<ScriptMap> map,
            Request sample) {
        /** Whether the artefact is byte code of the script engine rather than a module. */
        public boolean isScript() {
            return map.isPresent();
        }

        /** A failure's text with the places of the script's source in it. */
        public String explain(String text) {
            return map.map(known -> known.explain(text, manifest.source().orElse("source")))
                    .orElse(text);
        }
    }

    /**
     * Builds, compiles and strips, and keeps a script's map beside its source; refusals are those
     * of the steps.
     */
    public static Result<Product> make(Path folder) {
        return Manifest.read(folder)
                .then(manifest ->
                        new Builder(BUILD_MAX)
                                .build(folder, manifest)
                                .then(built -> finish(folder, manifest, built))
                                .map(product -> keepMap(folder, product)));
    }

    /** As {@link #make}, with the artefact as it lies in the folder: no compiler is needed. */
    public static Result<Product> prebuilt(Path folder) {
        return Manifest.read(folder)
                .then(manifest ->
                        new Builder(BUILD_MAX)
                                .asBuilt(folder, manifest)
                                .then(built -> finish(folder, manifest, built)));
    }

    private static Product keepMap(Path folder, Product product) {
        product.map().ifPresent(map -> map.keep(folder, Digest.of(product.artefact())));
        return product;
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
                                Optional.empty(),
                                sample);
                case Built.Program(var source, var program) ->
                        new Product(manifest, source, program, Optional.empty(), sample);
                case Built.Script(var source, var script) ->
                        new Product(
                                manifest,
                                source,
                                Engine.scripts().compile(script.text()).orThrow(),
                                Optional.of(script.map()),
                                sample);
            };
        });
    }
}
