package orb.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.kernel.Result;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.port.Desk;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Reply;
import orb.tracker.TrackerCommand;
import orb.tracker.TrackerReply;

/**
 * Somebody at the trackers' own doors, with no node and no account: calls functions by their URL,
 * now at one tracker and now at another, and reads the trackers' state.
 */
final class Visitor {
    private static final int WAITING_MOST = 10;

    private final SimSwarm swarm;
    private final RandomGenerator chance;
    private final NavigableMap<Long, Asked> waiting = new TreeMap<>();
    private final NavigableMap<Long, Result<? extends Reply>> answers = new TreeMap<>();
    private final List<TrackerReply.Called> calls = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();
    private Instant until;
    private long commands;

    private record Asked(SimPeer tracker, TrackerCommand what) {}

    Visitor(SimSwarm swarm, RandomGenerator chance) {
        this.swarm = swarm;
        this.chance = chance;
        until = swarm.agenda().now();
    }

    /** Starts to call, and stops after a while. */
    void begin(Duration busy) {
        until = swarm.agenda().now().plus(busy);
        next();
    }

    private void next() {
        swarm.agenda().after(Duration.ofMillis(50 + chance.nextInt(800)), this::act);
    }

    private void act() {
        if (swarm.agenda().now().isBefore(until)) {
            List<SimPeer> trackers = swarm.trackers();
            SimPeer tracker = trackers.get(chance.nextInt(trackers.size()));
            if (tracker.isUp() && waiting.size() < WAITING_MOST) {
                List<FunctionName> functions = swarm.functions();
                call(tracker, functions.get(chance.nextInt(functions.size())));
            }
            next();
        }
    }

    /** Calls a function by its URL at one tracker. */
    void call(SimPeer tracker, FunctionName function) {
        command(
                tracker,
                new TrackerCommand.Call(function, Guest.request(chance), Optional.empty()));
    }

    private long command(SimPeer tracker, TrackerCommand what) {
        long command = ++commands;
        waiting.put(command, new Asked(tracker, what));
        tracker.step(new Event.Commanded(command, what));
        return command;
    }

    /** What the first tracker says at once. */
    Reply ask(TrackerCommand what) {
        return ask(swarm.trackerPeer(), what);
    }

    /** What a tracker says at once. */
    Reply ask(SimPeer tracker, TrackerCommand what) {
        Result<? extends Reply> answer = answers.remove(command(tracker, what));
        if (answer == null) {
            throw new IllegalStateException("the tracker does not answer " + what + " at once");
        }
        return answer.orThrow();
    }

    /** What a tracker says of all functions. */
    List<Registry.Listed> functions(SimPeer tracker) {
        Message question = new Registry.Search("", 0, Registry.ROWS_MAX);
        Reply reply = ask(tracker, new TrackerCommand.Ask(question));
        return ((Registry.Functions) ((TrackerReply.Told) reply).answer()).functions();
    }

    /** The root of a tracker's state. */
    Digest stateRoot(SimPeer tracker) {
        return ((TrackerReply.Status) ask(tracker, new TrackerCommand.FindStatus())).stateRoot();
    }

    /** The newest final checkpoint of a tracker, if there is one. */
    Optional<Bytes> finalNote(SimPeer tracker) {
        return ((TrackerReply.Log) ask(tracker, new TrackerCommand.FindLog())).note();
    }

    /** A tracker's process ended: nobody will answer what it was asked. */
    void crashed(SimPeer tracker) {
        waiting.values().removeIf(asked -> asked.tracker == tracker);
    }

    Desk desk() {
        return new Desk() {
            @Override
            public void returned(Effect.Return effect) {
                Asked asked = waiting.remove(effect.command());
                if (asked == null) {
                    throw new IllegalStateException("an answer twice or unasked: " + effect);
                }
                if (asked.what instanceof TrackerCommand.Call call) {
                    took(call, effect.result());
                } else {
                    answers.put(effect.command(), effect.result());
                }
            }

            @Override
            public void progress(Effect.Progress effect) {
                // a visitor only waits for the end
            }

            @Override
            public void tell(Effect.Tell effect) {
                // nobody follows
            }
        };
    }

    private void took(TrackerCommand.Call asked, Result<? extends Reply> result) {
        if (result instanceof Result.Ok(TrackerReply.Called called)) {
            Guest.wrong(asked.request().body(), called.outcome()).ifPresent(wrong::add);
            calls.add(called);
        }
    }

    /** Whether an answer is due. */
    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    List<String> wrong() {
        return List.copyOf(wrong);
    }

    /** Calls that were run, in order. */
    List<TrackerReply.Called> calls() {
        return List.copyOf(calls);
    }
}
