package orb.host.hashgraph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The test's end of an {@link EngineProcess}: what it was told, and what it said. */
final class Engine {
    private static final Duration PATIENCE = Duration.ofSeconds(150);
    private static final String PATIENCE_MILLIS = "3000";
    private static final int ROUNDS_KEPT = 40;

    /** Who was away for this long cannot be told by gossip what it missed. */
    static final int ROUNDS_AWAY = ROUNDS_KEPT + 60;

    private final Path folder;
    private final Path roster;
    private Optional<Process> process = Optional.empty();

    private Thread listener = Thread.ofVirtual().unstarted(() -> {});

    /** Of the present process alone: the log as it replayed and continued it. */
    private final List<String> ordered = new CopyOnWriteArrayList<>();

    private final List<String> failed = new CopyOnWriteArrayList<>();
    private final List<String> troubles = new CopyOnWriteArrayList<>();
    private volatile String tail = "";
    private volatile String status = "";
    private volatile long round;

    Engine(Path folder, Path roster) {
        this.folder = folder;
        this.roster = roster;
    }

    void start() throws IOException {
        ordered.clear();
        failed.clear();
        status = "";
        Process started =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-XX:TieredStopAtLevel=1",
                                        "-XX:+UseSerialGC",
                                        "-Xmx200m",
                                        "-Xshare:auto",
                                        "--enable-native-access=ALL-UNNAMED",
                                        "--sun-misc-unsafe-memory-access=allow",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        EngineProcess.class.getName(),
                                        folder.toString(),
                                        roster.toString(),
                                        PATIENCE_MILLIS,
                                        Integer.toString(ROUNDS_KEPT)))
                        .directory(folder.toFile())
                        .redirectError(folder.resolve("err").toFile())
                        .start();
        process = Optional.of(started);
        listener = Thread.ofVirtual().start(() -> listen(started));
    }

    private void listen(Process from) {
        try (BufferedReader said = from.inputReader(StandardCharsets.UTF_8)) {
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                if (line.startsWith(EngineProcess.MARK)) {
                    hear(line.substring(EngineProcess.MARK.length()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void hear(String line) {
        String rest = line.substring(line.indexOf(' ') + 1);
        switch (line.split(" ", 2)[0]) {
            case "ordered" -> ordered.add(rest);
            case "failed" -> failed.add(rest);
            case "trouble" -> troubles.add(rest);
            case "tail" -> tail = rest;
            case "status" -> {
                status = rest.split(" ", 2)[0];
                round = Long.parseLong(rest.split(" ", 2)[1]);
            }
            default -> {}
        }
    }

    boolean isRunning() {
        return process.isPresent() && process.get().isAlive();
    }

    /** SIGKILL; what it said until then is heard. */
    void kill() {
        process.ifPresent(running -> {
            running.toHandle().destroyForcibly(); // leaves what it said to be read
            try {
                listener.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            running.destroyForcibly().onExit().join();
        });
    }

    private void tell(String line) {
        PrintWriter out =
                new PrintWriter(process.orElseThrow().outputWriter(StandardCharsets.UTF_8), true);
        out.println(line);
    }

    void propose(String entry) {
        tell("propose " + entry);
    }

    /** Proposes {@code name-0}, {@code name-1} and so on. */
    void load(String name, int count) {
        tell("load " + name + " 0 " + count);
    }

    void awaitActive() {
        awaitStatus("ACTIVE");
    }

    void awaitStatus(String expected) {
        status = "";
        await(folder + " is " + expected)
                .atMost(PATIENCE)
                .until(() -> {
                    assertThat(isRunning()).as("%s runs", folder).isTrue();
                    tell("status");
                    return status.equals(expected);
                });
    }

    /** The round that it last agreed to. */
    long round() {
        round = -1;
        tell("status");
        await().atMost(PATIENCE).until(() -> round >= 0);
        return round;
    }

    /** What its logger has written in this run. */
    String log() throws IOException {
        return Files.readString(folder.resolve("err"));
    }

    /** What it has reported as ordered: index, time and entry, each a line. */
    List<String> ordered() {
        return List.copyOf(ordered);
    }

    /** The entries alone, of those whose text starts so. */
    List<String> entries(String prefix) {
        List<String> entries = new ArrayList<>();
        for (String line : ordered) {
            String entry = line.substring(line.lastIndexOf(' ') + 1);
            if (entry.startsWith(prefix)) {
                entries.add(entry);
            }
        }
        return entries;
    }

    List<String> failed() {
        return List.copyOf(failed);
    }

    List<String> troubles() {
        return List.copyOf(troubles);
    }

    void awaitEntries(String prefix, int count) {
        await(count + " of " + prefix + " on " + folder)
                .atMost(PATIENCE)
                .until(() -> entries(prefix).size() >= count);
    }

    void awaitOrdered(int count) {
        await(count + " on " + folder).atMost(PATIENCE).until(() -> ordered.size() >= count);
    }

    /** Next index and last link of its log. */
    String tail() {
        tail = "";
        tell("tail");
        await().atMost(PATIENCE).until(() -> !tail.isEmpty());
        return tail;
    }
}
