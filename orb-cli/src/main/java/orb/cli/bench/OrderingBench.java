package orb.cli.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import orb.host.hashgraph.Ceremony;
import orb.host.hashgraph.Roster;
import orb.host.hashgraph.TrackerKeys;
import orb.host.store.LogTail;
import orb.kernel.Address;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;
import orb.ledger.Genesis;

/**
 * Measures how four trackers on this machine agree on an order, each a process of its own: entries
 * a second that are durable on all, and the time from a proposal to its report where it was made.
 */
public final class OrderingBench {
    private static final int TRACKERS = 4;
    private static final int WARM_UP = 5_000;

    /** Entries that a tracker has under way at once; four times this is what all have. */
    private static final int WINDOW = 1_024;

    private final int entries;
    private final List<Process> processes = new ArrayList<>();

    /**
     * @param entries that each of the trackers proposes, 1,000 or more
     */
    public OrderingBench(int entries) {
        this.entries = Math.max(1_000, entries);
    }

    /** Measures; the figures come at the end. */
    public void run(Consumer<Figure> each) throws IOException {
        Path folder = Files.createTempDirectory("orb-ordering");
        Thread ending = new Thread(this::end, "orb-ordering-end");
        Runtime.getRuntime().addShutdownHook(ending);
        try {
            start(folder);
            ask("load " + WARM_UP + " " + WINDOW);
            long begun = System.nanoTime();
            List<String> answers = ask("load " + entries + " " + WINDOW);
            double seconds = (System.nanoTime() - begun) / 1e9;
            long total = (long) TRACKERS * entries;
            double p50 =
                    answers.stream()
                            .mapToDouble(answer -> Double.parseDouble(answer.split(" ", -1)[1]))
                            .max()
                            .orElseThrow();
            figure(each, "four_trackers_entries_per_s", total / seconds, "1/s", total);
            figure(each, "four_trackers_finality_p50_ms", p50, "ms", total);
        } finally {
            Runtime.getRuntime().removeShutdownHook(ending);
            end();
            erase(folder);
        }
    }

    private static void figure(
            Consumer<Figure> each, String metric, double value, String unit, long n) {
        each.accept(new Figure("ledger", metric, value, unit, n));
    }

    private void start(Path folder) throws IOException {
        List<TrackerKeys> keys = new ArrayList<>();
        for (int i = 0; i < TRACKERS; i++) {
            keys.add(Ceremony.keys(folder.resolve("t" + i), free(), free()).orThrow());
        }
        Roster roster =
                Roster.of(Genesis.standard("bench").encoded(), LogTail.START, keys).orThrow();
        Path file = folder.resolve("roster.orb");
        Files.write(file, roster.encoded().array());
        for (int i = 0; i < TRACKERS; i++) {
            processes.add(process(folder.resolve("t" + i), file));
        }
    }

    private static Address free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Address("127.0.0.1", socket.getLocalPort());
        }
    }

    private static Process process(Path folder, Path roster) throws IOException {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx400m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OrderingLoad.class.getName(),
                        folder.toString(),
                        roster.toString());
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(folder.resolve("log").toFile())
                .start();
    }

    /** Tells all and waits for one line of each. */
    private List<String> ask(String line) throws IOException {
        for (Process process : processes) {
            new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true).println(line);
        }
        List<String> answers = new ArrayList<>();
        for (Process process : processes) {
            BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
            String answer = said.readLine();
            while (answer != null && !answer.startsWith(OrderingLoad.DONE)) {
                answer = said.readLine();
            }
            if (answer == null) {
                throw new RefusedException(ErrorCode.INTERNAL, "a tracker of the bench ended");
            }
            answers.add(answer);
        }
        return answers;
    }

    private void end() {
        for (Process process : processes) {
            process.destroyForcibly().onExit().join();
        }
    }

    private static void erase(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
