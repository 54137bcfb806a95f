package orb.tracker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.port.Effect;
import orb.ledger.Entry;
import orb.ledger.Ledger;
import orb.ledger.SignedEntry;

/**
 * The tracker's copy of the ledger: has entries ordered, applies them in their order, and answers
 * those who wait for it.
 *
 * <p>An entry is proposed only if it would be applied now; whether it is, its place decides. Who
 * submits an entry that is on its way already waits for the same place, and whose own entry was
 * recorded lately is told where if its node submits it again: so it may be sent to several
 * trackers. Anybody else is refused. The newest entries are held for that and for {@link
 * Registry.FindEntry}, up to a bound of bytes.
 */
final class Book {
    private final Turn turn;
    private final Ledger ledger;
    private final int entriesMax;
    private final long keptMax;
    private final Duration patience;
    private final Map<Digest, Proposed> proposed = new LinkedHashMap<>();
    private final NavigableMap<Long, Registry.Entry> kept = new TreeMap<>();
    private final Map<Digest, Long> places = new LinkedHashMap<>(); // of those that were applied
    private final Follower follower;
    private long keptBytes;

    private record Proposed(
            SignedEntry.Checked entry,
            Instant overdue,
            List<Consumer<Result<Ledger.Applied>>> waiting) {}

    /** Sees every entry that was applied, in order, before those who wait for it. */
    interface Follower {
        void applied(SignedEntry signed, Bytes bytes, Ledger.Applied applied);
    }

    Book(Turn turn, Ledger ledger, TrackerConfig config, Follower follower) {
        this.turn = turn;
        this.ledger = ledger;
        this.follower = follower;
        entriesMax = config.bounds().entriesMax();
        keptMax = config.bounds().entryBytesMax();
        patience = config.waits().order();
    }

    void submit(Asker asker, Bytes bytes) {
        SignedEntry.Checked entry = SignedEntry.check(bytes);
        if (entry.result() instanceof Result.Ok<SignedEntry>(var signed)
                && signed.entry() instanceof Entry.DeployFunction) {
            turn.refuse(
                    asker,
                    ErrorCode.BAD_ARGUMENT,
                    "a version is deployed with its executable, for the tracker's own run",
                    "send it as a deploy");
            return;
        }
        propose(
                entry,
                result ->
                        turn.answer(
                                asker,
                                switch (result) {
                                    case Result.Ok<Ledger.Applied>(var applied) ->
                                            new Registry.Submitted(applied.index());
                                    case Result.Refused<Ledger.Applied>(var refusal) ->
                                            again(asker, entry, refusal);
                                }));
    }

    /** Whose entry has its place already, perhaps through another tracker, is told where it is. */
    private Message again(Asker asker, SignedEntry.Checked entry, Refusal refusal) {
        return Optional.ofNullable(places.get(entry.digest()))
                .filter(_ -> refusal.code() == ErrorCode.REPLAYED_ENTRY && isOf(asker, entry))
                .<Message>map(Registry.Submitted::new)
                .orElseGet(() -> new Message.Refused(refusal));
    }

    private boolean isOf(Asker asker, SignedEntry.Checked entry) {
        return switch (asker) {
            case Asker.Person _ -> true;
            case Asker.Peer(_, var peer) ->
                    entry.result() instanceof Result.Ok<SignedEntry>(var signed)
                            && (NodeId.of(signed.head().signer()).equals(peer)
                                    || ledger.node(peer)
                                            .map(node -> node.account())
                                            .filter(signed.head().account()::equals)
                                            .isPresent());
        };
    }

    /** Has an entry ordered; {@code then} is told exactly once what became of it. */
    void propose(SignedEntry.Checked entry, Consumer<Result<Ledger.Applied>> then) {
        Proposed before = proposed.get(entry.digest());
        if (before != null) {
            before.waiting().add(then);
            return;
        }
        Result<Digest> admissible = ledger.admissible(entry, turn.now());
        if (admissible instanceof Result.Refused<Digest>(var refusal)) {
            then.accept(Result.refused(refusal));
        } else if (proposed.size() >= entriesMax) {
            then.accept(
                    Result.refused(
                            new Refusal(
                                    ErrorCode.BUSY,
                                    proposed.size() + " entries wait for their place in the log",
                                    "submit it again in a moment")));
        } else {
            proposed.put(
                    entry.digest(),
                    new Proposed(entry, turn.now().plus(patience), new ArrayList<>(List.of(then))));
            turn.add(new Effect.Propose(entry.bytes()));
        }
    }

    /** Whether the entry is on its way to its place. */
    boolean isProposed(Digest entry) {
        return proposed.containsKey(entry);
    }

    /** Whether the entry would be applied now. */
    Result<Digest> admissible(SignedEntry.Checked entry) {
        return ledger.admissible(entry, turn.now());
    }

    /** An entry has its place: it is applied, or refused for good. */
    void ordered(long index, Instant time, Bytes bytes) {
        Proposed own = proposed.remove(Digest.of(bytes));
        SignedEntry.Checked entry = own != null ? own.entry() : SignedEntry.check(bytes);
        Result<Ledger.Applied> result = ledger.apply(index, time, entry);
        keep(index, time, bytes);
        if (result instanceof Result.Ok<Ledger.Applied>(var applied)
                && entry.result() instanceof Result.Ok<SignedEntry>(var signed)) {
            places.put(entry.digest(), index);
            follower.applied(signed, bytes, applied);
        }
        if (own != null) {
            own.waiting().forEach(then -> then.accept(result));
        }
    }

    void orderingFailed(Digest entry, Refusal refusal) {
        Proposed own = proposed.remove(entry);
        if (own != null) {
            own.waiting().forEach(then -> then.accept(Result.refused(refusal)));
        }
    }

    /** Answers those who waited too long; their entries may still find their place. */
    void sweep() {
        List<Proposed> overdue = new ArrayList<>();
        Iterator<Proposed> oldestFirst = proposed.values().iterator();
        while (oldestFirst.hasNext()) {
            Proposed each = oldestFirst.next();
            if (turn.now().isBefore(each.overdue())) {
                break;
            }
            oldestFirst.remove();
            overdue.add(each);
        }
        for (Proposed each : overdue) {
            Refusal refusal =
                    new Refusal(
                            ErrorCode.TIMED_OUT,
                            "entry "
                                    + each.entry().digest()
                                    + " was not ordered within "
                                    + patience,
                            "look at the account before you submit it again: it may come yet");
            each.waiting().forEach(then -> then.accept(Result.refused(refusal)));
        }
    }

    /** The entry at a place, if it is one of the newest. */
    Registry.Entry find(long index) {
        return kept.getOrDefault(index, new Registry.Entry(Optional.empty(), 0));
    }

    private void keep(long index, Instant time, Bytes bytes) {
        kept.put(index, new Registry.Entry(Optional.of(bytes), time.toEpochMilli()));
        keptBytes += bytes.length();
        while (keptBytes > keptMax) {
            Map.Entry<Long, Registry.Entry> oldest = kept.pollFirstEntry();
            Bytes gone = oldest.getValue().entry().orElse(Bytes.EMPTY);
            keptBytes -= gone.length();
            places.remove(Digest.of(gone));
        }
    }
}
