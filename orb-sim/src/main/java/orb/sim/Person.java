package orb.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Grants;
import orb.kernel.port.Desk;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Reply;
import orb.ledger.ReceiptProof;
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

    /** The one of the two functions that its owner pays for. */
    static final FunctionName SPONSORED = function(1);

    private static final int WAITING_MOST = 20;
    private static final int ODD_PERCENT = 3;
    private static final int TRIES_MOST = 4;

    private final SimSwarm swarm;
    private final SimPeer node;
    private final int number;
    private final RandomGenerator chance;
    private final KeyPair wallet;
    private final KeyPair functionKey;
    private final NavigableMap<Long, NodeCommand> waiting = new TreeMap<>();
    private final ArrayDeque<FunctionName> errands = new ArrayDeque<>();
    private final NavigableSet<FunctionName> unseeded = new TreeSet<>();
    private final List<NodeReply.Called> calls = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private final NavigableMap<ErrorCode, Integer> refusals = new TreeMap<>();
    private Instant until;
    private Refusal lastRefusal = new Refusal(ErrorCode.NOT_LOGGED_IN, "nothing was tried");
    private long commands;
    private int tries;
    private boolean loggedIn;
    private boolean isDone = true;
    private boolean deployed;

    /**
     * Something that did not work although all was mended.
     *
     * @param function what could not be called; empty if it came to no call
     */
    record Failure(Optional<FunctionName> function, Refusal refusal) {
        ErrorCode code() {
            return refusal.code();
        }

        @Override
        public String toString() {
            String what = function.map(name -> "call " + name).orElse("log in");
            return "could not " + what + " after all was mended: " + refusal;
        }
    }

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
                } else if (chance.nextInt(100) < ODD_PERCENT) {
                    doSomethingOdd();
                } else {
                    call(anyFunction());
                }
            }
            next();
        }
    }

    private FunctionName anyFunction() {
        List<FunctionName> functions = swarm.functions();
        return functions.get(chance.nextInt(functions.size()));
    }

    /** What people do now and then, between calls. */
    private void doSomethingOdd() {
        FunctionName function = anyFunction();
        switch (chance.nextInt(6)) {
            case 0 -> {
                loggedIn = false;
                command(new NodeCommand.LogOut());
            }
            case 1 -> {
                if (number < DEPLOYERS) {
                    deploy(); // the next version
                }
            }
            case 2 -> {
                unseeded.add(function);
                command(new NodeCommand.Unseed(function));
            }
            case 3 -> command(new NodeCommand.Seed(function));
            case 4 -> {
                if (!calls.isEmpty()) {
                    command(new NodeCommand.FindProof(calls.getLast().call()));
                }
            }
            default -> command(new NodeCommand.Call(function, Guest.request(chance), false));
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
                                Guest.LIMITS,
                                Grants.NONE,
                                sponsors ? "sponsored" : "metered",
                                2,
                                Guest.harmless(),
                                sponsors ? swarm.settings().allocation() : Credits.ZERO),
                        KeyPair.ofSeed(functionKey.seedForStorage())));
    }

    private void call(FunctionName function) {
        command(new NodeCommand.Call(function, Guest.request(chance), true));
    }

    private void command(NodeCommand what) {
        long command = ++commands;
        waiting.put(command, what);
        node.step(new Event.Commanded(command, what));
    }

    /** Stops the node in an orderly way; it says goodbye and then ends. */
    void leave() {
        command(new NodeCommand.Leave());
    }

    /** All is mended: logs in where need be and calls these functions, until each has answered. */
    void tryAgain(List<FunctionName> functions) {
        isDone = false;
        errands.addAll(functions);
        tries = 0;
        unseeded.forEach(function -> command(new NodeCommand.Seed(function)));
        errand();
    }

    private void errand() {
        if (errands.isEmpty() && loggedIn) {
            isDone = true;
            return;
        }
        if (waiting.isEmpty()) {
            if (tries == TRIES_MOST) {
                failures.add(
                        new Failure(
                                loggedIn ? Optional.ofNullable(errands.peek()) : Optional.empty(),
                                lastRefusal));
                errands.clear();
                isDone = true;
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
        lastRefusal = refusal;
    }

    private void take(NodeCommand asked, Reply reply) {
        switch (reply) {
            case NodeReply.LoggedIn _ -> {
                loggedIn = true;
                tries = 0;
            }
            case NodeReply.Deployed _ -> deployed = true;
            case NodeReply.Called called -> took((NodeCommand.Call) asked, called);
            case NodeReply.ProofFound(var proof) -> prove((NodeCommand.FindProof) asked, proof);
            case NodeReply.Done() -> {
                // logged out, or left, or seeds, or seeds no longer
            }
            default -> throw new IllegalStateException("not an answer to " + asked);
        }
    }

    private void took(NodeCommand.Call asked, NodeReply.Called called) {
        Guest.wrong(asked.request().body(), called.outcome()).ifPresent(wrong::add);
        if (called.outcome() instanceof Outcome.Refused(var refusal)) {
            refused(refusal);
            return;
        }
        calls.add(called);
        if (asked.function().equals(errands.peek())) {
            errands.remove();
            tries = 0;
        }
    }

    private void prove(NodeCommand.FindProof asked, Bytes proof) {
        Result<Receipt> proven = ReceiptProof.decode(proof).then(ReceiptProof::verify);
        boolean isGood =
                proven instanceof Result.Ok<Receipt>(var receipt)
                        && receipt.call().equals(asked.call());
        if (!isGood && swarm.scenario().isHonest()) {
            wrong.add("got no proof of call " + asked.call() + ": " + proven);
        }
    }

    /** Whether an answer or an errand is due. */
    boolean isWaiting() {
        return !waiting.isEmpty() || !isDone;
    }

    /** Whether this person's function was deployed, with its allocation. */
    boolean hasDeployed() {
        return deployed;
    }

    /** Answers that were not the function's. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    /** What did not work although all was mended. */
    List<Failure> failures() {
        return List.copyOf(failures);
    }

    /** Calls that were run, in order. */
    List<NodeReply.Called> calls() {
        return List.copyOf(calls);
    }

    /** How often commands were refused, by reason. */
    NavigableMap<ErrorCode, Integer> refusals() {
        return new TreeMap<>(refusals);
    }
}
