package orb.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Who acts: logging in and out, and tokens for HTTP callers. */
public final class Identity {
    private Identity() {}

    /** {@code orb login}. */
    @Command(
            name = "login",
            description = "Opens the wallet on this node; makes one if there is none.",
            mixinStandardHelpOptions = true)
    public static final class Login implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Option(names = "--name", description = "Your name; needed for a new wallet.")
        private String name = "";

        @Option(
                names = "--passphrase-file",
                paramLabel = "FILE",
                description = "Reads the passphrase from a file's first line instead of asking.")
        private Optional<Path> passphraseFile = Optional.empty();

        @Override
        public Integer call() throws IOException {
            String passphrase = passphrase(passphraseFile);
            JsonNode answer =
                    options.api()
                            .post(
                                    "/v1/login",
                                    JsonNodeFactory.instance
                                            .objectNode()
                                            .put("name", name)
                                            .put("passphrase", passphrase));
            options.out().object(answer);
            return ExitCode.OK;
        }
    }

    /** {@code orb logout}. */
    @Command(
            name = "logout",
            description = "Closes the wallet; the node forgets its key.",
            mixinStandardHelpOptions = true)
    public static final class Logout implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Override
        public Integer call() throws IOException {
            options.api().post("/v1/logout", JsonNodeFactory.instance.objectNode());
            options.out().line("logged out");
            return ExitCode.OK;
        }
    }

    /** {@code orb whoami}. */
    @Command(
            name = "whoami",
            description = "Who is logged in, and which roles this node has.",
            mixinStandardHelpOptions = true)
    public static final class WhoAmI implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Override
        public Integer call() throws IOException {
            options.out().object(options.api().get("/v1/whoami"));
            return ExitCode.OK;
        }
    }

    /** {@code orb token}. */
    @Command(
            name = "token",
            description = {
                "Makes an access token for HTTP callers.",
                "Its bearer may spend your credits, up to its limit, at the tracker's URLs.",
                "With --control: prints the token of this node's own API."
            },
            mixinStandardHelpOptions = true)
    public static final class Token implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Option(
                names = "--credits",
                description = "Credits that the token's bearer may spend.",
                defaultValue = "5")
        private long credits = 5;

        @Option(names = "--control", description = "The token of this node's API.")
        private boolean control;

        @Override
        public Integer call() throws IOException {
            if (control) {
                options.out()
                        .object(
                                JsonNodeFactory.instance
                                        .objectNode()
                                        .put("token", options.control().token())
                                        .put("api", options.control().api()));
                return ExitCode.OK;
            }
            options.out()
                    .object(
                            options.api()
                                    .post(
                                            "/v1/tokens",
                                            JsonNodeFactory.instance
                                                    .objectNode()
                                                    .put("credits", credits)));
            options.out().say("Shown once. Use it as: curl -H 'Authorization: Bearer <token>' URL");
            return ExitCode.OK;
        }
    }

    /** The passphrase from a file, the environment's terminal, or a refusal that says how. */
    static String passphrase(Optional<Path> file) throws IOException {
        if (file.isPresent()) {
            return Files.readString(file.get()).lines().findFirst().orElse("");
        }
        Console console =
                Options.terminal()
                        .orElseThrow(() ->
                                new RefusedException(
                                        new Refusal(
                                                ErrorCode.BAD_ARGUMENT,
                                                "there is no terminal to ask for the"
                                                        + " passphrase",
                                                "give it with --passphrase-file FILE")));
        char[] typed = console.readPassword("Passphrase: ");
        return typed == null ? "" : new String(typed);
    }
}
