package orb.sim.liar;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Calling;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.message.Witnessing;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Machine;
import orb.ledger.Entry;
import orb.ledger.SignedEntry;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.LogRoster;
import orb.tracker.TrackerReply;

/**
 * A tracker's role that lies with its own key: it changes what an honest one does, and nothing that
 * others signed. Not thread-safe, as any role.
 */
public final class Liar implements Machine {
    /** The root of a log, or of a state, that is nobody's. */
    public static final Digest MADE_UP = Digest.of(Bytes.utf8("nobody's"));

    private static final Credits MORE = Credits.whole(1_000);
    private static final Duration CLAIM_LIFE = Duration.ofSeconds(60);

    private final Machine role;
    private final KeyPair key;
    private final LogRoster alone;
    private final Supplier<Optional<Lie>> lie;
    private final List<Event.Ordered> held = new ArrayList<>();
    private long told;

    /**
     * A liar in the place of a role.
     *
     * @param role what it does while it is honest
     * @param key the tracker's
     * @param network the swarm's id
     * @param lie asked at each step how it lies now
     */
    public Liar(Machine role, KeyPair key, Digest network, Supplier<Optional<Lie>> lie) {
        this.role = role;
        this.key = key;
        this.lie = lie;
        alone = new LogRoster(network, List.of(key.publicKey()));
    }

    /** How often it lied. */
    public long told() {
        return told;
    }

    @Override
    public List<Effect> step(Instant now, Event event) {
        Optional<Lie> how = lie.get();
        if (how.isEmpty()) {
            return role.step(now, event);
        }
        if (how.get() == Lie.REORDERS && event instanceof Event.Ordered ordered) {
            return reordered(now, ordered);
        }
        List<Effect> effects = role.step(now, event);
        List<Effect> changed =
                effects.stream().flatMap(effect -> lied(now, how.get(), effect)).toList();
        told += changed.equals(effects) ? 0 : 1;
        return changed;
    }

    private List<Effect> reordered(Instant now, Event.Ordered second) {
        if (held.isEmpty()) {
            held.add(second);
            return List.of();
        }
        told++;
        Event.Ordered first = held.removeFirst();
        List<Effect> effects = new ArrayList<>();
        effects.addAll(
                role.step(now, new Event.Ordered(first.index(), first.time(), second.entry())));
        effects.addAll(
                role.step(now, new Event.Ordered(second.index(), second.time(), first.entry())));
        return effects;
    }

    private Stream<Effect> lied(Instant now, Lie how, Effect effect) {
        return switch (how) {
            case FORKS ->
                    effect instanceof Effect.Answer(long in, Witnessing.Checkpoint said)
                            ? Stream.of(new Effect.Answer(in, forked(said)))
                            : Stream.of(effect);
            case CREDITS ->
                    effect
                                    instanceof
                                    Effect.Ask(long n, var peer, Witnessing.Offer(var note), var t)
                            ? Stream.of(new Effect.Ask(n, peer, credited(note), t))
                            : Stream.of(effect);
            case CENSORS -> effect instanceof Effect.Propose ? Stream.empty() : Stream.of(effect);
            case REPLAYS ->
                    effect instanceof Effect.Propose
                            ? Stream.of(effect, effect, effect)
                            : Stream.of(effect);
            case CLAIMS -> Stream.concat(claim(now, effect).stream(), Stream.of(effect));
            case WITHHOLDS ->
                    effect instanceof Effect.Answer(_, Calling.Invoked _)
                            ? Stream.empty()
                            : Stream.of(effect);
            case ENRICHES -> Stream.of(enriched(effect));
            case REORDERS -> Stream.of(effect); // entries alone are reordered
        };
    }

    private Witnessing.Checkpoint forked(Witnessing.Checkpoint said) {
        UnaryOperator<Checkpoint> other =
                good -> new Checkpoint(good.network(), good.size(), MADE_UP, good.stateRoot());
        return new Witnessing.Checkpoint(signed(said.note(), other), said.proof());
    }

    private Witnessing.Offer credited(Bytes note) {
        UnaryOperator<Checkpoint> richer =
                good -> new Checkpoint(good.network(), good.size(), good.root(), MADE_UP);
        return new Witnessing.Offer(signed(note, richer));
    }

    /** A note of its own with another checkpoint; what others signed is as it was. */
    private Bytes signed(Bytes note, UnaryOperator<Checkpoint> change) {
        return alone.check(note) instanceof Result.Ok<LogRoster.Checked>(var good)
                ? alone.sign(key, change.apply(good.checkpoint()), 1).encoded()
                : note;
    }

    private static Effect enriched(Effect effect) {
        return switch (effect) {
            case Effect.Answer(long in, Registry.Account account) ->
                    new Effect.Answer(in, richer(account));
            case Effect.Return(long command, Result.Ok<?>(TrackerReply.Told(Message said)))
                    when said instanceof Registry.Account account ->
                    new Effect.Return(command, Result.ok(new TrackerReply.Told(richer(account))));
            default -> effect;
        };
    }

    private static Registry.Account richer(Registry.Account a) {
        return new Registry.Account(
                a.known(),
                a.name(),
                a.balance().plus(MORE),
                a.pending(),
                a.escrow(),
                a.nonce(),
                a.channels());
    }

    /** A host's settlement under the tracker's own name, to be proposed before the host's. */
    private Optional<Effect> claim(Instant now, Effect effect) {
        return effect instanceof Effect.Propose(var bytes)
                        && SignedEntry.decode(bytes) instanceof Result.Ok<SignedEntry>(var signed)
                        && signed.entry() instanceof Entry.Settle settle
                ? Optional.of(
                        new Effect.Propose(
                                SignedEntry.sign(
                                                key,
                                                alone.network(),
                                                Long.MAX_VALUE / 2 + told,
                                                now.plus(CLAIM_LIFE).truncatedTo(ChronoUnit.MILLIS),
                                                settle)
                                        .encoded()))
                : Optional.empty();
    }
}
