package orb.kernel.message;

import java.util.List;
import orb.kernel.NodeId;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * A node as a tracker sees it.
 *
 * @param id its Orb id
 * @param owner name of the account it works for, empty before one is bound
 * @param state {@code alive}, {@code suspect}, {@code dead} or {@code left}
 * @param standing {@code discovered}, {@code attested}, {@code ready}, {@code busy} or {@code lost}
 * @param address where it listens for peers, empty if it accepts no connection
 * @param running invocations under way
 * @param capacity invocations that can run at once
 * @param seeds number of functions that it seeds
 * @param lastSeenMillis epoch milliseconds
 * @param machine what it was measured to have
 */
public record NodeView(
        NodeId id,
        String owner,
        String state,
        String standing,
        String address,
        int running,
        int capacity,
        int seeds,
        long lastSeenMillis,
        Machine machine) {
    private static final int FEATURES_MAX = 16;

    /**
     * A node's machine, as its own signed record says.
     *
     * @param cpus processors that functions may use
     * @param memory bytes that functions may use
     * @param up bytes per second that its way to a tracker carries, 0 if not measured yet
     * @param down bytes per second that come back, 0 if not measured yet
     * @param features such as {@code aes} and the walls around functions
     * @param assurance how far it has proved what it is, as {@code L1}
     */
    public record Machine(
            int cpus, long memory, long up, long down, List<String> features, String assurance) {
        public Machine {
            features = List.copyOf(features);
        }

        private Value toValue() {
            return Value.array(
                    Value.of(cpus),
                    Value.of(memory),
                    Value.of(up),
                    Value.of(down),
                    Value.array(features.stream().map(Value::of).toList()),
                    Value.of(assurance));
        }

        private static Machine from(Fields f) {
            Machine machine =
                    new Machine(
                            f.smallNumber(0, 65_535),
                            f.number(0, Long.MAX_VALUE),
                            f.number(0, Long.MAX_VALUE),
                            f.number(0, Long.MAX_VALUE),
                            f.list(
                                    FEATURES_MAX,
                                    value -> Fields.of(Value.array(value), "feature").text(24)),
                            f.text(16));
            f.end();
            return machine;
        }
    }

    Value toValue() {
        return Value.array(
                Value.of(id.digest().bytes()),
                Value.of(owner),
                Value.of(state),
                Value.of(standing),
                Value.of(address),
                Value.of(running),
                Value.of(capacity),
                Value.of(seeds),
                Value.of(lastSeenMillis),
                machine.toValue());
    }

    static NodeView from(Value value) {
        Fields f = Fields.of(value, "NodeView");
        NodeView view =
                new NodeView(
                        new NodeId(f.digest()),
                        f.text(63),
                        f.text(16),
                        f.text(16),
                        f.text(300),
                        f.smallNumber(0, 1 << 20),
                        f.smallNumber(0, 1 << 20),
                        f.smallNumber(0, 1 << 30),
                        f.number(0, Long.MAX_VALUE),
                        Machine.from(f.fields("Machine")));
        f.end();
        return view;
    }
}
