package orb.cli.verb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.workshop.Templates;
import orb.cli.workshop.Workshop;
import orb.host.build.FunctionPackage;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.identity.KeyPair;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Making functions: a new folder, a package. */
public final class Build {
    private Build() {}

    /** {@code orb new}. */
    @Command(
            name = "new",
            description = "Makes a folder with a function to start from.",
            mixinStandardHelpOptions = true)
    public static final class New implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(paramLabel = "NAME")
        private String name = "";

        @Option(
                names = "--lang",
                paramLabel = "js|as|c|cpp|rust",
                defaultValue = "js",
                description = {
                    "js needs no toolchain; as needs npm, c clang, cpp clang++, rust rustc.",
                    "Go, TinyGo and Zig: docs/how-to/write-in-another-language.md"
                })
        private Templates.Language language = Templates.Language.JS;

        @Override
        public Integer call() throws IOException {
            if (!FunctionName.isLabel(name)) {
                throw new RefusedException(
                        ErrorCode.BAD_ARGUMENT,
                        "a name is 1..63 of a-z, 0-9 and inner hyphens, not '" + name + "'");
            }
            Path folder = Path.of(name);
            if (Files.exists(folder)) {
                throw new RefusedException(
                        new Refusal(
                                ErrorCode.BAD_ARGUMENT,
                                folder + " exists already",
                                "choose another name"));
            }
            Templates.write(language, name, folder);
            options.out()
                    .line(
                            "made "
                                    + folder
                                    + "/; next: "
                                    + language.firstStep(name)
                                    + "orb run "
                                    + folder);
            return ExitCode.OK;
        }
    }

    /** {@code orb build}. */
    @Command(
            name = "build",
            description = "Builds a function into one .orb file.",
            mixinStandardHelpOptions = true)
    public static final class Compile implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(paramLabel = "DIR", defaultValue = ".")
        private Path folder = Path.of(".");

        @Option(names = "--to", paramLabel = "FILE", description = "Default: NAME.orb in DIR.")
        private Optional<Path> to = Optional.empty();

        @Override
        public Integer call() throws IOException {
            Workshop.Product product = Workshop.make(folder).orThrow();
            // the key proves that the file is whole; who owns it, a deploy's signature says
            SecureRandom chance = new SecureRandom();
            KeyPair key = KeyPair.generate(chance::nextBytes);
            FunctionPackage made =
                    new FunctionPackage(
                            product.manifest().name(),
                            product.manifest().version(),
                            product.isScript()
                                    ? FunctionPackage.Kind.SCRIPT
                                    : FunctionPackage.Kind.WASM,
                            product.artefact(),
                            product.source(),
                            product.manifest().limits(),
                            product.sample(),
                            key.publicKey());
            Path file = to.orElseGet(() -> folder.resolve(product.manifest().name() + ".orb"));
            Files.write(file, made.pack(key).array());
            options.out().line("wrote " + file + "; run it with: orb run " + file);
            return ExitCode.OK;
        }
    }
}
