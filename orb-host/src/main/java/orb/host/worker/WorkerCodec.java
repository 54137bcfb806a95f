package orb.host.worker;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.Timing;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.message.CallValues;
import orb.kernel.message.Grants;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.HostCall;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.Rights;
import orb.kernel.port.RunFacts;

/**
 * What node and worker say to each other as canonical CBOR: an array whose first item is the kind.
 *
 * <p>Decoding refuses with {@code ORB-0001} all that is not the one encoding of a message: a worker
 * may have been taken over by a function, so its node believes its bytes no more than a stranger's.
 * Thread-safe.
 */
public final class WorkerCodec {
    /** Said by {@link FromWorker.Ready}; a worker of another version is not used. */
    public static final int VERSION = 3;

    public static final int THREADS_MAX = 4096;

    /** The largest artefact, which is also the largest message but for some bytes around it. */
    static final int ARTEFACT_MAX = 16 << 20;

    /** The largest compiled code of an artefact. */
    public static final int CODE_MAX = ARTEFACT_MAX;

    static final int FRAME_MAX = ARTEFACT_MAX + (1 << 20);
    private static final int LOGS_MAX = 64 << 10;
    private static final DecodeLimits LIMITS = new DecodeLimits(FRAME_MAX, 6, 1_000);

    private static final int START = 0;
    private static final int LOAD = 1;
    private static final int FORGET = 2;
    private static final int PREPARE = 3;
    private static final int RUN = 4;
    private static final int PING = 5;
    private static final int REPLIED = 6;
    private static final int CODE = 8;
    private static final int COMPILE = 9;
    private static final int READY = 16;
    private static final int PREPARED = 17;
    private static final int RAN = 18;
    private static final int PONG = 19;
    private static final int ASKED = 20;
    private static final int COMPILED = 24;

    private WorkerCodec() {}

    public static Bytes encode(ToWorker message) {
        return Cbor.encode(
                switch (message) {
                    case ToWorker.Start(var threads, var engine) ->
                            array(START, Value.of(threads), Value.of(engine));
                    case ToWorker.Load(var artefact, var content) ->
                            array(LOAD, of(artefact), Value.of(content));
                    case ToWorker.Forget(var artefact) -> array(FORGET, of(artefact));
                    case ToWorker.Prepare(var artefact) -> array(PREPARE, of(artefact));
                    case ToWorker.Run(var run) ->
                            array(
                                    RUN,
                                    Value.of(run.run()),
                                    of(run.artefact()),
                                    CallValues.request(run.request()),
                                    of(run.limits()),
                                    of(run.seed()));
                    case ToWorker.Ping(var number) -> array(PING, Value.of(number));
                    case ToWorker.Replied(var run, var number, var reply) ->
                            array(REPLIED, Value.of(run), Value.of(number), HostValues.of(reply));
                    case ToWorker.Code(var artefact, var code) ->
                            array(CODE, of(artefact), Value.of(code));
                    case ToWorker.Compile(var artefact, var content) ->
                            array(COMPILE, of(artefact), Value.of(content));
                });
    }

    public static Bytes encode(FromWorker message) {
        return Cbor.encode(
                switch (message) {
                    case FromWorker.Ready(var version) -> array(READY, Value.of(version));
                    case FromWorker.Prepared(Event.Prepared(var artefact, var facts)) ->
                            array(PREPARED, of(artefact), of(facts));
                    case FromWorker.Ran(Event.Ran(var run, var outcome, var facts)) ->
                            array(RAN, Value.of(run), CallValues.outcome(outcome), of(facts));
                    case FromWorker.Pong(var number) -> array(PONG, Value.of(number));
                    case FromWorker.Asked(var run, var number, var call) ->
                            array(ASKED, Value.of(run), Value.of(number), HostValues.of(call));
                    case FromWorker.Compiled(var artefact, var code) ->
                            array(COMPILED, of(artefact), code(code));
                });
    }

    /** The message for a worker that these bytes say, or what is wrong with them. */
    public static Result<ToWorker> toWorker(Bytes frame) {
        return Result.catching(() -> {
            Fields f = Fields.of(Cbor.decodeOrThrow(frame, LIMITS), "message to a worker");
            ToWorker message =
                    switch (f.smallNumber(START, COMPILE)) {
                        case START ->
                                new ToWorker.Start(
                                        f.smallNumber(1, THREADS_MAX), f.bytes(ARTEFACT_MAX));
                        case LOAD -> new ToWorker.Load(f.digest(), f.bytes(ARTEFACT_MAX));
                        case FORGET -> new ToWorker.Forget(f.digest());
                        case PREPARE -> new ToWorker.Prepare(f.digest());
                        case RUN -> new ToWorker.Run(run(f));
                        case PING -> new ToWorker.Ping(number(f));
                        case REPLIED ->
                                new ToWorker.Replied(
                                        number(f),
                                        f.smallNumber(1, HostCall.CALLS_MAX),
                                        HostValues.reply(f.fields("HostReply")));
                        case CODE -> new ToWorker.Code(f.digest(), f.bytes(CODE_MAX));
                        case COMPILE -> new ToWorker.Compile(f.digest(), f.bytes(ARTEFACT_MAX));
                        default -> throw unknown();
                    };
            f.end();
            return message;
        });
    }

    /** The message from a worker that these bytes say, or what is wrong with them. */
    public static Result<FromWorker> fromWorker(Bytes frame) {
        return Result.catching(() -> {
            Fields f = Fields.of(Cbor.decodeOrThrow(frame, LIMITS), "message from a worker");
            FromWorker message =
                    switch (f.smallNumber(READY, COMPILED)) {
                        case READY -> new FromWorker.Ready(f.smallNumber(0, 65_535));
                        case PREPARED -> new FromWorker.Prepared(prepared(f));
                        case RAN ->
                                new FromWorker.Ran(
                                        new Event.Ran(
                                                number(f),
                                                CallValues.outcome(f.fields("Outcome")),
                                                runFacts(f.fields("RunFacts"))));
                        case PONG -> new FromWorker.Pong(number(f));
                        case ASKED ->
                                new FromWorker.Asked(
                                        number(f),
                                        f.smallNumber(1, HostCall.CALLS_MAX),
                                        HostValues.call(f.fields("HostCall")));
                        case COMPILED ->
                                new FromWorker.Compiled(f.digest(), code(f.fields("code")));
                        default -> throw unknown();
                    };
            f.end();
            return message;
        });
    }

    private static RefusedException unknown() {
        return new RefusedException(ErrorCode.MALFORMED_BYTES, "there is no such message");
    }

    private static Value code(Result<Bytes> code) {
        return switch (code) {
            case Result.Ok<Bytes>(var made) -> Value.array(Value.of(0), Value.of(made));
            case Result.Refused<Bytes>(var refusal) ->
                    Value.array(Value.of(1), CallValues.refusal(refusal));
        };
    }

    private static Result<Bytes> code(Fields f) {
        Result<Bytes> code =
                f.smallNumber(0, 1) == 0
                        ? Result.ok(f.bytes(CODE_MAX))
                        : Result.refused(CallValues.refusal(f.fields("Refusal")));
        f.end();
        return code;
    }

    /**
     * What is wrong with what a worker says of a run, empty if it may be so: whoever believed more
     * fuel than the limit would let a broken worker break the node's accounts.
     */
    static Optional<String> contradiction(Effect.Run asked, Event.Ran said) {
        Fuel used =
                switch (said.outcome()) {
                    case Outcome.Completed(_, var fuel) -> fuel;
                    case Outcome.OutOfFuel(var limit) -> limit;
                    case Outcome.Trapped(_, _, var fuel) -> fuel;
                    case Outcome.Refused _ -> Fuel.ZERO;
                };
        if (used.compareTo(asked.limits().fuel()) > 0) {
            return Optional.of("it says " + used + " of at most " + asked.limits().fuel());
        }
        if (said.outcome() instanceof Outcome.OutOfFuel && !used.equals(asked.limits().fuel())) {
            return Optional.of("it says out of fuel at " + used);
        }
        if (said.facts().peakMemory().bytes() > asked.limits().memory().bytes()) {
            return Optional.of("it says more memory than the limit");
        }
        return Optional.empty();
    }

    private static Effect.Run run(Fields f) {
        return new Effect.Run(
                number(f),
                f.digest(),
                CallValues.request(f.fields("Request")),
                limits(f.fields("Limits")),
                f.digest(),
                new Rights.Trial(Grants.NONE)); // the node's alone to know
    }

    private static Value of(Limits limits) {
        return Value.array(
                Value.of(limits.memory().bytes()),
                Value.of(limits.fuel().units()),
                Value.of(limits.wall().toNanos()));
    }

    private static Limits limits(Fields f) {
        Limits limits =
                Fields.checked(
                        "Limits",
                        () ->
                                new Limits(
                                        new ByteSize(number(f)),
                                        new Fuel(number(f)),
                                        Duration.ofNanos(number(f))));
        f.end();
        return limits;
    }

    private static Value of(Result<ModuleFacts> facts) {
        return switch (facts) {
            case Result.Ok<ModuleFacts>(var module) ->
                    Value.array(
                            Value.of(0),
                            Value.of(module.size().bytes()),
                            Value.of(module.shape()),
                            Value.of(module.gasSchedule()));
            case Result.Refused<ModuleFacts>(var refusal) ->
                    Value.array(Value.of(1), CallValues.refusal(refusal));
        };
    }

    private static Event.Prepared prepared(Fields f) {
        Digest artefact = f.digest();
        Fields said = f.fields("ModuleFacts");
        Result<ModuleFacts> facts =
                said.smallNumber(0, 1) == 0
                        ? Result.ok(moduleFacts(artefact, said))
                        : Result.refused(CallValues.refusal(said.fields("Refusal")));
        said.end();
        return new Event.Prepared(artefact, facts);
    }

    private static ModuleFacts moduleFacts(Digest artefact, Fields f) {
        ByteSize size = new ByteSize(f.number(0, ARTEFACT_MAX));
        String shape = f.text(7);
        if (!shape.equals("wasi") && !shape.equals("handler") && !shape.equals("script")) {
            throw new RefusedException(ErrorCode.MALFORMED_BYTES, "there is no shape " + shape);
        }
        return new ModuleFacts(artefact, size, shape, f.smallNumber(0, 65_535));
    }

    private static Value of(RunFacts facts) {
        return Value.array(
                Value.of(facts.timing().waitNanos()),
                Value.of(facts.timing().compileNanos()),
                Value.of(facts.timing().instantiateNanos()),
                Value.of(facts.timing().runNanos()),
                Value.of(facts.timing().warm()),
                Value.of(facts.cpuNanos()),
                Value.of(facts.peakMemory().bytes()),
                Value.of(facts.logs()));
    }

    private static RunFacts runFacts(Fields f) {
        RunFacts facts =
                new RunFacts(
                        new Timing(number(f), 0, number(f), number(f), number(f), f.truth()),
                        number(f),
                        new ByteSize(number(f)),
                        f.bytes(LOGS_MAX),
                        List.of());
        f.end();
        return facts;
    }

    private static Value of(Digest digest) {
        return Value.of(digest.bytes());
    }

    private static long number(Fields f) {
        return f.number(0, Long.MAX_VALUE);
    }

    private static Value array(int kind, Value... rest) {
        Value[] all = new Value[rest.length + 1];
        all[0] = Value.of(kind);
        System.arraycopy(rest, 0, all, 1, rest.length);
        return Value.array(all);
    }
}
