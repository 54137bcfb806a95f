package orb.tracker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.ledger.Entry;
import orb.ledger.HubSlices;
import orb.ledger.Ledger;
import orb.ledger.Plan;
import orb.ledger.Registered;
import orb.ledger.SignedEntry;
import orb.ledger.Voucher;

/**
 * The channels whose hub this tracker is, by what they pay: finds who pays for a call.
 *
 * <p>Follows the ledger entry by entry, so no call looks at all channels.
 */
final class Channels {
    private final Turn turn;
    private final Ledger ledger;
    private final KeyPair key;
    private final NodeId self;
    private final HubSlices slices = new HubSlices();
    private final Map<Digest, Bytes> openings = new TreeMap<>();
    private final Map<FunctionId, List<Digest>> sponsors = new TreeMap<>();
    private final Map<Digest, List<Digest>> tokens = new TreeMap<>();
    private final Map<FunctionId, Map<Digest, NodeId>> elsewhere = new TreeMap<>();

    /**
     * What a caller offers to pay with; all may be empty.
     *
     * @param account whose node asks
     * @param channel the channel that it names
     * @param token digest of the access token that it showed
     */
    record Offer(Optional<AccountId> account, Optional<Digest> channel, Optional<Digest> token) {
        static final Offer NONE = new Offer(Optional.empty(), Optional.empty(), Optional.empty());
    }

    Channels(Turn turn, Ledger ledger, KeyPair key) {
        this.turn = turn;
        this.ledger = ledger;
        this.key = key;
        self = NodeId.of(key.publicKey());
    }

    Ledger ledger() {
        return ledger;
    }

    HubSlices slices() {
        return slices;
    }

    /** The ids of all channels of this hub that are not closed; a copy. */
    NavigableSet<Digest> ids() {
        return new TreeSet<>(openings.keySet());
    }

    /** The voucher with this tracker's signature, which is the hub's. */
    Voucher.Signed sign(Voucher voucher) {
        return voucher.sign(key);
    }

    Voucher.Signed countersign(Voucher.Signed signed) {
        return signed.countersign(key);
    }

    /** An entry was applied; the channel that it closed, if it did. */
    Optional<Digest> applied(SignedEntry signed, Bytes bytes, Digest digest) {
        switch (signed.entry()) {
            case Entry.LockEscrow lock when lock.hub().equals(self) -> {
                openings.put(digest, bytes);
                slices.locked(digest, lock.amount());
                index(lock.purpose()).ifPresent(list -> list.add(digest));
            }
            case Entry.LockEscrow(var hub, _, _, Entry.Purpose.Sponsor(var function), _) ->
                    elsewhere.computeIfAbsent(function, _ -> new TreeMap<>()).put(digest, hub);
            case Entry.TopUpEscrow(var channel, _, _) when openings.containsKey(channel) ->
                    ledger.channel(channel)
                            .ifPresent(open -> slices.locked(channel, open.locked()));
            case Entry.CloseEscrow(var channel) -> {
                elsewhere.values().removeIf(of -> of.remove(channel) != null && of.isEmpty());
                if (openings.remove(channel) != null) {
                    slices.closed(channel);
                    sponsors.values().removeIf(list -> list.remove(channel) && list.isEmpty());
                    tokens.values().removeIf(list -> list.remove(channel) && list.isEmpty());
                    return Optional.of(channel);
                }
            }
            case Entry.LockEscrow _,
                    Entry.TopUpEscrow _,
                    Entry.OpenAccount _,
                    Entry.RegisterNode _,
                    Entry.DeployFunction _,
                    Entry.Settle _,
                    Entry.ReleaseEscrow _,
                    Entry.Send _ -> {}
        }
        return Optional.empty();
    }

    private Optional<List<Digest>> index(Entry.Purpose purpose) {
        return switch (purpose) {
            case Entry.Purpose.Calls() -> Optional.empty();
            case Entry.Purpose.Sponsor(var function) ->
                    Optional.of(sponsors.computeIfAbsent(function, _ -> new ArrayList<>()));
            case Entry.Purpose.Token(var token) ->
                    Optional.of(tokens.computeIfAbsent(token, _ -> new ArrayList<>()));
        };
    }

    /** Other trackers where the function's owner has set credits aside, each once. */
    List<NodeId> otherHubs(FunctionId function) {
        return elsewhere.getOrDefault(function, Map.of()).values().stream().distinct().toList();
    }

    /** The signed entry that opened a channel of this hub; empty once it is closed. */
    Optional<Bytes> opening(Digest channel) {
        return Optional.ofNullable(openings.get(channel));
    }

    /** A channel of this hub, whatever its state. */
    Optional<Registered.Channel> find(Digest channel) {
        return openings.containsKey(channel) ? ledger.channel(channel) : Optional.empty();
    }

    /** The channel that pays for the next call of a function, by its plan and what is offered. */
    Result<Registered.Channel> payer(Registered.Function function, Plan plan, Offer offer) {
        long next = function.calls() == Long.MAX_VALUE ? Long.MAX_VALUE : function.calls() + 1;
        if (plan.payerOf(next) == Plan.Payer.OWNER) {
            return sponsor(function, plan);
        }
        if (offer.channel().isPresent()) {
            return caller(offer.channel().get(), offer);
        }
        if (offer.token().isPresent()) {
            return token(offer.token().get(), plan.priceMax(function.newest().limits().fuel()));
        }
        return refuse(
                ErrorCode.TOKEN_REFUSED,
                "under plan " + plan.name() + " the caller pays for " + function.name(),
                "show an access token, or call it through a node that is logged in");
    }

    private Result<Registered.Channel> sponsor(Registered.Function function, Plan plan) {
        Credits most = plan.priceMax(function.newest().limits().fuel());
        return best(sponsors.getOrDefault(function.id(), List.of()), most)
                .map(Result::ok)
                .orElseGet(() ->
                        refuse(
                                ErrorCode.CHANNEL_EXHAUSTED,
                                "the owner of "
                                        + function.name()
                                        + " pays for its calls"
                                        + " and has nothing set aside at this tracker",
                                "let the owner allocate credits to it"));
    }

    private Result<Registered.Channel> token(Digest token, Credits most) {
        return best(tokens.getOrDefault(token, List.of()), most)
                .map(Result::ok)
                .orElseGet(() ->
                        refuse(
                                ErrorCode.TOKEN_REFUSED,
                                "the access token is not known at this tracker",
                                "make one with a channel at this tracker"));
    }

    private Result<Registered.Channel> caller(Digest id, Offer offer) {
        Registered.Channel channel = find(id).orElse(null);
        if (channel == null) {
            return refuse(
                    ErrorCode.UNKNOWN_CHANNEL,
                    "no open channel " + id + " has this tracker as its hub",
                    "open one at this tracker");
        }
        if (!(channel.purpose() instanceof Entry.Purpose.Calls)
                || !offer.account().equals(Optional.of(channel.payer()))) {
            return refuse(
                    ErrorCode.NOT_OWNER,
                    "channel " + id + " does not pay for this caller's calls",
                    "use a channel of the account that the calling node works for");
        }
        return isOpen(channel)
                ? Result.ok(channel)
                : refuse(
                        ErrorCode.CHANNEL_STATE,
                        "channel " + id + " was released or has expired",
                        "open another one");
    }

    /** An open one that this tracker may sign for, with room for a call if any has it. */
    private Optional<Registered.Channel> best(List<Digest> ids, Credits most) {
        Optional<Registered.Channel> first = Optional.empty();
        for (Digest id : ids) {
            Optional<Registered.Channel> open =
                    find(id).filter(channel -> isOpen(channel) && channel.obeys(key.publicKey()));
            if (open.isPresent()
                    && slices.free(id).filter(free -> free.compareTo(most) >= 0).isPresent()) {
                return open;
            }
            first = first.or(() -> open);
        }
        return first;
    }

    private boolean isOpen(Registered.Channel channel) {
        return channel.released().isEmpty() && turn.now().isBefore(channel.expires());
    }

    /** Whether this tracker signs the channel's vouchers, and the caller none. */
    boolean isSignedHere(Registered.Channel channel) {
        return channel.delegate().equals(key.publicKey());
    }

    private static <T> Result<T> refuse(ErrorCode code, String what, String next) {
        return Result.refused(new Refusal(code, what, next));
    }
}
