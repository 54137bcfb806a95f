package orb.tracker;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.message.FunctionFacts;
import orb.kernel.port.Reply;
import orb.ledger.Entry;
import orb.ledger.Plan;

/** A scene with money in it: alice owns functions, carol and dan host them, bob calls. */
final class Market {
    final Scene scene;
    final Person alice;
    final Person bob;
    final Person carol;
    final Person dan;
    final Host alicesNode;
    final Host bobsNode;
    final Host carolsNode;
    final Host dansNode;

    Market() {
        this(Scene.config());
    }

    Market(TrackerConfig config) {
        scene = new Scene(config);
        alice = new Person(scene, "alice");
        bob = new Person(scene, "bob");
        carol = new Person(scene, "carol");
        dan = new Person(scene, "dan");
        alicesNode = node(alice);
        bobsNode = node(bob);
        carolsNode = node(carol);
        dansNode = node(dan);
    }

    private Host node(Person owner) {
        Host node = new Host(scene, owner.name + "s node");
        owner.owns(node.key);
        node.join();
        return node;
    }

    List<Host> nodes() {
        return List.of(alicesNode, bobsNode, carolsNode, dansNode);
    }

    /** Deploys alice's function; all nodes know of it, and the given ones serve it. */
    FunctionFacts function(String name, Plan plan, Host... hosts) {
        FunctionFacts facts = alice.deploys(name, plan);
        nodes().forEach(Host::answerAll);
        List.of(hosts).forEach(host -> host.serve(facts));
        return facts;
    }

    /** A sponsored function with an allocation. */
    FunctionFacts sponsored(Credits allocation, Host... hosts) {
        FunctionFacts facts = function("add", Plan.SPONSORED, hosts);
        alice.sponsors(facts, allocation);
        return facts;
    }

    Digest token(Bytes token, Credits amount) {
        return bob.locks(amount, Scene.KEY.publicKey(), new Entry.Purpose.Token(Digest.of(token)));
    }

    /** Calls over HTTP without a token; the command's number. */
    long call() {
        return call("POST", Optional.empty());
    }

    long call(String method, Optional<Bytes> token) {
        Request request = new Request(method, "/", "", List.of(), Bytes.utf8("{\"a\":2,\"b\":3}"));
        return scene.command(new TrackerCommand.Call(alice.function("add"), request, token));
    }

    /** All nodes answer what they are asked, until nothing is left. */
    void answerAll() {
        boolean again = true;
        while (again) {
            again = false;
            for (Host node : nodes()) {
                again |= !scene.asksTo(node.id).isEmpty();
                node.answerAll();
            }
        }
    }

    /** Time in which nobody comes. */
    void rest(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            nodes().forEach(node -> node.beat(0, 4));
            scene.sleep(Duration.ofSeconds(1));
        }
    }

    TrackerReply.Called called(long command) {
        return switch (scene.returned(command)) {
            case Result.Ok<? extends Reply>(TrackerReply.Called reply) -> reply;
            case Result.Ok<? extends Reply>(var reply) -> throw new AssertionError(reply);
            case Result.Refused<? extends Reply>(var refusal) -> throw new AssertionError(refusal);
        };
    }

    static String body(TrackerReply.Called called) {
        return ((Outcome.Completed) called.outcome()).response().body().utf8();
    }
}
