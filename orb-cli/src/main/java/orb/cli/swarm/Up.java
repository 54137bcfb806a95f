package orb.cli.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import orb.cli.client.Api;
import orb.cli.client.ControlFile;
import orb.cli.client.Folders;
import orb.cli.client.Output;

/** {@code orb up}: starts the swarm, deploys the samples, says what to try. */
public final class Up {
    private static final List<Samples.Plan> PLANS =
            List.of(
                    new Samples.Plan("add", "add", "sponsored", 5),
                    new Samples.Plan("wordcount", "wordcount", "sponsored", 5),
                    new Samples.Plan("thumbnail", "thumbnail", "sponsored", 5),
                    new Samples.Plan("hello-js", "hello-js", "sponsored", 5));

    private final LocalSwarm swarm;
    private final Folders folders;
    private final Output out;

    public Up(LocalSwarm swarm, Folders folders, Output out) {
        this.swarm = swarm;
        this.folders = folders;
        this.out = out;
    }

    /** Starts what does not run, deploys what is not deployed, and says where everything is. */
    public void start() throws IOException {
        if (swarm.isRunning()) {
            out.say("the swarm runs already");
        } else {
            swarm.start(step -> out.say("  " + step));
        }
        Peer alice = swarm.node(LocalSwarm.OWNERS.getFirst());
        folders.remember(alice.folder());
        Api api = alice.api();
        JsonNode has = api.get("/v1/functions?mine=true");
        for (Samples.Plan plan : PLANS) {
            boolean deployed = false;
            for (JsonNode function : has) {
                deployed |= function.path("name").asText().endsWith("/" + plan.name());
            }
            if (!deployed) {
                out.say("  deploying " + plan.name());
                Samples.deploy(api, plan, stage -> {});
            }
        }
        describe(alice);
    }

    private void describe(Peer alice) throws IOException {
        ControlFile tracker = swarm.tracker().control().orElseThrow();
        ControlFile node = alice.control().orElseThrow();
        String url = tracker.gateway() + "/f/alice/";
        String examples = Samples.folder("add").resolveSibling("").toString();
        out.line("");
        out.line("Orb is up: one tracker [dev, loopback only] and the nodes of alice, bob, carol.");
        out.line("");
        out.line("Call the samples:");
        out.line("  curl " + url + "add -d '{\"a\":2,\"b\":3}'");
        out.line("  curl " + url + "wordcount --data-binary @" + examples + "/wordcount/text.txt");
        out.line(
                "  curl '"
                        + url
                        + "thumbnail?w=96' --data-binary @"
                        + examples
                        + "/thumbnail/photo.png -o thumb.png");
        out.line("  curl '" + url + "hello-js?name=Ada'");
        out.line("");
        out.line("Console   " + node.api() + "/");
        out.line("Data      " + swarm.folder());
        out.line("");
        out.line(
                "Next:  orb invoke alice/add -d '{\"a\":2,\"b\":3}'   who served it, what it cost");
        out.line("       orb wallet history                        where the credits went");
        out.line("       orb new hello && orb deploy hello         a function of your own");
        out.line("       orb --node swarm/bob wallet balance       as another owner");
    }

    /** Waits for Ctrl-C, then stops the swarm. */
    public void awaitEnd() throws IOException {
        out.line("");
        out.line("Ctrl-C stops the swarm; its data stays.");
        Thread stopping =
                new Thread(
                        () -> {
                            try {
                                swarm.stop();
                            } catch (IOException e) {
                                out.say("stopping: " + e.getMessage());
                            }
                        },
                        "orb-down");
        Runtime.getRuntime().addShutdownHook(stopping);
        while (swarm.isRunning()) {
            Peer.pause(500);
        }
        Runtime.getRuntime().removeShutdownHook(stopping);
        out.say("the swarm was stopped from elsewhere");
    }
}
