package orb.cli.swarm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import orb.cli.client.Api;
import orb.cli.client.ControlFile;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/**
 * One process of a swarm on this machine: a tracker or a node with its folder.
 *
 * @param name of its folder
 * @param folder its data
 */
public record Peer(String name, Path folder) {
    private static final Duration START_MAX = Duration.ofSeconds(120);
    private static final Duration STOP_MAX = Duration.ofSeconds(10);

    public Optional<ControlFile> control() throws IOException {
        return ControlFile.read(folder);
    }

    public Api api() throws IOException {
        ControlFile control =
                control()
                        .orElseThrow(() ->
                                new RefusedException(
                                        ErrorCode.NOT_RUNNING, name + " does not run"));
        return new Api(control.api(), control.token());
    }

    Path log() {
        return folder.resolve("log");
    }

    /** Starts the process with these words and waits until it can be asked. */
    Process start(List<String> words) throws IOException {
        Files.createDirectories(folder);
        ControlFile.remove(folder);
        List<String> command = new ArrayList<>();
        command.add(launcher().toString());
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        Process process = builder.start();
        awaitReady(process);
        return process;
    }

    private void awaitReady(Process process) throws IOException {
        long until = System.nanoTime() + START_MAX.toNanos();
        while (control().isEmpty()) {
            if (!process.isAlive()) {
                throw new RefusedException(
                        new Refusal(
                                ErrorCode.NOT_RUNNING,
                                name + " ended at its start: " + lastLines(),
                                "the whole log is " + log()));
            }
            if (System.nanoTime() - until > 0) {
                process.destroyForcibly();
                throw new RefusedException(
                        new Refusal(
                                ErrorCode.TIMED_OUT,
                                name + " was not ready in " + START_MAX.toSeconds() + " s",
                                "look at " + log()));
            }
            pause(20);
        }
    }

    private String lastLines() throws IOException {
        List<String> lines = Files.exists(log()) ? Files.readAllLines(log()) : List.of();
        return String.join(" | ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }

    /** Waits for the end of a process that was asked to end, and ends it if it does not. */
    void awaitEnd(ProcessHandle process) throws IOException {
        try {
            process.onExit().get(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        } catch (java.util.concurrent.ExecutionException
                | java.util.concurrent.TimeoutException e) {
            process.destroyForcibly();
        }
        ControlFile.remove(folder);
    }

    /** Its process, if it runs; its control file goes as soon as it begins to end. */
    Optional<ProcessHandle> process() throws IOException {
        return control().flatMap(control -> ProcessHandle.of(control.pid()));
    }

    /** Ends the process at once, as a crash would. */
    void kill() throws IOException {
        process()
                .ifPresent(process -> {
                    process.destroyForcibly();
                    process.onExit().join();
                });
    }

    /** The script that started this program; it starts the others too. */
    public static Path launcher() {
        String script = System.getProperty("orb.script", "");
        if (script.isEmpty()) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.TOOL_MISSING,
                            "this was not started by the orb script",
                            "start it as ./orb up"));
        }
        return Path.of(script);
    }

    /** Waits a moment; an interrupt ends the program in an orderly way. */
    public static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException(ErrorCode.TIMED_OUT, "interrupted");
        }
    }
}
