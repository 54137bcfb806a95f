package orb.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.port.Desk;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Reply;
import orb.node.NodeCommand;
import orb.node.NodeReply;

/**
 * The owner of a node: logs in, may deploy, calls functions of all, and remembers every answer.
 *
 * <p>Persons 0 and 1 deploy: one function whose callers pay, one that its owner sponsors.
 */
final class Person {
    private static final int DEPLOYERS = 2;

    private final SimSwarm swarm;
    private final SimPeer node;
    private final int number;
    private final RandomGenerator chance;
    private final KeyPair wallet;
    private final KeyPair functionKey;
    private final NavigableMap<Long, NodeCommand> waiting = new TreeMap<>();
    private final List<Wrong> wrong = new ArrayList<>();
    private long commands;
    private long completed;
    private long refused;
    private long given;
    private boolean loggedIn;
    private boolean deployed;
    private java.time.Instant until;

    /** An answer that cannot be right. */
    record Wrong(NodeCommand.Call call, Bytes answer) {}

    Person(SimSwarm swarm, SimPeer node, int number, RandomGenerator chance) {
        this.swarm = swarm;
        this.node = node;
        this.number = number;
        this.chance = chance;
        until = swarm.agenda().now();
        wallet = KeyPair.generate(chance::nextBytes);
        functionKey = KeyPair.generate(chance::nextBytes);
    }

    SimPeer node() {
        return node;
    }

    String name() {
        return "person" + number;
    }

    /** Starts to act, and stops after a while. */
    void begin(Duration busy) {
        until = swarm.agenda().now().plus(busy);
        next();
    }

    private void next() {
        swarm.agenda().after(Duration.ofMillis(20 + chance.nextInt(400)), this::act);
    }

    private void act() {
        if (!swarm.agenda().now().isBefore(until)) {
            return;
        }
        if (node.isUp() && waiting.size() < 20) {
            if (!loggedIn) {
                if (waiting.isEmpty()) {
                    // a node wipes the key it was given when it forgets it, so it gets a copy
                    command(
                            new NodeCommand.LogIn(
                                    name(), KeyPair.ofSeed(wallet.seedForStorage())));
                }
            } else if (number < DEPLOYERS && !deployed) {
                if (waiting.isEmpty()) {
                    deploy();
                }
            } else {
                call();
            }
        }
        next();
    }

    private void deploy() {
        boolean sponsors = number == 1;
        command(
                new NodeCommand.Deploy(
                        new NodeCommand.Proposal(
                                "sum",
                                Digest.of(Bytes.utf8("source of " + name())),
                                Guest.MODULE,
                                Limits.DEFAULT,
                                sponsors ? "sponsored" : "metered",
                                2,
                                Request.post(Bytes.utf8("sample")),
                                sponsors ? Credits.whole(5) : Credits.ZERO),
                        KeyPair.ofSeed(functionKey.seedForStorage())));
    }

    private void call() {
        byte[] input = new byte[chance.nextInt(200)];
        chance.nextBytes(input);
        command(
                new NodeCommand.Call(
                        new FunctionName("person" + chance.nextInt(DEPLOYERS), "sum"),
                        Request.post(Bytes.wrap(input)),
                        true));
    }

    private void command(NodeCommand what) {
        long command = ++commands;
        given++;
        waiting.put(command, what);
        node.step(new Event.Commanded(command, what));
    }

    /** The process ended: nobody will answer what it was asked, and nobody is logged in. */
    void crashed() {
        waiting.clear();
        loggedIn = false;
    }

    /** The process runs again. */
    void returned() {
        loggedIn = false;
    }

    Desk desk() {
        return new Desk() {
            @Override
            public void returned(Effect.Return effect) {
                NodeCommand asked = waiting.remove(effect.command());
                if (asked == null) {
                    throw new IllegalStateException(
                            name() + " got an answer twice or unasked: " + effect);
                }
                take(asked, effect.result());
            }

            @Override
            public void progress(Effect.Progress effect) {
                // a person who only waits for the end
            }

            @Override
            public void tell(Effect.Tell effect) {
                // nobody follows
            }
        };
    }

    private void take(NodeCommand asked, Result<? extends Reply> result) {
        if (!result.isOk()) {
            refused++;
            return;
        }
        switch (result.orThrow()) {
            case NodeReply.LoggedIn _ -> loggedIn = true;
            case NodeReply.Deployed _ -> deployed = true;
            case NodeReply.Called called -> took((NodeCommand.Call) asked, called);
            default -> throw new IllegalStateException("not an answer to " + asked);
        }
    }

    private void took(NodeCommand.Call asked, NodeReply.Called called) {
        if (!(called.outcome() instanceof Outcome.Completed(var response, _))) {
            refused++;
            return;
        }
        completed++;
        Bytes right = Guest.answer(asked.request().body());
        if (!response.body().equals(right)) {
            wrong.add(new Wrong(asked, response.body()));
        }
    }

    /** Commands without an answer, although their process lives. */
    List<NodeCommand> unanswered() {
        return List.copyOf(waiting.values());
    }

    List<Wrong> wrong() {
        return List.copyOf(wrong);
    }

    long completed() {
        return completed;
    }

    long refused() {
        return refused;
    }

    long given() {
        return given;
    }
}
