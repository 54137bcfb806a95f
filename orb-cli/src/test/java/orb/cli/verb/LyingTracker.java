package orb.cli.verb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import orb.cli.world.TrackerProcess;
import orb.cli.world.TrackerSettings;
import orb.kernel.Digest;
import orb.sim.liar.Liar;
import orb.sim.liar.Lie;
import picocli.CommandLine;

/**
 * A tracker as a process that lies ({@link Liar}) as a file in its data folder says; honest while
 * there is none. It takes the words of {@code orb tracker start}.
 */
public final class LyingTracker {
    private static final String FILE = "lie";
    private static final int LOOK_MILLIS = 200;

    private LyingTracker() {}

    public static void main(String[] words) {
        CommandLine line = new CommandLine(new Start());
        System.exit(line.setCaseInsensitiveEnumValuesAllowed(true).execute(words));
    }

    /** {@code orb tracker start} with another role. */
    @CommandLine.Command(name = "start")
    static final class Start extends TrackerVerbs.Start {
        @Override
        TrackerProcess started(TrackerSettings settings) throws IOException {
            Digest network = Digest.of(settings.roster().orElseThrow().genesis());
            Looking lie = new Looking(settings.folder().resolve(FILE));
            return TrackerProcess.start(settings, (role, key) -> new Liar(role, key, network, lie));
        }
    }

    /** Reads the lie's name, now and then. */
    private static final class Looking implements Supplier<Optional<Lie>> {
        private final Path file;
        private long lookAt = System.nanoTime();
        private Optional<Lie> lie = Optional.empty();

        Looking(Path file) {
            this.file = file;
        }

        @Override
        public Optional<Lie> get() {
            if (System.nanoTime() - lookAt >= 0) {
                lookAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
                lie = read();
            }
            return lie;
        }

        private Optional<Lie> read() {
            try {
                String name = Files.exists(file) ? Files.readString(file) : "";
                return Arrays.stream(Lie.values())
                        .filter(each -> each.name().equals(name))
                        .findFirst();
            } catch (IOException e) {
                return Optional.empty(); // it was removed meanwhile
            }
        }
    }

    /**
     * Starts a process in the place of a tracker's that runs, with the same words.
     *
     * @param log takes what it says
     */
    public static void replace(ProcessHandle tracker, Path log) throws Exception {
        Path command = Path.of("/proc", "" + tracker.pid(), "cmdline"); // longer than Java reads
        List<String> words = new ArrayList<>(List.of(Files.readString(command).split("\0")));
        int path = words.indexOf("-cp") + 1;
        for (Class<?> more : List.of(LyingTracker.class, Liar.class)) {
            Path classes =
                    Path.of(more.getProtectionDomain().getCodeSource().getLocation().toURI());
            words.set(path, words.get(path) + ":" + classes);
        }
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

    /** Makes a tracker that was replaced lie in this way, or in none, before it returns. */
    public static void lies(Path folder, Optional<Lie> how) throws Exception {
        Path file = folder.resolve(FILE);
        if (how.isPresent()) {
            Files.writeString(file, how.get().name());
        } else {
            Files.deleteIfExists(file);
        }
        TimeUnit.MILLISECONDS.sleep(2 * LOOK_MILLIS); // it looks with its next step
    }
}
