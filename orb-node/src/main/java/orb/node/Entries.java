package orb.node;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.ledger.Entry;
import orb.ledger.SignedEntry;
import orb.node.Node.Self;
import orb.node.Turn.Answer;

/**
 * Signs entries and has them recorded, one of each key at a time.
 *
 * <p>A nonce must be higher than all before it, and gaps are allowed, so it is the time in
 * milliseconds, or one more than the last if the clock stands: two machines with one wallet seldom
 * meet. When the ledger has seen a higher one all the same, the account's nonce is read and the
 * entry is signed once more. Entries of one key never overtake each other, because the next is sent
 * only when the one before has its answer. An answer that was lost leaves it open whether the entry
 * was recorded; that is what the refusal then says, and nothing is sent twice.
 */
final class Entries {
    private static final Duration LIFE = Duration.ofMinutes(10);
    private static final Refusal LOGGED_OUT =
            new Refusal(ErrorCode.NOT_LOGGED_IN, "the wallet was logged out meanwhile");

    private final Turn turn;
    private final Self self;
    private final Joining joining;
    private final Map<PublicKey, Signer> signers = new LinkedHashMap<>();

    /** What was recorded: the entry's digest and the tracker's answer. */
    record Recorded(Digest entry, Message answer) {}

    /** How an entry travels and how long its answer may take. */
    record Carrier(Function<Bytes, Message> message, Duration timeout) {}

    private record Waiting(Entry entry, Carrier carrier, Consumer<Result<Recorded>> then) {}

    private static final class Signer {
        final KeyPair key;
        final ArrayDeque<Waiting> queue = new ArrayDeque<>(); // the first one is under way
        long nonce;

        Signer(KeyPair key) {
            this.key = key;
        }
    }

    Entries(Turn turn, Self self, Joining joining) {
        this.turn = turn;
        this.self = self;
        this.joining = joining;
    }

    /** Has an entry recorded by itself. */
    void submit(KeyPair key, Entry entry, Consumer<Result<Recorded>> then) {
        Carrier alone = new Carrier(Registry.Submit::new, self.config().waits().answer());
        send(key, entry, alone, then);
    }

    /** Has an entry recorded that travels inside a larger message. */
    void send(KeyPair key, Entry entry, Carrier carrier, Consumer<Result<Recorded>> then) {
        if (key.isForgotten()) { // its holder logged out since this was begun
            then.accept(Result.refused(LOGGED_OUT));
            return;
        }
        Signer signer = signers.computeIfAbsent(key.publicKey(), _ -> new Signer(key));
        if (signer.queue.size() >= self.config().bounds().entriesMax()) {
            then.accept(
                    Result.refused(
                            ErrorCode.BUSY,
                            signer.queue.size() + " entries of this key wait to be recorded"));
            return;
        }
        signer.queue.add(new Waiting(entry, carrier, then));
        if (signer.queue.size() == 1) {
            sendFirst(signer, true);
        }
    }

    /** Forgets a key; what still waits for it is refused, what is under way gets its answer. */
    void forget(PublicKey key) {
        Signer signer = signers.remove(key);
        if (signer == null) {
            return;
        }
        Waiting underWay = signer.queue.poll();
        signer.queue.forEach(waiting -> waiting.then.accept(Result.refused(LOGGED_OUT)));
        signer.queue.clear();
        if (underWay != null) {
            signer.queue.add(underWay);
        }
    }

    private void sendFirst(Signer signer, boolean retries) {
        Waiting first = signer.queue.getFirst();
        signer.nonce = Math.max(signer.nonce + 1, turn.now().toEpochMilli());
        Instant expires = turn.now().plus(LIFE).truncatedTo(ChronoUnit.MILLIS);
        SignedEntry signed =
                SignedEntry.sign(signer.key, self.network(), signer.nonce, expires, first.entry);
        Bytes bytes = signed.encoded();
        Digest digest = Digest.of(bytes);
        joining.askTracker(
                first.carrier.message.apply(bytes),
                first.carrier.timeout,
                answer -> answered(signer, digest, answer, retries));
    }

    private void answered(Signer signer, Digest entry, Answer answer, boolean retries) {
        switch (answer) {
            case Answer.Said(var message) ->
                    finish(signer, Result.ok(new Recorded(entry, message)));
            case Answer.Refused(var refusal)
                    when refusal.code() == ErrorCode.REPLAYED_ENTRY && retries ->
                    joining.askTracker(
                            new Registry.FindAccount(AccountId.of(signer.key.publicKey())),
                            account -> retry(signer, refusal, account));
            case Answer.Refused(var refusal) -> finish(signer, Result.refused(refusal));
            case Answer.Lost(var refusal) ->
                    finish(
                            signer,
                            Result.refused(
                                    new Refusal(
                                            refusal.code(),
                                            refusal.what()
                                                    + "; whether the entry was recorded is not"
                                                    + " known here",
                                            "orb wallet history")));
        }
    }

    private void retry(Signer signer, Refusal refusal, Answer answer) {
        if (signers.get(signer.key.publicKey()) != signer) {
            finish(signer, Result.refused(refusal)); // logged out meanwhile: it cannot sign again
        } else if (answer.as(Registry.Account.class)
                instanceof Result.Ok<Registry.Account>(var account)) {
            signer.nonce = Math.max(signer.nonce, account.nonce());
            sendFirst(signer, false);
        } else {
            finish(signer, Result.refused(refusal));
        }
    }

    private void finish(Signer signer, Result<Recorded> result) {
        Waiting done = signer.queue.removeFirst();
        if (!signer.queue.isEmpty()) {
            sendFirst(signer, true);
        }
        done.then.accept(result);
    }
}
