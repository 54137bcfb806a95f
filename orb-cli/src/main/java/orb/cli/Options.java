package orb.cli;

import java.io.Console;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import orb.cli.client.Api;
import orb.cli.client.ControlFile;
import orb.cli.client.Folders;
import orb.cli.client.Output;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import picocli.CommandLine.Option;

/** Options that every verb has, and what follows from them. */
public final class Options {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "table|wide|json|yaml",
            description = "How data is shown on standard output.",
            defaultValue = "table")
    private Output.Format format = Output.Format.TABLE;

    @Option(
            names = "--node",
            paramLabel = "NAME",
            description =
                    "The node to talk to: a name under the data folder or a path."
                            + " Default: $ORB_NODE, else the one started last.")
    private Optional<String> node = Optional.empty();

    public Output out() {
        return new Output(format, System.out, System.err);
    }

    /** The terminal, if a person sits at one who can be asked. */
    public static Optional<Console> terminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal);
    }

    public Folders folders() {
        return Folders.of(System.getenv());
    }

    /** The folder of the node that this verb talks to. */
    public Path folder() {
        Folders folders = folders();
        Optional<String> name = node.or(() -> Optional.ofNullable(System.getenv("ORB_NODE")));
        if (name.isPresent() && !name.get().isEmpty()) {
            return folders.peer(name.get());
        }
        try {
            return folders.currentFolder().orElse(folders.peer("node"));
        } catch (IOException e) {
            throw new UncheckedIOException("reading which node is the current one", e);
        }
    }

    /** How to reach the node that this verb talks to. */
    public ControlFile control() {
        Path folder = folder();
        try {
            return ControlFile.read(folder)
                    .orElseThrow(() ->
                            new RefusedException(
                                    new Refusal(
                                            ErrorCode.NOT_RUNNING,
                                            "no node runs in " + folder,
                                            "`orb up` starts a swarm on this machine,"
                                                    + " `orb node start` one node")));
        } catch (IOException e) {
            throw new UncheckedIOException("reading the control file of " + folder, e);
        }
    }

    public Api api() {
        ControlFile control = control();
        return new Api(control.api(), control.token());
    }
}
