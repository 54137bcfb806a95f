package orb.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
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
 * <p>Persons 0 and 1 deploy: one function whose callers pay, one that its owner sponsors. When all
 * is mended everybody calls each function once more, which then has to succeed.
 */
final class Person {
    static final int DEPLOYERS = 2;

    private static final int WAITING_MOST = 20;
    private static final int TRIES_MOST = 4;

    private final SimSwarm swarm;
    private final SimPeer node;
    private final int number;
    private final RandomGenerator chance;
    private final KeyPair wallet;
    private final KeyPair functionKey;
    private final NavigableMap<Long, NodeCommand> waiting = new TreeMap<>();
    private final ArrayDeque<FunctionName> errands = new ArrayDeque<>();
    private final List<NodeReply.Called> calls = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final NavigableMap<ErrorCode, Integer> refusals = new TreeMap<>();
    private Instant until;
    private String lastRefusal = "";
    private long commands;
    private int tries;
    private boolean loggedIn;
    private boolean deployed;

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

    AccountId account() {
        return AccountId.of(wallet.publicKey());
    }

    /** The name of the function that a person deploys. */
    static FunctionName function(int number) {
        return new FunctionName("person" + number, "sum");
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
        if (swarm.agenda().now().isBefore(until)) {
            if (node.isUp() && waiting.size() < WAITING_MOST) {
                if (!loggedIn) {
                    logIn();
                } else if (number < DEPLOYERS && !deployed) {
                    deploy();
                } else {
                    List<FunctionName> functions = swarm.functions();
                    call(functions.get(chance.nextInt(functions.size())));
                }
            }
            next();
        }
    }

    private void logIn() {
        if (waiting.isEmpty()) {
            // a node wipes the key it was given when it forgets it, so it gets a copy
            command(new NodeCommand.LogIn(name(), KeyPair.ofSeed(wallet.seedForStorage())));
        }
    }

    private void deploy() {
        if (!waiting.isEmpty()) {
            return;
        }
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

    private void call(FunctionName function) {
        byte[] input = new byte[chance.nextInt(200)];
        chance.nextBytes(input);
        command(new NodeCommand.Call(function, Request.post(Bytes.wrap(input)), true));
    }

    private void command(NodeCommand what) {
        long command = ++commands;
        waiting.put(command, what);
        node.step(new Event.Commanded(command, what));
    }

    /** All is mended: logs in where need be and calls these functions, until each has answered. */
    void tryAgain(List<FunctionName> functions) {
        errands.addAll(functions);
        tries = 0;
        errand();
    }

    private void errand() {
        if (errands.isEmpty()) {
            return;
        }
        if (waiting.isEmpty()) {
            if (tries == TRIES_MOST) {
                failures.add(
                        (loggedIn ? "could not call " + errands.peek() : "could not log in")
                                + " after all was mended: "
                                + lastRefusal);
                errands.clear();
                return;
            }
            tries++;
            if (loggedIn) {
                call(errands.peek());
            } else {
                logIn();
            }
        }
        swarm.agenda().after(Duration.ofMillis(1_000), this::errand);
    }

    /** The process ended: nobody will answer what it was asked, and nobody is logged in. */
    void crashed() {
        waiting.clear();
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
                switch (effect.result()) {
                    case Result.Ok<? extends Reply>(var reply) -> take(asked, reply);
                    case Result.Refused<? extends Reply>(var refusal) -> refused(refusal);
                }
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

    private void refused(Refusal refusal) {
        refusals.merge(refusal.code(), 1, Integer::sum);
        lastRefusal = refusal.toString();
    }

    private void take(NodeCommand asked, Reply reply) {
        switch (reply) {
            case NodeReply.LoggedIn _ -> {
                loggedIn = true;
                tries = 0;
            }
            case NodeReply.Deployed _ -> deployed = true;
            case NodeReply.Called called -> took((NodeCommand.Call) asked, called);
            default -> throw new IllegalStateException("not an answer to " + asked);
        }
    }

    private void took(NodeCommand.Call asked, NodeReply.Called called) {
        if (!(called.outcome() instanceof Outcome.Completed(var response, _))) {
            lastRefusal = called.outcome().toString();
            return;
        }
        calls.add(called);
        if (asked.function().equals(errands.peek())) {
            errands.remove();
            tries = 0;
        }
        Bytes right = Guest.answer(asked.request().body());
        if (!response.body().equals(right)) {
            wrong.add("got " + response.body() + " instead of " + right);
        }
    }

    /** Whether an answer or an errand is due. */
    boolean isWaiting() {
        return !waiting.isEmpty() || !errands.isEmpty();
    }

    /** Whether this person's function was deployed, with its allocation. */
    boolean hasDeployed() {
        return deployed;
    }

    /** Completed calls whose answer was not the function's. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    /** What did not work although all was mended. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Calls that completed, in order. */
    List<NodeReply.Called> calls() {
        return List.copyOf(calls);
    }

    long completed() {
        return calls.size();
    }

    /** How often commands were refused, by reason. */
    NavigableMap<ErrorCode, Integer> refusals() {
        return new TreeMap<>(refusals);
    }
}
