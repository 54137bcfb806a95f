package orb.node;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.ledger.Entry;
import orb.ledger.SignedEntry;
import orb.node.Node.Self;
import orb.node.turn.Turn;
import orb.node.turn.Turn.Answer;

/**
 * Signs entries and has them recorded, one of each key at a time.
 *
 * <p>A nonce must be higher than all before it, and gaps are allowed, so it is the time in
 * milliseconds, or one more than the last if the clock stands: two machines with one wallet seldom
 * meet. When the ledger has seen a higher one all the same, the account's nonce is read and the
 * entry is signed once more. Entries of one key never overtake each other, because the next is sent
 * only when the one before has its answer.
 *
 * <p>A tracker that does not answer, because it is cut off or will not have the entry, is left: the
 * same bytes go to each other tracker that is linked, in turn, and have one place in the ledger
 * whoever orders them. If none of them answers it is open whether the entry was recorded; that is
 * what the refusal then says.
 */
final class Entries {
    private static final Duration LIFE = Duration.ofMinutes(10);

    /** Credits are set aside for so long. */
    private static final Duration ALLOTMENT_LIFE = Duration.ofDays(30);

    private static final Refusal LOGGED_OUT =
            new Refusal(ErrorCode.NOT_LOGGED_IN, "the wallet was logged out meanwhile");

    private final Turn turn;
    private final Self self;
    private final Joining joining;
    private final Map<PublicKey, Signer> signers = new LinkedHashMap<>();

    /** What was recorded: the entry's digest and the tracker's answer. */
    record Recorded(Digest entry, Message answer) {}

    /**
     * How an entry travels and how long its answer may take.
     *
     * @param mayGoElsewhere whether another tracker may be asked when no answer came; not where the
     *     question has more effects than its entry
     */
    record Carrier(Function<Bytes, Message> message, Duration timeout, boolean mayGoElsewhere) {}

    /**
     * Credits to be set aside in channels, whose vouchers the hubs sign.
     *
     * @param amount in all
     * @param partLeast a tracker gets no less, unless it is the only one
     * @param purpose what they pay for
     */
    record Allotment(Credits amount, Credits partLeast, Entry.Purpose purpose) {}

    /** What was set aside: at how many trackers, and the last of the entries. */
    record SetAside(Recorded last, int trackers) {}

    private record Waiting(Entry entry, Carrier carrier, Consumer<Result<Recorded>> then) {}

    /**
     * An entry under way.
     *
     * @param retries whether it is signed anew when the ledger has seen its nonce
     * @param silent trackers that were asked and did not answer
     */
    private record Sent(Bytes bytes, boolean retries, Set<NodeId> silent) {
        Sent after(NodeId tracker) {
            Set<NodeId> more = new TreeSet<>(silent);
            more.add(tracker);
            return new Sent(bytes, retries, more);
        }
    }

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
        Carrier alone = new Carrier(Registry.Submit::new, self.config().waits().answer(), true);
        send(key, entry, alone, then);
    }

    /**
     * Sets credits aside at every linked tracker in equal parts, so that calls are paid for
     * whichever of them is asked. The followed tracker comes last and gets what the others would
     * not take; {@code then} gets its answer.
     */
    void setAside(KeyPair wallet, Allotment what, Consumer<Result<SetAside>> then) {
        List<NodeId> trackers = new ArrayList<>(joining.trackersLinked());
        joining.followed()
                .ifPresent(followed -> {
                    trackers.remove(followed);
                    trackers.add(followed);
                });
        List<Hub> hubs = new ArrayList<>();
        for (NodeId tracker : trackers) {
            joining.keyOf(tracker).ifPresent(key -> hubs.add(new Hub(tracker, key)));
        }
        long parts = what.amount.micro() / Math.max(1, what.partLeast.micro());
        int countMax = Math.clamp(parts, 1, Math.max(1, hubs.size()));
        hubs.subList(0, Math.max(0, hubs.size() - countMax)).clear();
        if (hubs.isEmpty()) {
            then.accept(Result.refused(joining.notConnected()));
        } else {
            setAside(wallet, what, new Portions(hubs, what.amount, 0), then);
        }
    }

    /** A tracker and its key, which the table of peers may forget before its turn comes. */
    private record Hub(NodeId id, PublicKey key) {}

    /** What is left to be set aside, and where. */
    private record Portions(List<Hub> hubs, Credits left, int done) {
        Credits next() {
            return new Credits(left.micro() / hubs.size());
        }

        Portions after(boolean isTaken) {
            Credits rest = isTaken ? left.minus(next()) : left;
            return new Portions(hubs.subList(1, hubs.size()), rest, done + (isTaken ? 1 : 0));
        }
    }

    private void setAside(
            KeyPair wallet, Allotment what, Portions portions, Consumer<Result<SetAside>> then) {
        Hub hub = portions.hubs.getFirst();
        Entry entry =
                new Entry.LockEscrow(
                        hub.id,
                        portions.next(),
                        hub.key,
                        what.purpose,
                        turn.now().plus(ALLOTMENT_LIFE).truncatedTo(ChronoUnit.MILLIS));
        submit(
                wallet,
                entry,
                result -> {
                    Portions rest = portions.after(result.isOk());
                    if (rest.hubs.isEmpty()) {
                        then.accept(result.map(last -> new SetAside(last, rest.done)));
                    } else {
                        setAside(wallet, what, rest, then);
                    }
                });
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
        if (joining.followed().isPresent()) {
            ask(signer, new Sent(bytes, retries, Set.of()), joining.followed().get());
        } else {
            finish(signer, Result.refused(joining.notConnected()));
        }
    }

    private void ask(Signer signer, Sent sent, NodeId tracker) {
        Carrier carrier = signer.queue.getFirst().carrier;
        turn.ask(
                tracker,
                carrier.message.apply(sent.bytes),
                carrier.timeout,
                answer -> answered(signer, sent, tracker, answer));
    }

    private void answered(Signer signer, Sent sent, NodeId tracker, Answer answer) {
        switch (answer) {
            case Answer.Said(var message) ->
                    finish(signer, Result.ok(new Recorded(Digest.of(sent.bytes), message)));
            case Answer.Refused(var refusal)
                    when refusal.code() == ErrorCode.REPLAYED_ENTRY
                            && sent.retries
                            && sent.silent.isEmpty() ->
                    joining.askTracker(
                            new Registry.FindAccount(AccountId.of(signer.key.publicKey())),
                            account -> retry(signer, refusal, account));
            case Answer.Refused(var refusal) when sent.silent.isEmpty() ->
                    finish(signer, Result.refused(refusal));
            case Answer.Refused(var refusal) -> finish(signer, Result.refused(open(refusal)));
            case Answer.Lost(var refusal) -> lost(signer, sent, tracker, refusal);
        }
    }

    private void lost(Signer signer, Sent sent, NodeId tracker, Refusal refusal) {
        joining.followAnother(tracker);
        Sent next = sent.after(tracker);
        Optional<NodeId> other =
                joining.trackersLinked().stream()
                        .filter(each -> !next.silent.contains(each))
                        .filter(_ -> signer.queue.getFirst().carrier.mayGoElsewhere)
                        .findFirst();
        if (other.isPresent()) {
            ask(signer, next, other.get());
        } else {
            finish(signer, Result.refused(open(refusal)));
        }
    }

    /** Somebody may have it recorded who did not say so. */
    private static Refusal open(Refusal refusal) {
        return new Refusal(
                refusal.code(),
                refusal.what() + "; whether the entry was recorded is not known here",
                "orb wallet history");
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
