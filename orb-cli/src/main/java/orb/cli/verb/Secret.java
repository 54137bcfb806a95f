package orb.cli.verb;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.port.HostCall;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code orb secret ...}: what an owner keeps for a function on this node. */
@Command(
        name = "secret",
        description = "Secrets of your functions: set, rm, ls. They stay on this node.",
        mixinStandardHelpOptions = true,
        subcommands = {Secret.Set.class, Secret.Remove.class, Secret.Ls.class})
public final class Secret {
    private Secret() {}

    private static String path(String function, String secret) {
        return Function.path(function) + "/secrets/" + secret;
    }

    /** Keeps one. */
    @Command(
            name = "set",
            description = {
                "Keeps a secret for a function: typed, or piped in.",
                "The value is never an argument, which others on this machine could see."
            },
            mixinStandardHelpOptions = true)
    static final class Set implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(index = "0", paramLabel = "OWNER/NAME")
        private String function = "";

        @Parameters(index = "1", paramLabel = "SECRET")
        private String secret = "";

        @Override
        public Integer call() throws IOException {
            byte[] value = value();
            options.out()
                    .object(
                            options.api()
                                    .post(
                                            path(function, secret),
                                            "application/octet-stream",
                                            value));
            return ExitCode.OK;
        }

        /** What is typed without an echo, or all of the input without its last line end. */
        private static byte[] value() throws IOException {
            Optional<Console> console = Options.terminal();
            if (console.isPresent()) {
                char[] typed = console.get().readPassword("Value: ");
                return typed == null
                        ? new byte[0]
                        : new String(typed).getBytes(StandardCharsets.UTF_8);
            }
            byte[] piped = System.in.readNBytes(HostCall.VALUE_MAX + 2);
            int length = piped.length;
            if (length > 0 && piped[length - 1] == '\n') {
                length--;
            }
            if (length > HostCall.VALUE_MAX) {
                throw new RefusedException(
                        new Refusal(
                                ErrorCode.BAD_ARGUMENT,
                                "a secret has at most " + HostCall.VALUE_MAX + " bytes"));
            }
            return Arrays.copyOf(piped, length);
        }
    }

    /** Keeps one no longer. */
    @Command(
            name = "rm",
            description = "Forgets a secret of a function.",
            mixinStandardHelpOptions = true)
    static final class Remove implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(index = "0", paramLabel = "OWNER/NAME")
        private String function = "";

        @Parameters(index = "1", paramLabel = "SECRET")
        private String secret = "";

        @Override
        public Integer call() throws IOException {
            options.out().object(options.api().delete(path(function, secret)));
            return ExitCode.OK;
        }
    }

    /** Which there are. */
    @Command(
            name = "ls",
            description = "Names of the secrets that this node keeps for a function.",
            mixinStandardHelpOptions = true)
    static final class Ls implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(paramLabel = "OWNER/NAME")
        private String function = "";

        @Override
        public Integer call() throws IOException {
            options.out().rows(options.api().get(Function.path(function) + "/secrets"), "secret");
            return ExitCode.OK;
        }
    }
}
