package orb.overlay;

import static orb.kernel.Require.require;

import java.util.List;
import orb.kernel.ByteSize;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * What a peer's machine was measured to have.
 *
 * @param cpus processors that functions may use, 1..65535
 * @param memory memory that functions may use
 * @param bandwidth how much its way to a tracker carries
 * @param features measured features such as {@code aes-ni} or {@code cgroup2}; at most {@link
 *     #FEATURES_MAX}, each 1..{@link #FEATURE_LENGTH_MAX} of a-z, 0-9, dot and hyphen
 */
public record Capabilities(int cpus, ByteSize memory, Bandwidth bandwidth, List<String> features) {
    public static final int FEATURES_MAX = 16;
    public static final int FEATURE_LENGTH_MAX = 24;
    private static final int CPUS_MAX = 65_535;

    public Capabilities {
        require(cpus >= 1 && cpus <= CPUS_MAX, "processors are 1..%d, not %d", CPUS_MAX, cpus);
        require(features.size() <= FEATURES_MAX, "at most %d features", FEATURES_MAX);
        for (String feature : features) {
            require(
                    feature.length() <= FEATURE_LENGTH_MAX && feature.matches("[a-z0-9.-]+"),
                    "a feature is 1..%d of a-z, 0-9, dot and hyphen: %s",
                    FEATURE_LENGTH_MAX,
                    feature);
        }
        features = List.copyOf(features);
    }

    /** These, with what was measured since. */
    public Capabilities with(Bandwidth measured) {
        return new Capabilities(cpus, memory, measured, features);
    }

    Value toValue() {
        return Value.array(
                Value.of(cpus),
                Value.of(memory.bytes()),
                Value.of(bandwidth.up()),
                Value.of(bandwidth.down()),
                Value.array(features.stream().map(Value::of).toList()));
    }

    static Capabilities from(Fields f) {
        Capabilities capabilities =
                new Capabilities(
                        f.smallNumber(1, CPUS_MAX),
                        new ByteSize(f.number(0, Long.MAX_VALUE)),
                        new Bandwidth(f.number(0, Bandwidth.MAX), f.number(0, Bandwidth.MAX)),
                        f.list(
                                FEATURES_MAX,
                                value ->
                                        Fields.of(Value.array(value), "feature")
                                                .text(FEATURE_LENGTH_MAX)));
        f.end();
        return capabilities;
    }
}
