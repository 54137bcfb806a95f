package orb.cli.verb.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.proof.AuditExport;
import orb.cli.proof.AuditReport;
import orb.cli.proof.LogPlace;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.ledger.ReceiptProof;
import orb.ledger.proof.AuditFile;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orb audit ...}: files that verify without a network. */
@Command(
        name = "audit",
        description = "Proofs of calls, wallets, functions: export, verify offline.",
        mixinStandardHelpOptions = true,
        subcommands = {Audit.Export.class, Audit.Verify.class})
public final class Audit {
    private Audit() {}

    /** What is exported: exactly one of these. */
    static final class Subject {
        @Parameters(paramLabel = "CALL", description = "The call, as `orb invoke` names it.")
        private Optional<String> call = Optional.empty();

        @Option(
                names = "--wallet",
                paramLabel = "NAME|ID",
                description = "All entries that an account signed or that moved its credits.")
        private Optional<String> wallet = Optional.empty();

        @Option(
                names = "--function",
                paramLabel = "OWNER/NAME",
                description = "All versions of a function, and what was settled for its calls.")
        private Optional<String> function = Optional.empty();
    }

    /** {@code orb audit export}. */
    @Command(
            name = "export",
            description = {
                "Writes a file that anyone can verify: entries of the ledger with their paths to a",
                "checkpoint that a quorum of trackers has cosigned. For a call it has the host's",
                "receipt, and the entry that settles it: hosts settle once in an epoch."
            },
            mixinStandardHelpOptions = true)
    static final class Export implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @ArgGroup(multiplicity = "1")
        private Subject subject = new Subject();

        @Option(
                names = "--receipt",
                description = "Of a call, the receipt with its proof alone; there at once.")
        private boolean isReceiptAlone;

        @Option(
                names = "--to",
                paramLabel = "FILE",
                description = "Default: CALL.proof, NAME.proof")
        private Optional<Path> file = Optional.empty();

        @Option(
                names = "--from",
                paramLabel = "URL|FOLDER",
                description =
                        "The log's files, such as http://host:port/log or a folder."
                                + " Default: the tracker on this machine.")
        private Optional<String> from = Optional.empty();

        @Override
        public Integer call() throws IOException {
            String name =
                    subject.call
                            .or(() -> subject.wallet)
                            .or(() -> subject.function)
                            .orElseThrow()
                            .replace('/', '-');
            Path to = file.orElse(Path.of(name + ".proof"));
            Bytes content = content();
            Files.write(to, content.array());
            options.out()
                    .line(
                            "wrote "
                                    + to
                                    + " ("
                                    + content.length()
                                    + " bytes); verify it with: orb audit verify "
                                    + to);
            return ExitCode.OK;
        }

        private Bytes content() throws IOException {
            if (subject.call.isPresent()) {
                JsonNode answer = options.api().get("/v1/calls/" + subject.call.get() + "/proof");
                Bytes receipt = Bytes.hex(answer.path("proof").asText());
                return isReceiptAlone
                        ? receipt
                        : export().call(ReceiptProof.decode(receipt).orThrow()).encoded();
            }
            AuditExport export = export();
            AuditFile made =
                    subject.wallet.isPresent()
                            ? export.wallet(subject.wallet.get(), _ -> {})
                            : export.function(
                                    FunctionName.parse(subject.function.orElseThrow()), _ -> {});
            return made.encoded();
        }

        private AuditExport export() throws IOException {
            return new AuditExport(LogPlace.of(options, from));
        }
    }

    /** {@code orb audit verify}. */
    @Command(
            name = "verify",
            description = {
                "Verifies such a file with no network, and names what is broken in it.",
                "",
                "Compare ROSTER, the digest of the trackers' keys, with what you know of the"
                        + " swarm,",
                "or give it by --roster."
            },
            mixinStandardHelpOptions = true)
    static final class Verify implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(paramLabel = "FILE")
        private Path file = Path.of("");

        @Option(
                names = "--roster",
                paramLabel = "DIGEST",
                description = "The trackers that you know: `orb ledger verify` prints it.")
        private Optional<String> roster = Optional.empty();

        @Override
        public Integer call() throws IOException {
            options.out().object(AuditReport.of(file, roster.map(Digest::parse)));
            return ExitCode.OK;
        }
    }
}
