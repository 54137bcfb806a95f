package orb.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.proof.ProofReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orb audit ...}: proofs that verify without a network. */
@Command(
        name = "audit",
        description = "Receipts: fetch one, verify one offline.",
        mixinStandardHelpOptions = true,
        subcommands = {Audit.Export.class, Audit.Verify.class})
public final class Audit {
    private Audit() {}

    /** {@code orb audit export}. */
    @Command(
            name = "export",
            description = "Writes the receipt of a call with its proof.",
            mixinStandardHelpOptions = true)
    static final class Export implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(paramLabel = "CALL", description = "The call, as `orb invoke` names it.")
        private String call = "";

        @Option(names = "--to", paramLabel = "FILE", description = "Default: CALL.proof")
        private Path file = Path.of("");

        @Override
        public Integer call() throws IOException {
            JsonNode answer = options.api().get("/v1/calls/" + call + "/proof");
            Path to = file.toString().isEmpty() ? Path.of(call + ".proof") : file;
            Files.write(to, HexFormat.of().parseHex(answer.path("proof").asText()));
            options.out().line("wrote " + to + "; verify it with: orb audit verify " + to);
            return ExitCode.OK;
        }
    }

    /** {@code orb audit verify}. */
    @Command(
            name = "verify",
            description = "Verifies a proof with no network: signature, tree path, receipt.",
            mixinStandardHelpOptions = true)
    static final class Verify implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(paramLabel = "FILE")
        private Path file = Path.of("");

        @Override
        public Integer call() throws IOException {
            options.out().object(ProofReport.of(file));
            return ExitCode.OK;
        }
    }
}
