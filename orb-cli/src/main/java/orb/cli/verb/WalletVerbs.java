package orb.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Api;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code orb wallet ...}: credits and keys. */
@Command(
        name = "wallet",
        description = "Balance, movements, and the encrypted wallet file.",
        mixinStandardHelpOptions = true,
        subcommands = {
            WalletVerbs.Balance.class,
            WalletVerbs.History.class,
            WalletVerbs.Export.class,
            WalletVerbs.Import.class
        })
public final class WalletVerbs {
    private WalletVerbs() {}

    /** {@code orb wallet balance}. */
    @Command(
            name = "balance",
            description = "What the logged-in account has.",
            mixinStandardHelpOptions = true)
    static final class Balance implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Override
        public Integer call() throws IOException {
            options.out().object(options.api().get("/v1/wallet"));
            return ExitCode.OK;
        }
    }

    /** {@code orb wallet history}. */
    @Command(
            name = "history",
            description = "Movements, newest first; each names the entry that caused it.",
            mixinStandardHelpOptions = true)
    static final class History implements Callable<Integer> {
        private static final int PAGE = 400; // below the most rows that a peer gives
        @Mixin private Options options = new Options();

        @Option(names = "--csv", description = "All rows as comma-separated values (RFC 4180).")
        private boolean csv;

        @Option(names = "--limit", description = "How many rows.", defaultValue = "50")
        private int limit = 50;

        @Override
        public Integer call() throws IOException {
            Api api = options.api();
            JsonNode rows = csv ? all(api) : api.get("/v1/wallet/history?limit=" + limit);
            if (csv) {
                System.out.println("index,at,kind,amount,allocated,other,evidence");
                for (JsonNode row : rows) {
                    System.out.println(
                            String.join(
                                    ",",
                                    row.path("index").asText(),
                                    row.path("at").asText(),
                                    row.path("kind").asText(),
                                    row.path("amount").asText(),
                                    row.path("allocated").asText(),
                                    quoted(row.path("other").asText()),
                                    row.path("evidence").asText()));
                }
            } else {
                options.out()
                        .rows(rows, "index", "at", "kind", "amount", "allocated", "other", "entry");
            }
            return ExitCode.OK;
        }

        private static ArrayNode all(Api api) throws IOException {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            String before = "";
            while (true) {
                JsonNode page = api.get("/v1/wallet/history?limit=" + PAGE + before);
                page.forEach(all::add);
                if (page.size() < PAGE) {
                    return all;
                }
                before = "&before=" + page.get(PAGE - 1).path("index").asLong();
            }
        }

        private static String quoted(String text) {
            return '"' + text.replace("\"", "\"\"") + '"';
        }
    }

    /** {@code orb wallet export}. */
    @Command(
            name = "export",
            description = "Writes an encrypted copy of the wallet, for another machine.",
            mixinStandardHelpOptions = true)
    static final class Export implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(paramLabel = "FILE")
        private Path file = Path.of("wallet.orb");

        @Override
        public Integer call() throws IOException {
            if (Files.exists(file)) {
                throw new RefusedException(
                        new Refusal(
                                ErrorCode.WALLET_EXISTS,
                                file + " exists already",
                                "name another file"));
            }
            Api.Raw raw = options.api().raw("GET", "/v1/wallet/export", "", new byte[0], Map.of());
            if (raw.status() != 200) {
                throw new RefusedException(
                        ErrorCode.NOT_LOGGED_IN,
                        "the node did not export: "
                                + new String(raw.body(), StandardCharsets.UTF_8));
            }
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.write(file, raw.body());
            options.out().line("wrote " + file + " (encrypted; it opens with your passphrase)");
            return ExitCode.OK;
        }
    }

    /** {@code orb wallet import}. */
    @Command(
            name = "import",
            description = "Puts an exported wallet into this node's data folder.",
            mixinStandardHelpOptions = true)
    static final class Import implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(paramLabel = "FILE")
        private Path file = Path.of("wallet.orb");

        @Option(names = "--passphrase-file", paramLabel = "FILE")
        private Optional<Path> passphraseFile = Optional.empty();

        @Override
        public Integer call() throws IOException {
            Api.Raw raw =
                    options.api()
                            .raw(
                                    "POST",
                                    "/v1/wallet/import",
                                    "application/octet-stream",
                                    Files.readAllBytes(file),
                                    Map.of(
                                            "X-Orb-Passphrase",
                                            Identity.passphrase(passphraseFile)));
            JsonNode answer = Api.parse(new String(raw.body(), StandardCharsets.UTF_8));
            options.out().object(answer);
            return raw.status() == 200 ? ExitCode.OK : ExitCode.FAILED;
        }
    }
}
