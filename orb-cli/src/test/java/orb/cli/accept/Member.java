package orb.cli.accept;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import orb.cli.client.Api;
import orb.cli.client.ControlFile;

/**
 * A tracker or node as a process with a data folder.
 *
 * @param folder its data
 */
record Member(Path folder) {
    /** The kind of the event that tells of a function. */
    static final String AVAILABLE = "function.available";

    ControlFile control() {
        try {
            return ControlFile.read(folder)
                    .orElseThrow(() -> new AssertionError(folder + " does not run: " + log()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    boolean isRunning() throws IOException {
        return ControlFile.read(folder).isPresent();
    }

    String id() {
        return control().id();
    }

    Api api() {
        return new Api(control().api(), control().token());
    }

    String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return "(no log)";
        }
    }

    /** Starts it with these words, and waits until it can be asked. */
    Member start(Path home, String... words) throws IOException {
        Files.createDirectories(folder);
        ControlFile.remove(folder);
        Process process = launch(home, words);
        await().atMost(Orb.WAIT_SECONDS, SECONDS)
                .pollInterval(java.time.Duration.ofMillis(50))
                .failFast("it ended at its start", () -> !process.isAlive() && !isRunning())
                .until(this::isRunning);
        return this;
    }

    /** Starts it and does not wait. */
    Process launch(Path home, String... words) throws IOException {
        Files.createDirectories(folder);
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.addAll(List.of("--data", folder.toString()));
        return Orb.process(home, all)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
    }

    /** Ends it as a crash would. */
    void kill() throws IOException {
        ControlFile.read(folder)
                .flatMap(control -> ProcessHandle.of(control.pid()))
                .ifPresent(process -> {
                    process.destroyForcibly();
                    process.onExit().orTimeout(Orb.WAIT_SECONDS, SECONDS).join();
                });
    }

    /** Asks it to end. */
    void stop() throws IOException {
        ControlFile.read(folder)
                .flatMap(control -> ProcessHandle.of(control.pid()))
                .ifPresent(process -> {
                    process.destroy();
                    try {
                        process.onExit().get(20, SECONDS);
                    } catch (Exception e) {
                        process.destroyForcibly();
                    }
                });
    }

    /** Runs a verb against this node. */
    Orb.Ran orb(String... words) {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.addAll(List.of("--node", folder.toString()));
        return Orb.run(all.toArray(String[]::new));
    }

    /** Runs a verb against this node and reads what it says as JSON. */
    JsonNode json(String... words) {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.addAll(List.of("-o", "json"));
        return orb(all.toArray(String[]::new)).ok().json();
    }

    /** Calls a function at this member's public endpoint. */
    Api.Raw call(String function, String body) throws IOException {
        return new Api(control().gateway(), "")
                .raw(
                        "POST",
                        "/f/" + function,
                        "application/json",
                        body.getBytes(StandardCharsets.UTF_8),
                        Map.of());
    }

    /** Calls a function through this node's API; its account pays. */
    Api.Raw invoke(String function, String body) throws IOException {
        return invoke(function, body.getBytes(StandardCharsets.UTF_8));
    }

    Api.Raw invoke(String function, byte[] body) throws IOException {
        return api().raw("POST", "/v1/invoke/" + function, "application/json", body, Map.of());
    }

    long balance() {
        return json("wallet", "balance").path("balanceMicro").asLong();
    }

    /** Movements, newest first. */
    JsonNode history() {
        return json("wallet", "history", "--limit", "200");
    }

    List<JsonNode> events() throws IOException {
        List<JsonNode> events = new ArrayList<>();
        api().events("/v1/events?follow=false", events::add);
        return events;
    }

    /** How often this node told of an event. */
    long count(String kind, String subject) throws IOException {
        return events().stream()
                .filter(event -> event.path("kind").asText().equals(kind))
                .filter(event -> event.path("subject").asText().equals(subject))
                .count();
    }
}
