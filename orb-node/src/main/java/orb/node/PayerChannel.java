package orb.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.Result;
import orb.kernel.identity.PublicKey;
import orb.ledger.HostLane;
import orb.ledger.PayerLane;
import orb.ledger.Plan;

/**
 * One channel of this payer: what is locked, spent and on its way, and its lanes.
 *
 * <p>Invariant: spent and reserved together never exceed what is locked. The host of a call is not
 * known before its answer, so a call is reserved on the channel, not on a lane.
 */
final class PayerChannel {
    private final NodeId hub;
    private final Digest network;
    private final Map<Lane, PayerLane> lanes = new LinkedHashMap<>();
    private List<Waiting> waiting = new ArrayList<>();
    private Digest id = Digest.ZERO;
    private Credits locked = Credits.ZERO;
    private Credits spent = Credits.ZERO;
    private Credits reserved = Credits.ZERO;
    private boolean busy;

    private record Waiting(Credits most, Consumer<Result<PayerChannel>> then) {}

    PayerChannel(NodeId hub, Digest network) {
        this.hub = hub;
        this.network = network;
    }

    NodeId hub() {
        return hub;
    }

    /** Digest of the entry that opened it, {@link Digest#ZERO} while it is not open. */
    Digest id() {
        return id;
    }

    boolean isOpen() {
        return !id.equals(Digest.ZERO);
    }

    /** Whether it is being looked for, opened or topped up. */
    boolean isBusy() {
        return busy;
    }

    void busy(boolean now) {
        busy = now;
    }

    void opened(Digest channel, Credits total, Credits spentBefore) {
        id = channel;
        locked = total;
        spent = spentBefore;
    }

    void toppedUp(Credits more) {
        locked = locked.plus(more);
    }

    /** Keeps room for one call; false if there is too little. */
    boolean reserve(Credits most) {
        if (spent.plus(reserved).plus(most).compareTo(locked) > 0) {
            return false;
        }
        reserved = reserved.plus(most);
        return true;
    }

    /** The call that this was reserved for is over. */
    void release(Credits most) {
        reserved = reserved.minus(most);
    }

    void spend(Credits price) {
        spent = spent.plus(price);
    }

    void await(Credits most, Consumer<Result<PayerChannel>> then) {
        waiting.add(new Waiting(most, then));
    }

    /** Whether all that wait could be served from what is locked. */
    boolean couldServe() {
        return needed().micro() <= 0;
    }

    /** What those that wait need beyond what is free. */
    Credits needed() {
        Credits wanted = waiting.stream().map(Waiting::most).reduce(Credits.ZERO, Credits::plus);
        return spent.plus(reserved).plus(wanted).minus(locked);
    }

    /** The channel is ready, or cannot be had: whoever waits is told. */
    void settleWaiting(Result<PayerChannel> result) {
        busy = false;
        List<Waiting> those = waiting;
        waiting = new ArrayList<>();
        for (Waiting one : those) {
            boolean served = !result.isOk() || reserve(one.most);
            if (served) {
                one.then.accept(result);
            } else {
                waiting.add(one); // came after the amount was decided: asked for next
            }
        }
    }

    /** Whether someone still waits for more to be set aside. */
    boolean isAwaited() {
        return !waiting.isEmpty();
    }

    /** The lane of this name, opened or taken up again where it stood. */
    PayerLane lane(Lane name, Plan plan, PublicKey wallet, Optional<Receipt> last) {
        PayerLane lane =
                lanes.computeIfAbsent(
                        name,
                        _ -> {
                            HostLane.Terms terms =
                                    new HostLane.Terms(
                                            network,
                                            name,
                                            plan,
                                            hub,
                                            List.of(wallet),
                                            HostLane.UNPAID_MAX);
                            return last.filter(receipt -> receipt.amount().compareTo(locked) <= 0)
                                    .map(receipt -> PayerLane.resume(terms, locked, receipt))
                                    .orElseGet(() -> new PayerLane(terms, locked));
                        });
        lane.raiseBudget(locked);
        return lane;
    }

    List<PayerLane> lanes() {
        return List.copyOf(lanes.values());
    }
}
