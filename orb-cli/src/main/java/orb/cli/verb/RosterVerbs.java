package orb.cli.verb;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.host.hashgraph.Ceremony;
import orb.host.hashgraph.Roster;
import orb.host.hashgraph.TrackerKeys;
import orb.host.store.DurableFiles;
import orb.host.store.LogTail;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.ledger.Genesis;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How trackers of different owners come to order entries together. */
final class RosterVerbs {
    private RosterVerbs() {}

    /** {@code orb tracker keys}. */
    @Command(
            name = "keys",
            description = {
                "Writes what the other trackers must know of this one.",
                "Makes its keys if it has none. The file holds no secret; it is signed by the",
                "tracker's own key. Give it to the one who makes the roster."
            },
            mixinStandardHelpOptions = true)
    static final class Keys implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Option(names = "--data", paramLabel = "DIR", description = "The tracker's data folder.")
        private Optional<Path> data = Optional.empty();

        @Option(
                names = "--gossip",
                required = true,
                paramLabel = "HOST:PORT",
                description = "Where it will listen for the other trackers' events.")
        private String gossip = "";

        @Option(
                names = "--log",
                required = true,
                paramLabel = "HOST:PORT",
                description = "Where it will give entries to trackers that missed some.")
        private String log = "";

        @Option(
                names = "--file",
                paramLabel = "FILE",
                description = "What to write. Default: tracker.keys in the data folder.")
        private Optional<Path> file = Optional.empty();

        @Override
        public Integer call() throws IOException {
            Path folder =
                    data.map(Path::toAbsolutePath)
                            .orElseGet(() -> options.folders().peer("tracker"));
            TrackerKeys keys = Ceremony.keys(folder, address(gossip), address(log)).orThrow();
            Path target = file.orElse(folder.resolve("tracker.keys"));
            DurableFiles.write(target, keys.encoded().array());
            options.out()
                    .object(
                            JsonNodeFactory.instance
                                    .objectNode()
                                    .put("tracker", keys.id().toString())
                                    .put("gossip", keys.gossip().toString())
                                    .put("log", keys.log().toString())
                                    .put("file", target.toString()));
            return ExitCode.OK;
        }

        private static Address address(String text) {
            try {
                return Address.parse(text);
            } catch (IllegalArgumentException e) {
                throw new RefusedException(ErrorCode.BAD_ARGUMENT, String.valueOf(e.getMessage()));
            }
        }
    }

    /** {@code orb tracker genesis}. */
    @Command(
            name = "genesis",
            description = {
                "Makes one roster of the files of all trackers.",
                "Whoever makes it from the same files and options gets the same bytes; compare the",
                "digest, then start every tracker with it. With --continue it is the next roster",
                "of a swarm whose trackers are all stopped."
            },
            mixinStandardHelpOptions = true)
    static final class Found implements Callable<Integer> {
        @Mixin private Options options = new Options();

        @Parameters(
                arity = "1..*",
                paramLabel = "FILE",
                description = "What `orb tracker keys` wrote, one of each tracker.")
        private List<Path> files = new ArrayList<>();

        @Option(
                names = "--file",
                paramLabel = "FILE",
                defaultValue = "roster.orb",
                description = "What to write.")
        private Path file = Path.of("roster.orb");

        @Option(names = "--swarm", defaultValue = "orb", description = "Name of the new swarm.")
        private String swarm = "orb";

        @Option(
                names = "--epoch",
                paramLabel = "SECONDS",
                defaultValue = "60",
                description = "How often hosts settle in it.")
        private int epochSeconds;

        @Option(
                names = "--continue",
                paramLabel = "DIR",
                description =
                        "Go on with the swarm and the log of this stopped tracker, the one with the"
                                + " longest log.")
        private Optional<Path> from = Optional.empty();

        @Override
        public Integer call() throws IOException {
            List<TrackerKeys> trackers = Ceremony.readKeys(files).orThrow();
            Roster roster =
                    from.isPresent()
                            ? Roster.of(
                                            genesis(from.get()),
                                            Ceremony.tail(from.get()).orThrow(),
                                            trackers)
                                    .orThrow()
                            : Roster.of(
                                            Genesis.standard(
                                                            swarm, Duration.ofSeconds(epochSeconds))
                                                    .encoded(),
                                            LogTail.START,
                                            trackers)
                                    .orThrow();
            Files.write(file, roster.encoded().array());
            options.out().object(shown(roster).put("file", file.toString()));
            return ExitCode.OK;
        }

        private static Bytes genesis(Path folder) throws IOException {
            Path kept = folder.resolve("genesis");
            if (!Files.exists(kept)) {
                throw new RefusedException(
                        new Refusal(
                                ErrorCode.BAD_ARGUMENT,
                                "there is no tracker in " + folder,
                                "name the data folder of a tracker that is stopped"));
            }
            return Genesis.decode(Bytes.wrap(Files.readAllBytes(kept))).orThrow().encoded();
        }

        private static ObjectNode shown(Roster roster) {
            ObjectNode shown =
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("roster", roster.digest().hex())
                            .put("network", roster.network().hex())
                            .put("since", roster.since().next());
            roster.seats()
                    .forEach(seat ->
                            shown.withArray("trackers")
                                    .addObject()
                                    .put("id", seat.id().toString())
                                    .put("gossip", seat.keys().gossip().toString())
                                    .put("log", seat.keys().log().toString())
                                    .put("weight", seat.weight()));
            return shown;
        }
    }
}
