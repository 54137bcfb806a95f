package orb.host.hashgraph;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import orb.host.store.DataFolder;
import orb.host.wallet.MachineKey;
import orb.kernel.Bytes;
import orb.kernel.NodeId;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;

/**
 * One tracker's engine as a process. It reads {@code propose TEXT}, {@code load FROM COUNT}, {@code
 * tail} and {@code status}, and says what comes of it; the end of its input ends it.
 */
final class EngineProcess {
    /** Stands before each line that is meant for the test; loggers may write others. */
    static final String MARK = "> ";

    private EngineProcess() {}

    /** Arguments: data folder, roster file, patience in milliseconds, rounds that are kept. */
    public static void main(String... arguments) throws Exception {
        DataFolder folder = DataFolder.open(Path.of(arguments[0])).orThrow();
        SecureRandom chance = new SecureRandom();
        NodeId self =
                NodeId.of(
                        MachineKey.openOrCreate(folder.machineKey(), chance).orThrow().publicKey());
        Roster roster = Ceremony.readRoster(Path.of(arguments[1])).orThrow();
        HashgraphOrdering engine =
                HashgraphOrdering.open(
                                new HashgraphOrdering.Settings(
                                        folder,
                                        roster,
                                        self,
                                        GossipKeys.openOrCreate(folder, self, chance).orThrow(),
                                        Duration.ofMillis(Long.parseLong(arguments[2])),
                                        Integer.parseInt(arguments[3])),
                                EngineProcess::report,
                                trouble -> say("trouble " + trouble))
                        .orThrow();
        engine.replay(EngineProcess::report);
        say("ready");
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                obey(engine, line.split(" ", -1));
            }
        }
        engine.close();
        say("closed");
        System.exit(0);
    }

    private static void obey(HashgraphOrdering engine, String... words) {
        switch (words[0]) {
            case "propose" -> engine.propose(new Effect.Propose(Bytes.utf8(words[1])));
            case "load" -> {
                int from = Integer.parseInt(words[2]);
                for (int i = from; i < from + Integer.parseInt(words[3]); i++) {
                    engine.propose(new Effect.Propose(Bytes.utf8(words[1] + "-" + i)));
                }
            }
            case "big" ->
                    engine.propose(
                            new Effect.Propose(Bytes.wrap(new byte[Integer.parseInt(words[1])])));
            case "tail" -> say("tail " + engine.tail().next() + " " + engine.tail().link().hex());
            case "status" -> say("status " + engine.status() + " " + engine.round());
            default -> throw new IllegalArgumentException(words[0]);
        }
    }

    private static void report(Event event) {
        switch (event) {
            case Event.Ordered(long index, var time, var entry) ->
                    say("ordered " + index + " " + time.toEpochMilli() + " " + entry.utf8());
            case Event.OrderingFailed(var entry, var refusal) ->
                    say("failed " + entry + " " + refusal.code().code());
            default -> throw new IllegalStateException(event.toString());
        }
    }

    private static synchronized void say(String line) {
        System.out.println(MARK + line);
        System.out.flush();
    }
}
