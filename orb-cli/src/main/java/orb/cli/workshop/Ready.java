package orb.cli.workshop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import orb.host.build.FunctionPackage;
import orb.host.build.ScriptNames;
import orb.host.build.ShortScript;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Limits;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.message.Grants;

/**
 * A function that can be run here at once.
 *
 * @param artefact the executable
 * @param limits of each run
 * @param grants what it may ask for
 * @param sample the input that it comes with
 * @param explain puts the places of the source into a failure's text, where the source is known
 */
public record Ready(
        Bytes artefact,
        Limits limits,
        Grants grants,
        Request sample,
        UnaryOperator<String> explain) {

    /**
     * Reads a package, a module or a script, or builds a folder.
     *
     * @throws RefusedException for what cannot be built or read
     */
    public static Ready of(Path file) throws IOException {
        Request empty = new Request("GET", "/", "", List.of(), Bytes.EMPTY);
        try {
            if (Files.isDirectory(file)) {
                Workshop.Product product = Workshop.make(file).orThrow();
                return new Ready(
                        product.artefact(),
                        product.manifest().limits(),
                        product.manifest().grants(),
                        product.sample(),
                        product::explain);
            }
            byte[] content = Files.readAllBytes(file);
            if (file.toString().endsWith(".orb")) {
                FunctionPackage read = FunctionPackage.read(Bytes.wrap(content)).orThrow();
                return new Ready(
                        read.artefact(),
                        read.limits(),
                        Grants.NONE,
                        read.sample(),
                        UnaryOperator.identity());
            }
            if (file.toString().endsWith(".js")) {
                String text = new String(content, StandardCharsets.UTF_8);
                ShortScript script = ScriptNames.shorten(file.toString(), text).orThrow();
                return new Ready(
                        Engine.scripts().compile(script.text()).orThrow(),
                        Limits.DEFAULT,
                        Grants.NONE,
                        empty,
                        failure -> script.map().explain(failure, file.getFileName().toString()));
            }
            return new Ready(
                    Bytes.wrap(content),
                    Limits.DEFAULT,
                    Grants.NONE,
                    empty,
                    UnaryOperator.identity());
        } catch (NoSuchFileException e) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.BAD_ARGUMENT,
                            "there is no " + file,
                            "name a .orb, .wasm or .js file, or a folder with orb.yaml"));
        }
    }
}
