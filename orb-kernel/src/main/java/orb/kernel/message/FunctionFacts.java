package orb.kernel.message;

import static orb.kernel.Require.require;

import java.time.Duration;
import java.util.List;
import orb.kernel.AccountId;
import orb.kernel.ByteSize;
import orb.kernel.Digest;
import orb.kernel.Fuel;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.Limits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * What the registry says of a function.
 *
 * @param id its key's digest, the same over all versions
 * @param name its owner's and its own name
 * @param owner the account that deployed it
 * @param version counts from 1
 * @param artefact digest of the executable that hosts hold
 * @param size length of the executable
 * @param shape entry shape: {@code wasi}, {@code handler}, {@code script} or {@code process}
 * @param limits what an invocation may use
 * @param grants what it may ask of the node that runs it
 * @param plan name of the reward plan
 * @param planHash digest of the plan's canonical bytes
 * @param complexity fuel of the owner's run on the sample input
 * @param peakMemory largest memory of that run
 * @param replicas number of seeders that the owner asks for
 */
public record FunctionFacts(
        FunctionId id,
        FunctionName name,
        AccountId owner,
        int version,
        Digest artefact,
        ByteSize size,
        String shape,
        Limits limits,
        Grants grants,
        String plan,
        Digest planHash,
        Fuel complexity,
        ByteSize peakMemory,
        int replicas) {
    public static final int REPLICAS_MAX = 100;

    /** The shape of a native program. */
    public static final String PROGRAM = "process";

    public static final List<String> SHAPES = List.of("wasi", "handler", "script", PROGRAM);

    public FunctionFacts {
        require(version >= 1, "versions count from 1, not %d", version);
        require(
                replicas >= 1 && replicas <= REPLICAS_MAX,
                "replicas are 1..%d, not %d",
                REPLICAS_MAX,
                replicas);
    }

    /** Whether it does the same on every machine, so that runs of it can be compared. */
    public boolean isDeterministic() {
        return isDeterministic(shape);
    }

    /** The same of what has this shape. */
    public static boolean isDeterministic(String shape) {
        return !shape.equals(PROGRAM);
    }

    public Value toValue() {
        return Value.array(
                Value.of(id.digest().bytes()),
                Value.of(name.owner()),
                Value.of(name.name()),
                Value.of(owner.digest().bytes()),
                Value.of(version),
                Value.of(artefact.bytes()),
                Value.of(size.bytes()),
                Value.of(shape),
                limitsValue(limits),
                grants.toValue(),
                Value.of(plan),
                Value.of(planHash.bytes()),
                Value.of(complexity.units()),
                Value.of(peakMemory.bytes()),
                Value.of(replicas));
    }

    public static FunctionFacts from(Value value) {
        Fields f = Fields.of(value, "FunctionFacts");
        FunctionFacts facts =
                Fields.checked(
                        "FunctionFacts",
                        () ->
                                new FunctionFacts(
                                        new FunctionId(f.digest()),
                                        new FunctionName(f.text(63), f.text(63)),
                                        new AccountId(f.digest()),
                                        f.smallNumber(1, Integer.MAX_VALUE),
                                        f.digest(),
                                        new ByteSize(f.number(0, Long.MAX_VALUE)),
                                        f.text(16),
                                        limits(f.fields("limits")),
                                        Grants.from(f.fields("grants")),
                                        f.text(32),
                                        f.digest(),
                                        f.fuel(),
                                        new ByteSize(f.number(0, Long.MAX_VALUE)),
                                        f.smallNumber(1, REPLICAS_MAX)));
        f.end();
        return facts;
    }

    static Value limitsValue(Limits limits) {
        return Value.array(
                Value.of(limits.memory().bytes()),
                Value.of(limits.fuel().units()),
                Value.of(limits.wall().toMillis()));
    }

    static Limits limits(Fields f) {
        Limits limits =
                new Limits(
                        new ByteSize(f.number(0, Long.MAX_VALUE)),
                        f.fuel(),
                        Duration.ofMillis(f.number(1, 3_600_000)));
        f.end();
        return limits;
    }
}
