package orb.tracker.log;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.Message;
import orb.kernel.message.Witnessing;
import orb.ledger.Ledger;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.FraudProof;
import orb.ledger.proof.LogRoster;
import orb.ledger.proof.SignedNote;
import orb.ledger.proof.TilePath;

/**
 * Signs what the log and the state are, has the other trackers cosign it, and cosigns theirs.
 *
 * <p>Idea: nobody's word counts, only that of a quorum ({@link LogRoster#quorum}), and a tracker
 * gives its own only for roots that it came to itself. So one tracker that invents a credit stands
 * alone: the others refuse, and its checkpoint never becomes final. If it tells some the truth and
 * others not, two of its checkpoints of one size meet somewhere; they are a proof of fraud, are
 * handed on, and its cosignatures count no more. The number that makes a quorum stays.
 *
 * <p>Invariants: this tracker signs no two texts of one size, and no size below one that it signed
 * before, also not after a restart; what is final here was cosigned by a quorum and is what its own
 * execution gives. Formats and rules: {@code docs/protocol/log.md}. Not thread-safe.
 */
public final class Checkpoints {
    /** Between two checkpoints of a log that grows. */
    private static final Duration EVERY = Duration.ofSeconds(1);

    private static final Bytes SIGNED = Bytes.utf8("signed");
    private static final Bytes FINAL = Bytes.utf8("final");
    private static final String FRAUD = "fraud/";

    private final Means means;
    private final KeyPair key;
    private final LogRoster roster;
    private final Roots roots;
    private final Heard heard;
    private boolean isStarted;
    private boolean isHalted;
    private Instant due = Instant.EPOCH;
    private long sizeBefore = -1;
    private Optional<Checkpoint> signed = Optional.empty();
    private Optional<Open> open = Optional.empty();
    private Optional<LogRoster.Checked> last = Optional.empty();

    /** The newest checkpoint of this tracker and the cosignatures that it has so far. */
    private static final class Open {
        private final Checkpoint checkpoint;
        private final SignedNote own;
        private final NavigableMap<PublicKey, SignedNote.Line> lines = new TreeMap<>();
        private boolean isFinal;

        Open(Checkpoint checkpoint, SignedNote own) {
            this.checkpoint = checkpoint;
            this.own = own;
        }

        /** Its own signature and cosignature, and then those of others. */
        SignedNote note() {
            SignedNote note = own;
            for (SignedNote.Line line : lines.values()) {
                note = note.with(line);
            }
            return note;
        }
    }

    /**
     * The part of a tracker that has applied nothing.
     *
     * @param key signs; one of the roster's unless this tracker votes with nobody
     * @param ledger is read, never changed
     */
    public Checkpoints(Means means, KeyPair key, LogRoster roster, Ledger ledger) {
        this.means = means;
        this.key = key;
        this.roster = roster;
        roots = new Roots(ledger);
        heard = new Heard(roster);
    }

    /** Takes up what was signed and proved in earlier lives; the log has been replayed. */
    public void start(NavigableMap<Bytes, Bytes> kept) {
        isStarted = true;
        Optional.ofNullable(kept.get(SIGNED))
                .flatMap(this::checked)
                .ifPresent(checked -> signed = Optional.of(checked.checkpoint()));
        Optional.ofNullable(kept.get(FINAL))
                .flatMap(this::checked)
                .filter(checked -> checked.cosigners().size() >= roster.quorum())
                .filter(checked -> checked.checkpoint().size() <= roots.size())
                .ifPresent(checked -> last = Optional.of(checked));
        kept.forEach((name, value) -> {
            if (name.utf8().startsWith(FRAUD)) {
                proof(value).ifPresent(heard::judge);
            }
        });
    }

    private Optional<LogRoster.Checked> checked(Bytes note) {
        return roster.check(note) instanceof Result.Ok<LogRoster.Checked>(var good)
                ? Optional.of(good)
                : Optional.empty(); // of an earlier roster, or damaged: it counts no more
    }

    /** An entry has its place and is about to be applied; called before the ledger changes. */
    public void ordering(Instant time, Bytes entry) {
        roots.ordering(time, entry, !isStarted);
    }

    /** Time has passed: at most once a second a new checkpoint is signed, or the last one shown. */
    public void tick() {
        if (means.now().isBefore(due) || !isVoter()) {
            return;
        }
        due = means.now().plus(EVERY);
        boolean isQuiet = roots.size() == sizeBefore;
        sizeBefore = roots.size();
        if (roots.size() > 0 && (isQuiet || roster.keys().size() == 1)) {
            roots.tip();
        }
        if (!isHalted && isOwnHistory()) {
            roots.newest().filter(this::isNew).ifPresent(this::sign);
            open.filter(mine -> !mine.isFinal).ifPresent(this::offer);
        }
    }

    private boolean isVoter() {
        return roster.keys().contains(key.publicKey()) && !heard.isGuilty(key.publicKey());
    }

    /** Whether what was signed before is the beginning of this log; once not, it never signs. */
    private boolean isOwnHistory() {
        if (signed.isEmpty()) {
            return true;
        }
        Checkpoint before = signed.get();
        if (before.size() > roots.size()) {
            return false; // entries are on their way again, or were lost
        }
        boolean isSame =
                roots.logRoot(before.size()).equals(before.root())
                        && roots.at(before.size()).map(before::equals).orElse(true);
        if (!isSame) {
            isHalted = true;
            NodeId self = NodeId.of(key.publicKey());
            means.forked(self, "its log is not the one that it signed at " + before.size());
        }
        return isSame;
    }

    private boolean isNew(Checkpoint checkpoint) {
        return signed.map(before -> checkpoint.size() >= before.size()).orElse(true)
                && open.map(mine -> checkpoint.size() > mine.checkpoint.size()).orElse(true);
    }

    private void sign(Checkpoint checkpoint) {
        SignedNote note = roster.sign(key, checkpoint, means.now().getEpochSecond());
        remember(checkpoint, note);
        Open mine = new Open(checkpoint, note);
        open = Optional.of(mine);
        settle(mine);
    }

    private void remember(Checkpoint checkpoint, SignedNote note) {
        signed = Optional.of(checkpoint);
        means.save(SIGNED, note.encoded());
    }

    /** Shows the open checkpoint to all that have not cosigned it. */
    private void offer(Open mine) {
        for (NodeId fellow : means.fellows()) {
            Optional<PublicKey> voter = roster.keyOf(fellow).filter(each -> !heard.isGuilty(each));
            if (voter.isPresent() && !mine.lines.containsKey(voter.get())) {
                means.ask(
                        fellow,
                        new Witnessing.Offer(mine.own.encoded()),
                        answer -> cosigned(mine, voter.get(), answer));
            }
        }
    }

    private void cosigned(Open mine, PublicKey voter, Message answer) {
        if (answer instanceof Witnessing.Cosigned(var bytes)
                && SignedNote.Line.parse(bytes.utf8())
                        instanceof Result.Ok<SignedNote.Line>(var line)
                && roster.cosigner(voter).isOf(line)) {
            count(mine, new SignedNote(mine.own.text(), List.of(line)));
        }
    }

    /** Takes up good cosignatures of an open checkpoint from a note of the same text. */
    private void count(Open mine, SignedNote note) {
        if (!(roster.check(note) instanceof Result.Ok<LogRoster.Checked>(var checked))) {
            return;
        }
        hear(checked);
        for (PublicKey voter : checked.cosigners()) {
            if (!heard.isGuilty(voter) && !voter.equals(key.publicKey())) {
                note.signatures().stream()
                        .filter(roster.cosigner(voter)::isOf)
                        .findFirst()
                        .ifPresent(line -> mine.lines.put(voter, line));
            }
        }
        settle(mine);
    }

    private void settle(Open mine) {
        mine.lines.keySet().removeIf(heard::isGuilty);
        if (!mine.isFinal && 1 + mine.lines.size() >= roster.quorum()) {
            Bytes note = mine.note().encoded();
            last = Optional.of(roster.checkFinal(note).orThrow());
            mine.isFinal = true;
            means.save(FINAL, note);
            means.tell(
                    "checkpoint.final",
                    Long.toString(mine.checkpoint.size()),
                    (1 + mine.lines.size()) + " of " + roster.keys().size() + " trackers");
        }
    }

    /** A tracker shows a checkpoint of its own. */
    public Message offered(NodeId asker, Bytes note) {
        Optional<PublicKey> voter = roster.keyOf(asker);
        if (voter.isEmpty()) {
            return refused(ErrorCode.FORBIDDEN, asker.brief() + " is not on the roster");
        }
        return switch (roster.check(note)) {
            case Result.Refused<LogRoster.Checked>(var why) -> new Message.Refused(why);
            case Result.Ok<LogRoster.Checked>(var checked) -> {
                hear(checked);
                if (!checked.signers().contains(voter.get())) {
                    yield refused(ErrorCode.BAD_SIGNATURE, "it did not sign its checkpoint");
                }
                if (heard.isGuilty(voter.get())) {
                    yield forked(asker, checked.checkpoint(), false);
                }
                yield answer(asker, checked);
            }
        };
    }

    private Message answer(NodeId asker, LogRoster.Checked checked) {
        Checkpoint theirs = checked.checkpoint();
        if (theirs.size() == 0 || theirs.size() > roots.size()) {
            return refused(ErrorCode.BUSY, "there are " + roots.size() + " entries here until now");
        }
        if (!roots.logRoot(theirs.size()).equals(theirs.root())) {
            return forked(asker, theirs, true);
        }
        Optional<Checkpoint> mine = roots.at(theirs.size());
        if (mine.isEmpty()) {
            return refused(ErrorCode.BUSY, "the state at this size is not remembered here");
        }
        if (!mine.get().equals(theirs)) {
            return forked(asker, theirs, true);
        }
        if (!isVoter() || isHalted || !isOwnHistory()) {
            return refused(ErrorCode.BUSY, "this tracker does not cosign now");
        }
        if (signed.filter(before -> before.size() > theirs.size()).isPresent()) {
            return refused(ErrorCode.BUSY, "a newer checkpoint was cosigned here");
        }
        SignedNote own = roster.sign(key, theirs, means.now().getEpochSecond());
        if (!signed.equals(mine)) {
            remember(theirs, own);
        }
        open.filter(each -> each.checkpoint.equals(theirs))
                .ifPresent(each -> count(each, checked.note()));
        return new Witnessing.Cosigned(Bytes.utf8(own.signatures().getLast().toString()));
    }

    private Message forked(NodeId asker, Checkpoint theirs, boolean isNoted) {
        String what = "another checkpoint at " + theirs.size() + " entries than this log gives";
        if (isNoted) {
            means.forked(asker, "it signed " + what);
        }
        return refused(ErrorCode.LOG_FORKED, "tracker " + asker.brief() + " signed " + what);
    }

    /** Somebody shows that a tracker has told two histories. */
    public Message accused(Witnessing.Fraud fraud) {
        FraudProof proof = new FraudProof(fraud.first(), fraud.second());
        return switch (heard.judge(proof)) {
            case Result.Ok<Optional<PublicKey>>(var news) -> {
                news.ifPresent(guilty -> condemn(guilty, proof));
                yield new Message.Done();
            }
            case Result.Refused<Optional<PublicKey>>(var why) -> new Message.Refused(why);
        };
    }

    private void hear(LogRoster.Checked checked) {
        heard.hear(checked)
                .ifPresent(proof -> {
                    if (heard.judge(proof) instanceof Result.Ok<Optional<PublicKey>>(var news)) {
                        news.ifPresent(guilty -> condemn(guilty, proof));
                    }
                });
    }

    /** Keeps a new proof, hands it on, and counts the guilty one's cosignatures no more. */
    private void condemn(PublicKey guilty, FraudProof proof) {
        NodeId tracker = NodeId.of(guilty);
        Witnessing.Fraud fraud = new Witnessing.Fraud(proof.first(), proof.second());
        means.save(Bytes.utf8(FRAUD + tracker), fraud.encoded());
        means.forked(tracker, "it signed two checkpoints of one size that differ");
        means.tell("checkpoint.fraud", tracker.toString(), "its cosignatures count no more");
        List<NodeId> all = new ArrayList<>(means.fellows());
        all.addAll(means.nodes());
        all.forEach(peer -> means.ask(peer, fraud, _ -> {}));
        open.filter(mine -> !mine.isFinal).ifPresent(this::settle);
    }

    private static Optional<FraudProof> proof(Bytes row) {
        return Message.decode(row)
                        instanceof Result.Ok<Message>(Witnessing.Fraud(var first, var second))
                ? Optional.of(new FraudProof(first, second))
                : Optional.empty();
    }

    /** The newest final checkpoint, with a proof that an older log is its beginning. */
    public Message find(long older) {
        if (last.isEmpty()) {
            return refused(ErrorCode.NOT_FINAL, "no checkpoint is final here yet");
        }
        long size = last.get().checkpoint().size();
        List<Digest> proof =
                older > 0 && older <= size ? roots.tree().at(size).consistency(older) : List.of();
        return new Witnessing.Checkpoint(last.get().note().encoded(), proof);
    }

    /** The newest final checkpoint, as it is served. */
    public Optional<Bytes> finalNote() {
        return last.map(checked -> checked.note().encoded());
    }

    /** A tile of hashes; empty for entries, which the log itself has. */
    public Optional<Bytes> tile(TilePath path) {
        return roots.tree().read(path);
    }

    public LogRoster roster() {
        return roster;
    }

    /** Trackers of whom there is a proof that they told two histories. */
    public List<NodeId> guilty() {
        return heard.proofs().keySet().stream().map(NodeId::of).toList();
    }

    private static Message refused(ErrorCode code, String what) {
        return new Message.Refused(new Refusal(code, what));
    }
}
