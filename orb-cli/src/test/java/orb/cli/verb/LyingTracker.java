package orb.cli.verb;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import orb.cli.world.TrackerProcess;
import orb.cli.world.TrackerSettings;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Calling;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.message.Witnessing;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Machine;
import orb.ledger.Entry;
import orb.ledger.Genesis;
import orb.ledger.SignedEntry;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.LogRoster;
import orb.tracker.TrackerReply;
import picocli.CommandLine;

/**
 * A tracker as a process whose role lies as the file {@code lie} in its data folder says; honest
 * while there is none. It takes the words of {@code orb tracker start}.
 */
public final class LyingTracker implements Machine {
    /** Where the lie is named. */
    public static final String FILE = "lie";

    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Credits MORE = Credits.whole(1_000);

    private final Machine role;
    private final KeyPair key;
    private final Path file;
    private final LogRoster alone;
    private final List<Event.Ordered> held = new ArrayList<>();
    private Instant looked = Instant.EPOCH;
    private String lie = "";
    private long claims;

    /** Ways to lie; {@code docs/attacks.md} says what becomes of each. */
    public enum Lie {
        /** Shows those who ask another log than its own. */
        FORKS,
        /** Signs a state with a credit that nobody gave, for the others to cosign. */
        CREDITS,
        /** Takes entries and lets nobody hear of them. */
        CENSORS,
        /** Proposes every entry three times. */
        REPLAYS,
        /** Takes two entries in the other order than all. */
        REORDERS,
        /** Answers no call. */
        WITHHOLDS,
        /** Shows every account with a thousand credits more. */
        ENRICHES,
        /** Brings hosts' settlements as its own. */
        CLAIMS
    }

    LyingTracker(Machine role, KeyPair key, Genesis genesis, Path folder) {
        this.role = role;
        this.key = key;
        file = folder.resolve(FILE);
        alone = new LogRoster(genesis.network(), List.of(key.publicKey()));
    }

    public static void main(String[] words) {
        CommandLine line = new CommandLine(new Start());
        System.exit(line.setCaseInsensitiveEnumValuesAllowed(true).execute(words));
    }

    /** {@code orb tracker start} with this role. */
    @CommandLine.Command(name = "start")
    static final class Start extends TrackerVerbs.Start {
        @Override
        TrackerProcess started(TrackerSettings settings) throws IOException {
            Genesis genesis = Genesis.decode(settings.roster().orElseThrow().genesis()).orThrow();
            return TrackerProcess.start(
                    settings,
                    (role, key) -> new LyingTracker(role, key, genesis, settings.folder()));
        }
    }

    @Override
    public List<Effect> step(Instant now, Event event) {
        look(now);
        if (is(Lie.REORDERS) && event instanceof Event.Ordered ordered) {
            return reordered(now, ordered);
        }
        return role.step(now, event).stream().flatMap(effect -> lie(now, effect)).toList();
    }

    private boolean is(Lie which) {
        return lie.equals(which.name());
    }

    private void look(Instant now) {
        if (now.isBefore(looked.plus(LOOK))) {
            return;
        }
        looked = now;
        try {
            lie = Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8).strip() : "";
        } catch (IOException e) {
            lie = ""; // it is being written
        }
    }

    private List<Effect> reordered(Instant now, Event.Ordered second) {
        if (held.isEmpty()) {
            held.add(second);
            return List.of();
        }
        Event.Ordered first = held.removeFirst();
        List<Effect> effects = new ArrayList<>();
        effects.addAll(
                role.step(now, new Event.Ordered(first.index(), first.time(), second.entry())));
        effects.addAll(
                role.step(now, new Event.Ordered(second.index(), second.time(), first.entry())));
        return effects;
    }

    private Stream<Effect> lie(Instant now, Effect effect) {
        return switch (effect) {
            case Effect.Answer(long in, Witnessing.Checkpoint said) when is(Lie.FORKS) ->
                    Stream.of(
                            new Effect.Answer(
                                    in,
                                    new Witnessing.Checkpoint(another(said.note()), said.proof())));
            case Effect.Ask(long number, var peer, Witnessing.Offer(var note), var time)
                    when is(Lie.CREDITS) ->
                    Stream.of(
                            new Effect.Ask(number, peer, new Witnessing.Offer(richer(note)), time));
            case Effect.Propose _ when is(Lie.CENSORS) -> Stream.empty();
            case Effect.Propose _ when is(Lie.REPLAYS) -> Stream.of(effect, effect, effect);
            case Effect.Propose(var entry) when is(Lie.CLAIMS) -> claimed(now, effect, entry);
            case Effect.Answer(_, Calling.Invoked _) when is(Lie.WITHHOLDS) -> Stream.empty();
            case Effect.Answer(long in, Registry.Account account) when is(Lie.ENRICHES) ->
                    Stream.of(new Effect.Answer(in, richer(account)));
            case Effect.Return(long command, Result.Ok<?>(TrackerReply.Told(Message said)))
                    when is(Lie.ENRICHES) && said instanceof Registry.Account account ->
                    Stream.of(
                            new Effect.Return(
                                    command, Result.ok(new TrackerReply.Told(richer(account)))));
            default -> Stream.of(effect);
        };
    }

    private Bytes another(Bytes note) {
        Digest root = Digest.of(Bytes.utf8("another log"));
        return signed(
                note, good -> new Checkpoint(good.network(), good.size(), root, good.stateRoot()));
    }

    private Bytes richer(Bytes note) {
        Digest state = Digest.of(Bytes.utf8("a credit that nobody gave"));
        return signed(
                note, good -> new Checkpoint(good.network(), good.size(), good.root(), state));
    }

    private Bytes signed(Bytes note, UnaryOperator<Checkpoint> lie) {
        return alone.check(note) instanceof Result.Ok<LogRoster.Checked>(var good)
                ? alone.sign(key, lie.apply(good.checkpoint()), 1).encoded()
                : note;
    }

    private static Registry.Account richer(Registry.Account a) {
        return new Registry.Account(
                a.known(),
                a.name(),
                a.balance().plus(MORE),
                a.pending(),
                a.escrow(),
                a.nonce(),
                a.channels());
    }

    private Stream<Effect> claimed(Instant now, Effect effect, Bytes entry) {
        if (SignedEntry.decode(entry) instanceof Result.Ok<SignedEntry>(var signed)
                && signed.entry() instanceof Entry.Settle settle) {
            Bytes own =
                    SignedEntry.sign(
                                    key,
                                    alone.network(),
                                    Long.MAX_VALUE / 2 + claims++,
                                    now.plusSeconds(60).truncatedTo(ChronoUnit.MILLIS),
                                    settle)
                            .encoded();
            return Stream.of(new Effect.Propose(own), effect);
        }
        return Stream.of(effect);
    }

    /**
     * Starts a process in the place of a tracker's that runs, with the same words.
     *
     * @param log takes what it says
     */
    public static void replace(ProcessHandle tracker, Path log) throws Exception {
        Path command = Path.of("/proc", "" + tracker.pid(), "cmdline"); // longer than Java reads
        List<String> words = new ArrayList<>(List.of(Files.readString(command).split("\0")));
        Path classes =
                Path.of(
                        LyingTracker.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        int path = words.indexOf("-cp") + 1;
        words.set(path, words.get(path) + ":" + classes);
        int main = words.indexOf("orb.cli.Main");
        words.subList(main, main + 3).clear(); // orb.cli.Main tracker start
        words.add(main, LyingTracker.class.getName());
        tracker.destroyForcibly();
        tracker.onExit().orTimeout(20, TimeUnit.SECONDS).join();
        new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** Makes a tracker that was replaced lie in this way, or in none. */
    public static void lies(Path folder, Optional<Lie> how) throws Exception {
        Path file = folder.resolve(FILE);
        if (how.isPresent()) {
            Files.writeString(file, how.get().name());
        } else {
            Files.deleteIfExists(file);
        }
        TimeUnit.MILLISECONDS.sleep(2 * LOOK.toMillis());
    }
}
