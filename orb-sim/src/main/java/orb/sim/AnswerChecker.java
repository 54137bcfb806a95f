package orb.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import orb.kernel.NodeId;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;

/**
 * Sees to it that whoever asks is answered, once: every command and every question of a peer,
 * unless the process that was asked has ended, or the one that asked: then nobody waits, and the
 * answer may take as long as the question allowed.
 */
final class AnswerChecker implements Checker {
    /** Whatever was asked this long before the end has its answer by then. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Supplier<Instant> clock;
    private final NavigableMap<NodeId, NavigableMap<Long, Open>> commands = new TreeMap<>();
    private final NavigableMap<NodeId, NavigableMap<Long, Open>> questions = new TreeMap<>();
    private final List<String> found = new ArrayList<>();

    private record Open(Instant since, Object what, Optional<NodeId> asker) {}

    AnswerChecker(Supplier<Instant> clock) {
        this.clock = clock;
    }

    @Override
    public void stepped(NodeId peer, Event event, List<Effect> effects) {
        switch (event) {
            case Event.Commanded(long command, var what) ->
                    at(commands, peer).put(command, new Open(clock.get(), what, Optional.empty()));
            case Event.Asked(long inbound, var asker, var message) ->
                    at(questions, peer)
                            .put(inbound, new Open(clock.get(), message, Optional.of(asker)));
            default -> {
                // nobody waits for what is neither asked nor commanded
            }
        }
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Return(long command, _) -> {
                    if (at(commands, peer).remove(command) == null) {
                        found.add(peer.brief() + " answered command " + command + " unasked");
                    }
                }
                case Effect.Answer(long inbound, var message) -> {
                    if (at(questions, peer).remove(inbound) == null) {
                        found.add(peer.brief() + " answered unasked: " + message);
                    }
                }
                default -> {
                    // no answer
                }
            }
        }
    }

    private static NavigableMap<Long, Open> at(
            NavigableMap<NodeId, NavigableMap<Long, Open>> map, NodeId peer) {
        return map.computeIfAbsent(peer, _ -> new TreeMap<>());
    }

    @Override
    public void crashed(NodeId peer) {
        commands.remove(peer);
        questions.remove(peer);
        questions.values().forEach(open -> open.replaceAll((_, one) -> abandoned(one, peer)));
    }

    /** What a process asked that is no more is due at the end of time. */
    private static Open abandoned(Open one, NodeId ended) {
        return one.asker.equals(Optional.of(ended))
                ? new Open(Instant.MAX, one.what, one.asker)
                : one;
    }

    @Override
    public List<String> violations(Replay replay) {
        List<String> all = new ArrayList<>(found);
        commands.forEach((peer, open) -> overdue(peer, open, all));
        questions.forEach((peer, open) -> overdue(peer, open, all));
        return all;
    }

    private void overdue(NodeId peer, NavigableMap<Long, Open> open, List<String> all) {
        Instant latest = clock.get().minus(PATIENCE);
        for (Open one : open.values()) {
            if (one.since.isBefore(latest)) {
                all.add(peer.brief() + " did not answer " + one.what + " of " + one.since);
            }
        }
    }
}
