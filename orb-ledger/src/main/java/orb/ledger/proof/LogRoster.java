package orb.ledger.proof;

import static orb.kernel.Require.require;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.Value;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;

/**
 * The trackers whose cosignatures count for one swarm's log, and what a note of them is worth.
 * Immutable, thread-safe.
 *
 * @param network the swarm
 * @param keys machine keys in ascending order, each once, 1..{@link #KEYS_MAX}
 */
public record LogRoster(Digest network, List<PublicKey> keys) {
    public static final int KEYS_MAX = 64;

    private static final String COSIGNER = "orb.tracker/";

    public LogRoster {
        keys = List.copyOf(new TreeSet<>(keys));
        require(
                !keys.isEmpty() && keys.size() <= KEYS_MAX,
                "a roster has 1..%d trackers, not %d",
                KEYS_MAX,
                keys.size());
    }

    /**
     * A note whose signatures were checked.
     *
     * @param checkpoint what it says
     * @param note the note itself
     * @param signers whose good signature is on it, of either type
     * @param cosigners whose good cosignature is on it
     */
    public record Checked(
            Checkpoint checkpoint,
            SignedNote note,
            NavigableSet<PublicKey> signers,
            NavigableSet<PublicKey> cosigners) {}

    /** How many cosignatures make an entry final: more than two thirds of the trackers. */
    public int quorum() {
        return keys.size() * 2 / 3 + 1;
    }

    /** What names the trackers: SHA-256 over the canonical bytes of network and keys. */
    public Digest digest() {
        List<Value> each = new ArrayList<>(keys.size());
        keys.forEach(key -> each.add(Value.of(key.bytes())));
        return Digest.of(Cbor.encode(Value.array(Value.of(network.bytes()), Value.array(each))));
    }

    /** The key as signer of the log, whose name is the log's own. */
    public NoteKey signer(PublicKey key) {
        return new NoteKey(Checkpoint.origin(network), key, NoteKey.Type.SIGNATURE);
    }

    /** The key as cosigner, whose name is the tracker's id. */
    public NoteKey cosigner(PublicKey key) {
        return new NoteKey(COSIGNER + NodeId.of(key), key, NoteKey.Type.COSIGNATURE);
    }

    /** The roster's key of this tracker. */
    public Optional<PublicKey> keyOf(NodeId tracker) {
        return keys.stream().filter(key -> NodeId.of(key).equals(tracker)).findFirst();
    }

    /** A note of one tracker: its signature, and its cosignature of the same text. */
    public SignedNote sign(KeyPair pair, Checkpoint checkpoint, long epochSecond) {
        String text = checkpoint.text();
        return new SignedNote(
                text,
                List.of(
                        signer(pair.publicKey()).sign(pair, text),
                        cosigner(pair.publicKey()).cosign(pair, text, epochSecond)));
    }

    /**
     * Reads a note of this log and checks the signatures of the roster's keys; those of others are
     * passed over.
     *
     * @return {@code ORB-0001} for other bytes, {@code ORB-0308} for another swarm's log, {@code
     *     ORB-0402} if a signature of a known key is wrong or none is of a known key
     */
    public Result<Checked> check(Bytes bytes) {
        return SignedNote.decode(bytes).then(this::check);
    }

    /** As {@link #check(Bytes)}, of a note that was read. */
    public Result<Checked> check(SignedNote note) {
        return Checkpoint.parse(note.text())
                .then(checkpoint ->
                        checkpoint.network().equals(network)
                                ? signed(checkpoint, note)
                                : Result.refused(
                                        ErrorCode.WRONG_NETWORK,
                                        "this is the log of swarm " + checkpoint.network()));
    }

    private Result<Checked> signed(Checkpoint checkpoint, SignedNote note) {
        NavigableSet<PublicKey> signers = new TreeSet<>();
        NavigableSet<PublicKey> cosigners = new TreeSet<>();
        for (PublicKey key : keys) {
            for (NoteKey each : List.of(signer(key), cosigner(key))) {
                for (SignedNote.Line line : note.signatures()) {
                    if (!each.isOf(line)) {
                        continue;
                    }
                    if (!each.verifies(line, note.text())) {
                        return unsigned("the signature of " + each.name() + " does not hold");
                    }
                    signers.add(key);
                    if (each.type() == NoteKey.Type.COSIGNATURE) {
                        cosigners.add(key);
                    }
                }
            }
        }
        return signers.isEmpty()
                ? unsigned("no tracker of the roster has signed it")
                : Result.ok(new Checked(checkpoint, note, signers, cosigners));
    }

    /** As {@link #check(Bytes)}, and that a quorum has cosigned: {@code ORB-0702} otherwise. */
    public Result<Checked> checkFinal(Bytes bytes) {
        return check(bytes)
                .then(checked ->
                        checked.cosigners().size() >= quorum()
                                ? Result.ok(checked)
                                : Result.refused(
                                        new Refusal(
                                                ErrorCode.NOT_FINAL,
                                                checked.cosigners().size()
                                                        + " trackers have cosigned the log of "
                                                        + checked.checkpoint().size()
                                                        + " entries, and "
                                                        + quorum()
                                                        + " of "
                                                        + keys.size()
                                                        + " have to",
                                                "wait a few seconds and try again")));
    }

    /** Whether every signature on a note says that it is of a key of this roster. */
    public boolean namesAll(SignedNote note) {
        return note.signatures().stream()
                .allMatch(line ->
                        keys.stream()
                                .anyMatch(
                                        key -> signer(key).isOf(line) || cosigner(key).isOf(line)));
    }

    private static Result<Checked> unsigned(String what) {
        return Result.refused(ErrorCode.BAD_SIGNATURE, "checkpoint: " + what);
    }
}
