package orb.node.witness;

import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.Message;
import orb.kernel.message.Witnessing;
import orb.ledger.MerkleTree;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.FraudProof;
import orb.ledger.proof.LogRoster;
import orb.ledger.proof.SignedNote;

/**
 * Holds the trackers that this node is linked to to one history of the ledger.
 *
 * <p>Idea: now and then each tracker is asked for its newest checkpoint and for the proof that the
 * newest one that this node has seen, from whomever, is its beginning. A tracker that shows a
 * shorter log than that is checked the other way round, with whoever showed the longer one. So two
 * trackers, or one that tells this node something else than before, cannot keep two histories from
 * meeting here. What was seen is kept over restarts.
 *
 * <p>A node carries out no entries; whether the state follows from the log it leaves to the
 * trackers and to {@code orb ledger verify}. Not thread-safe.
 */
public final class Witness {
    /** Heartbeats from one round of questions to the next. */
    private static final int EVERY_BEATS = 5;

    private static final int TRACKERS_MAX = 64;
    private static final Bytes SEEN = Bytes.utf8("seen");
    private static final String FRAUD = "fraud/";
    private static final String FORK = "fork/";

    private final Means means;
    private final Digest network;
    private final NavigableMap<NodeId, SignedNote> last = new TreeMap<>();
    private final NavigableSet<NodeId> noted = new TreeSet<>();
    private Optional<Seen> newest = Optional.empty();
    private long beats;

    /**
     * The longest log that was shown.
     *
     * @param from by whom; empty if that was before a restart
     */
    private record Seen(Checkpoint checkpoint, SignedNote note, Optional<NodeId> from) {}

    /** A witness that has seen nothing of the swarm's ledger. */
    public Witness(Means means, Digest network) {
        this.means = means;
        this.network = network;
    }

    /** Takes up what was seen in earlier lives. */
    public void start(NavigableMap<Bytes, Bytes> kept) {
        Bytes row = kept.getOrDefault(SEEN, Bytes.EMPTY);
        if (SignedNote.decode(row) instanceof Result.Ok<SignedNote>(var note)
                && Checkpoint.parse(note.text()) instanceof Result.Ok<Checkpoint>(var seen)
                && seen.network().equals(network)) {
            newest = Optional.of(new Seen(seen, note, Optional.empty()));
        }
    }

    /** A heartbeat: now and then the trackers are asked. */
    public void beat() {
        if (beats++ % EVERY_BEATS == 0) {
            Optional<Seen> before = newest;
            long older = before.map(seen -> seen.checkpoint().size()).orElse(0L);
            for (NodeId tracker : means.trackers()) {
                means.ask(
                        tracker,
                        new Witnessing.FindCheckpoint(older),
                        answer -> shown(tracker, before, answer));
            }
        }
    }

    /** The longest log of which a tracker has shown a checkpoint. */
    public Optional<Checkpoint> newest() {
        return newest.map(Seen::checkpoint);
    }

    private void shown(NodeId tracker, Optional<Seen> before, Message answer) {
        Optional<LogRoster.Checked> good = checked(tracker, answer);
        if (good.isEmpty() || !(answer instanceof Witnessing.Checkpoint(_, var proof))) {
            return;
        }
        Checkpoint now = good.get().checkpoint();
        SignedNote note = good.get().note();
        SignedNote previous = last.put(tracker, note);
        if (last.size() > TRACKERS_MAX) {
            last.pollFirstEntry();
        }
        if (previous != null && !previous.text().equals(note.text())) {
            accuse(new FraudProof(previous.encoded(), note.encoded()));
        }
        if (before.isPresent() && now.size() < before.get().checkpoint().size()) {
            askTheOther(tracker, before.get(), good.get());
        } else if (before.isPresent() && !follows(before.get().checkpoint(), now, proof)) {
            fork(tracker, before.get(), note);
        } else if (newest.map(seen -> seen.checkpoint().size() < now.size()).orElse(true)) {
            newest = Optional.of(new Seen(now, note, Optional.of(tracker)));
            means.save(SEEN, note.encoded());
        }
    }

    private static boolean follows(Checkpoint older, Checkpoint newer, List<Digest> proof) {
        return older.size() == newer.size()
                ? older.equals(newer)
                : MerkleTree.verifyConsistency(older.head(), newer.head(), proof);
    }

    /** A checkpoint that this tracker has signed, in its answer. */
    private Optional<LogRoster.Checked> checked(NodeId tracker, Message answer) {
        Optional<PublicKey> key = means.keyOf(tracker);
        if (key.isEmpty() || !(answer instanceof Witnessing.Checkpoint(var bytes, _))) {
            return Optional.empty();
        }
        return switch (new LogRoster(network, List.of(key.get())).check(bytes)) {
            case Result.Ok<LogRoster.Checked>(var good) -> Optional.of(good);
            case Result.Refused<LogRoster.Checked>(var why) -> {
                means.tell("checkpoint.refused", tracker.toString(), why.toString());
                yield Optional.empty();
            }
        };
    }

    /** Has whoever showed a longer log prove that this shorter one is its beginning. */
    private void askTheOther(NodeId tracker, Seen longer, LogRoster.Checked shorter) {
        Optional<NodeId> other = longer.from().filter(means.trackers()::contains);
        if (other.isEmpty() || other.get().equals(tracker) || shorter.checkpoint().size() == 0) {
            return; // it is compared when it is as long
        }
        means.ask(
                other.get(),
                new Witnessing.FindCheckpoint(shorter.checkpoint().size()),
                answer ->
                        checked(other.get(), answer)
                                .filter(good ->
                                        good.checkpoint().size() >= longer.checkpoint().size())
                                .ifPresent(good -> {
                                    List<Digest> proof = ((Witnessing.Checkpoint) answer).proof();
                                    if (!follows(shorter.checkpoint(), good.checkpoint(), proof)) {
                                        fork(tracker, longer, shorter.note());
                                    }
                                }));
    }

    /** Two histories: nobody can say yet whose is the right one, but both are signed. */
    private void fork(NodeId tracker, Seen seen, SignedNote note) {
        accuse(new FraudProof(seen.note().encoded(), note.encoded()));
        if (noted.add(tracker)) {
            means.save(
                    Bytes.utf8(FORK + tracker),
                    new Witnessing.Fraud(seen.note().encoded(), note.encoded()).encoded());
            String what = "its log does not go on from the one seen at " + seen.checkpoint().size();
            means.forked(tracker, what);
            means.tell("checkpoint.forked", tracker.toString(), what);
        }
    }

    /** Somebody shows that a tracker has told two histories. */
    public Message accused(Witnessing.Fraud fraud) {
        return accuse(new FraudProof(fraud.first(), fraud.second()))
                ? new Message.Done()
                : new Message.Refused(
                        new Refusal(
                                ErrorCode.PROOF_REFUSED,
                                "these two checkpoints prove nothing about a tracker known here"));
    }

    /** Whether it is a proof; a new one is kept, told, and handed to the trackers. */
    private boolean accuse(FraudProof proof) {
        List<PublicKey> known = means.trackerKeys().stream().limit(TRACKERS_MAX).toList();
        if (known.isEmpty()
                || !(proof.verify(new LogRoster(network, known))
                        instanceof Result.Ok<PublicKey>(var guilty))) {
            return false;
        }
        NodeId tracker = NodeId.of(guilty);
        if (noted.add(tracker)) {
            Witnessing.Fraud fraud = new Witnessing.Fraud(proof.first(), proof.second());
            means.save(Bytes.utf8(FRAUD + tracker), fraud.encoded());
            means.forked(tracker, "it signed two checkpoints of one size that differ");
            means.tell("checkpoint.fraud", tracker.toString(), "the trackers are shown both");
            means.trackers().forEach(each -> means.ask(each, fraud, _ -> {}));
        }
        return true;
    }
}
