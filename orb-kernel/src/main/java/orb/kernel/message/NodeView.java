package orb.kernel.message;

import orb.kernel.NodeId;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * A node as a tracker sees it.
 *
 * @param id its Orb id
 * @param owner name of the account it works for, empty before one is bound
 * @param state {@code alive}, {@code suspect}, {@code dead} or {@code left}
 * @param address where it listens for peers, empty if it accepts no connection
 * @param running invocations under way
 * @param capacity invocations that can run at once
 * @param seeds number of functions that it seeds
 * @param lastSeenMillis epoch milliseconds
 */
public record NodeView(
        NodeId id,
        String owner,
        String state,
        String address,
        int running,
        int capacity,
        int seeds,
        long lastSeenMillis) {
    Value toValue() {
        return Value.array(
                Value.of(id.digest().bytes()),
                Value.of(owner),
                Value.of(state),
                Value.of(address),
                Value.of(running),
                Value.of(capacity),
                Value.of(seeds),
                Value.of(lastSeenMillis));
    }

    static NodeView from(Value value) {
        Fields f = Fields.of(value, "NodeView");
        NodeView view =
                new NodeView(
                        new NodeId(f.digest()),
                        f.text(63),
                        f.text(16),
                        f.text(300),
                        f.smallNumber(0, 1 << 20),
                        f.smallNumber(0, 1 << 20),
                        f.smallNumber(0, 1 << 30),
                        f.number(0, Long.MAX_VALUE));
        f.end();
        return view;
    }
}
