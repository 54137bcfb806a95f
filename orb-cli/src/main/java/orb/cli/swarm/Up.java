package orb.cli.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import orb.cli.client.Api;
import orb.cli.client.ControlFile;
import orb.cli.client.Folders;
import orb.cli.client.Output;

/**
 * {@code orb up}: starts the swarm, deploys the samples, waits until they are served, says what to
 * try.
 */
public final class Up {
    /** Credits that alice sets aside for the calls of each sample. */
    private static final int ALLOCATION = 5;

    private static final String OWNER = LocalSwarm.OWNERS.getFirst();
    private static final Duration SERVED_MAX = Duration.ofSeconds(120);

    private final LocalSwarm swarm;
    private final Folders folders;
    private final Output out;
    private final List<Samples.Plan> plans;

    /** An up that deploys these samples, each one of {@link Samples#NAMES}. */
    public Up(LocalSwarm swarm, Folders folders, Output out, List<String> samples) {
        this.swarm = swarm;
        this.folders = folders;
        this.out = out;
        plans =
                samples.stream()
                        .map(name -> new Samples.Plan(name, name, "sponsored", ALLOCATION))
                        .toList();
    }

    /** Starts what does not run, deploys what is not deployed, and says where everything is. */
    public void start() throws IOException {
        if (swarm.isRunning()) {
            out.say("the swarm runs already");
        } else {
            swarm.start(step -> out.say("  " + step));
        }
        Peer alice = swarm.node(OWNER);
        folders.remember(alice.folder());
        deployMissing(alice.api());
        awaitServed();
        describe(alice);
    }

    private void deployMissing(Api api) throws IOException {
        JsonNode has = functions();
        for (Samples.Plan plan : plans) {
            if (find(has, plan).isEmpty()) {
                out.say("  deploying " + plan.name());
                Samples.deploy(api, plan, stage -> {});
            }
        }
    }

    /** After a start the nodes compile again what they serve; until then nobody would answer. */
    private void awaitServed() throws IOException {
        Set<String> said = new LinkedHashSet<>();
        boolean served =
                Wait.until(
                        SERVED_MAX,
                        () -> {
                            List<String> left = unserved();
                            left.stream()
                                    .filter(said::add)
                                    .forEach(name -> out.say("  preparing " + name));
                            return left.isEmpty();
                        });
        if (!served) {
            out.say("  still not served: " + String.join(", ", unserved()));
        }
    }

    private List<String> unserved() throws IOException {
        JsonNode has = functions();
        return plans.stream()
                .filter(plan ->
                        find(has, plan)
                                .filter(function -> function.path("seeders").asInt() > 0)
                                .isEmpty())
                .map(Samples.Plan::name)
                .toList();
    }

    /** Asked of the tracker, which knows them all at once, while a node may just be joining. */
    private JsonNode functions() throws IOException {
        return swarm.tracker().api().get("/v1/functions?search=" + OWNER + "/");
    }

    private static Optional<JsonNode> find(JsonNode functions, Samples.Plan plan) {
        for (JsonNode function : functions) {
            if (function.path("name").asText().equals(OWNER + "/" + plan.name())) {
                return Optional.of(function);
            }
        }
        return Optional.empty();
    }

    private void describe(Peer alice) throws IOException {
        ControlFile tracker = swarm.tracker().control().orElseThrow();
        ControlFile node = alice.control().orElseThrow();
        String url = tracker.gateway() + "/f/" + OWNER + "/";
        out.line("");
        int trackers = swarm.trackers().size();
        out.line(
                "Orb is up: "
                        + (trackers == 1 ? "one tracker" : trackers + " trackers")
                        + " [dev, loopback only] and the nodes of alice, bob, carol.");
        out.line("");
        if (!plans.isEmpty()) {
            out.line("Call the samples:");
            plans.forEach(plan -> out.line("  " + curl(url, plan.name())));
            out.line("");
        }
        if (trackers > 1) {
            out.line("The same paths answer at every tracker, whichever of them is gone:");
            for (Peer each : swarm.trackers()) {
                out.line("  " + each.control().orElseThrow().gateway() + "/f/" + OWNER + "/...");
            }
            out.line("");
        }
        out.line("Console   " + node.api() + "/");
        out.line("Data      " + swarm.folder());
        out.line("");
        out.line(
                "Next:  orb invoke alice/add -d '{\"a\":2,\"b\":3}'   who served it, what it cost");
        out.line("       orb wallet history                        where the credits went");
        out.line("       orb new hello && orb deploy hello         a function of your own");
        out.line("       orb --node swarm/bob wallet balance       as another owner");
    }

    private static String curl(String url, String sample) {
        String folder = Samples.folder(sample).toString();
        return switch (sample) {
            case "add" -> "curl " + url + "add -d '{\"a\":2,\"b\":3}'";
            case "wordcount" -> "curl " + url + "wordcount --data-binary @" + folder + "/text.txt";
            case "thumbnail" ->
                    "curl '"
                            + url
                            + "thumbnail?w=96' --data-binary @"
                            + folder
                            + "/photo.png -o thumb.png";
            case "hello-js" -> "curl '" + url + "hello-js?name=Ada'";
            default -> throw new IllegalArgumentException(sample + " is no sample");
        };
    }

    /** Waits for Ctrl-C, then stops the swarm. */
    public void awaitEnd() throws IOException {
        out.line("");
        out.line("Ctrl-C stops the swarm; its data stays.");
        // a terminal gives Ctrl-C to all of them: they may be ending before they are asked to
        Map<Peer, ProcessHandle> running = swarm.running();
        try (AtEnd end = new AtEnd("orb-down", () -> stop(running))) {
            while (!end.hasBegun() && swarm.isRunning()) {
                Peer.pause(500);
            }
            if (end.hasBegun()) {
                return;
            }
        }
        out.say("the swarm was stopped from elsewhere");
    }

    private void stop(Map<Peer, ProcessHandle> running) {
        try {
            swarm.stop(running);
        } catch (IOException e) {
            out.say("stopping: " + e.getMessage());
        }
    }
}
