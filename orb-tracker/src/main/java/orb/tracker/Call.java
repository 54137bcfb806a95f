package orb.tracker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.Timing;
import orb.kernel.message.CallDigest;
import orb.kernel.message.Calling;
import orb.kernel.message.Grants;
import orb.kernel.port.Effect;
import orb.ledger.Ledger;
import orb.ledger.Registered;
import orb.overlay.Choice;

/** A call under way at this tracker: who waits for it, where it was, how long it may take. */
final class Call {
    private final Digest id;
    private final FunctionName name;
    private final Request request;
    private final Channels.Offer offer;
    private final Instant deadline;
    private final List<Asker> askers = new ArrayList<>(1);
    private final List<NodeId> tried = new ArrayList<>(1);
    private final List<String> trail = new ArrayList<>(1);
    private Optional<Refusal> lastRefusal = Optional.empty();
    private Optional<Receipt> owed = Optional.empty();
    private Optional<Instant> unpaidSince = Optional.empty();
    private Optional<Instant> hostlessSince = Optional.empty();
    private Optional<Digest> input = Optional.empty();
    private boolean isParked;

    Call(Digest id, FunctionName name, Request request, Channels.Offer offer, Instant deadline) {
        this.id = id;
        this.name = name;
        this.request = request;
        this.offer = offer;
        this.deadline = deadline;
    }

    Digest id() {
        return id;
    }

    FunctionName name() {
        return name;
    }

    Request request() {
        return request;
    }

    Channels.Offer offer() {
        return offer;
    }

    Instant deadline() {
        return deadline;
    }

    List<Asker> askers() {
        return askers;
    }

    /** How many hosts it was given to. */
    int tries() {
        return tried.size();
    }

    /** Those of the hosts that it was not given to, in this life of their link or another. */
    List<Member> untried(List<Member> hosts) {
        return tried.isEmpty()
                ? hosts
                : hosts.stream().filter(host -> !tried.contains(host.id())).toList();
    }

    List<String> trail() {
        return trail;
    }

    /** Whether it waits for a host to have a free place. */
    boolean isParked() {
        return isParked;
    }

    void park(boolean now) {
        isParked = now;
    }

    void chose(Choice.Picked<Member> picked) {
        tried.add(picked.host().id());
        if (askers.getFirst() instanceof Asker.Person) { // peers are not told the trail
            trail.add(picked.trail());
        }
    }

    /** The host was left, and why. */
    void left(Member host, Refusal refusal) {
        lastRefusal = Optional.of(refusal);
        trail.add(host.id().brief() + " left: " + refusal);
    }

    /** A lane is unpaid, and this is its newest receipt: the payer may have forgotten it. */
    void owed(Receipt newest) {
        owed = Optional.of(newest);
    }

    /** What the payer is shown when the call ends because it owes. */
    Optional<Receipt> owed() {
        return owed;
    }

    /** Whether the payer's voucher, which may be on its way, has been waited for long enough. */
    boolean hasWaitedForVoucher(Instant now, Duration patience) {
        unpaidSince = unpaidSince.or(() -> Optional.of(now));
        return !now.isBefore(unpaidSince.get().plus(patience));
    }

    /** Whether a host may come that is waited for: somebody arrived who did not yet say more. */
    boolean mayWaitForHost(Instant now, Instant arrival, Duration patience) {
        hostlessSince = hostlessSince.or(() -> Optional.of(now));
        return tried.isEmpty()
                && now.isBefore(arrival.plus(patience))
                && now.isBefore(hostlessSince.get().plus(patience));
    }

    /** Why it ends if its time is over. */
    Refusal late(boolean isServed) {
        if (!isParked) {
            return new Refusal(
                    ErrorCode.TIMED_OUT,
                    "no answer in time for call " + id,
                    "try again in a moment");
        }
        return isServed
                ? new Refusal(
                        ErrorCode.BUSY,
                        "no host of " + name + " had a free place in time",
                        "try again in a moment, or let more nodes seed the function")
                : exhausted();
    }

    /** Why it ends when no host is left: what the last one said, if any was asked. */
    Refusal exhausted() {
        String tried = String.join("; ", trail);
        return lastRefusal
                .map(last ->
                        new Refusal(
                                last.code(),
                                last.what() + (tried.isEmpty() ? "" : " [" + tried + "]"),
                                last.next()))
                .orElseGet(() ->
                        new Refusal(
                                ErrorCode.NO_HOST,
                                "no live node serves " + name,
                                "seed it on a node: orb seed " + name));
    }

    /** Why it ends when there are hosts, and none that may be asked now. */
    Refusal allLeftOut() {
        return new Refusal(
                ErrorCode.NO_HOST,
                "every live host of " + name + " gave a false answer a short while ago",
                "try again in a minute, or seed it on another node: orb seed " + name);
    }

    /** Digest of the request, as a receipt names it. */
    Digest input() {
        Digest digest = input.orElseGet(() -> CallDigest.input(request));
        input = Optional.of(digest);
        return digest;
    }

    /** Whether running it twice does no harm: what it asks for, and what its function may do. */
    boolean isHarmless(Ledger ledger) {
        Grants grants = grants(ledger);
        boolean onlyReads = request.method().equals("GET") || request.method().equals("HEAD");
        return grants.mayRunTwice() && (onlyReads || grants.idempotent());
    }

    /**
     * Whether it may have begun where it was refused, and what it did then lasts: a worker that
     * ended took a run with it, and that run may have written or sent.
     */
    boolean mayHaveActed(Refusal refusal, Ledger ledger) {
        return refusal.code() == ErrorCode.WORKER_LOST && !grants(ledger).mayRunTwice();
    }

    private Grants grants(Ledger ledger) {
        return ledger.function(name).map(known -> known.newest().grants()).orElse(Grants.NONE);
    }

    /** Why a call ends whose host lost the worker that ran it. */
    static Refusal mayHaveActed(Refusal cause) {
        return new Refusal(
                cause.code(),
                cause.what(),
                "it may have written or sent: call again only if running twice does no harm");
    }

    /** Why a call ends whose answer was lost on its way. */
    static Refusal mayHaveRun(String who, Refusal cause) {
        return new Refusal(
                cause.code() == ErrorCode.TIMED_OUT ? ErrorCode.TIMED_OUT : ErrorCode.PEER_LOST,
                who + " did not answer: " + cause.what(),
                "it may have run: call again only if running twice does no harm");
    }

    /**
     * The receipt, if it is about this call and the answer that it came with; what it costs and
     * what it follows is its lane's to check.
     */
    Result<Receipt> fits(Receipt receipt, Calling.Invoked said, Ledger ledger) {
        boolean isAboutThis =
                said.host().equals(receipt.lane().host())
                        && receipt.call().equals(id)
                        && isDeployed(receipt, ledger)
                        && receipt.ending() == Receipt.Ending.of(said.outcome())
                        && receipt.fuel().equals(said.outcome().used())
                        && receipt.input().equals(input())
                        && receipt.output().equals(CallDigest.output(said.outcome()));
        return isAboutThis
                ? Result.ok(receipt)
                : Result.refused(
                        ErrorCode.PROOF_REFUSED,
                        "gave a receipt that does not fit its answer to call " + id);
    }

    /** Whether it names a version of its function: an update can overtake a call. */
    private static boolean isDeployed(Receipt receipt, Ledger ledger) {
        return ledger.function(receipt.lane().function()).stream()
                .flatMap(function -> function.versions().stream())
                .map(Registered.Version::version)
                .anyMatch(version ->
                        version.version() == receipt.version()
                                && version.artefact().equals(receipt.artefact()));
    }

    /** Tells everyone who waits what became of it. */
    void answer(Turn turn, Calling.Invoked said) {
        for (Asker asker : askers) {
            switch (asker) {
                case Asker.Peer(long inbound, _) -> turn.add(new Effect.Answer(inbound, said));
                case Asker.Person(long command) ->
                        turn.add(new Effect.Return(command, Result.ok(called(said))));
            }
        }
    }

    private TrackerReply.Called called(Calling.Invoked said) {
        return new TrackerReply.Called(
                id, said.outcome(), said.host(), said.receipt(), said.timing(), List.copyOf(trail));
    }

    /** Tells everyone who waits why it was not run; a payer that owes is shown what. */
    void refuse(Turn turn, Refusal refusal) {
        for (Asker asker : askers) {
            if (asker instanceof Asker.Peer(long inbound, _)
                    && refusal.code() == ErrorCode.UNPAID
                    && owed.isPresent()) {
                turn.add(new Effect.Answer(inbound, showDebt(owed.get(), refusal)));
            } else {
                turn.refuse(asker, refusal);
            }
        }
    }

    private static Calling.Invoked showDebt(Receipt newest, Refusal refusal) {
        return new Calling.Invoked(
                new Outcome.Refused(refusal), newest.lane().host(), newest.encoded(), Timing.NONE);
    }
}
