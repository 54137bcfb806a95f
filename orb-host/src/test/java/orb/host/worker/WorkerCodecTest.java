package orb.host.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Header;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.Result;
import orb.kernel.Timing;
import orb.kernel.TrapCode;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.Value;
import orb.kernel.message.Grants;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.HostCall;
import orb.kernel.port.HostReply;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.Rights;
import orb.kernel.port.RunFacts;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Node and worker understand each other, and nothing else. */
class WorkerCodecTest {
    private static final Digest ONE = Digest.of(Bytes.utf8("one"));
    private static final Bytes KEY = Bytes.utf8("key");
    private static final Refusal REFUSAL = new Refusal(ErrorCode.BUSY, "busy", "wait");
    private static final Effect.Run RUN =
            new Effect.Run(
                    7,
                    ONE,
                    new Request(
                            "PUT",
                            "/a",
                            "b=c",
                            List.of(new Header("accept", "text/plain")),
                            Bytes.utf8("body")),
                    new Limits(ByteSize.mib(1), new Fuel(100), Duration.ofMillis(250)),
                    Digest.ZERO,
                    new Rights.Trial(Grants.NONE));
    private static final RunFacts FACTS =
            new RunFacts(
                    new Timing(1, 0, 2, 3, 4, true),
                    5,
                    new ByteSize(65_536),
                    Bytes.utf8("log"),
                    List.of());

    static Stream<ToWorker> toWorker() {
        return Stream.of(
                new ToWorker.Start(4, Bytes.utf8("engine")),
                new ToWorker.Load(ONE, Bytes.utf8("artefact")),
                new ToWorker.Forget(ONE),
                new ToWorker.Prepare(ONE),
                new ToWorker.Run(RUN),
                new ToWorker.Ping(Long.MAX_VALUE),
                new ToWorker.Code(ONE, Bytes.utf8("code")),
                new ToWorker.Compile(ONE, Bytes.utf8("artefact")),
                replied(new HostReply.Found(Bytes.utf8("value"))),
                replied(new HostReply.Missing()),
                replied(new HostReply.Done()),
                replied(
                        new HostReply.Answered(
                                new Response(
                                        404, List.of(new Header("a", "b")), Bytes.utf8("body")))),
                replied(new HostReply.Refused(REFUSAL)));
    }

    private static ToWorker replied(HostReply reply) {
        return new ToWorker.Replied(7, HostCall.CALLS_MAX, reply);
    }

    private static FromWorker asked(HostCall call) {
        return new FromWorker.Asked(7, 1, call);
    }

    static Stream<FromWorker> fromWorker() {
        ModuleFacts facts = new ModuleFacts(ONE, new ByteSize(10), "script", 1);
        return Stream.of(
                new FromWorker.Ready(WorkerCodec.VERSION),
                new FromWorker.Prepared(new Event.Prepared(ONE, Result.ok(facts))),
                new FromWorker.Prepared(new Event.Prepared(ONE, Result.refused(REFUSAL))),
                ran(new Outcome.Completed(Response.ok(Bytes.utf8("out")), new Fuel(9))),
                ran(new Outcome.OutOfFuel(new Fuel(100))),
                ran(new Outcome.Trapped(TrapCode.DEADLINE, "late", new Fuel(3))),
                ran(new Outcome.Refused(REFUSAL)),
                new FromWorker.Pong(0),
                new FromWorker.Compiled(ONE, Result.ok(Bytes.utf8("code"))),
                new FromWorker.Compiled(ONE, Result.refused(REFUSAL)),
                asked(new HostCall.KvGet(KEY)),
                asked(new HostCall.KvSet(KEY, Bytes.utf8("value"))),
                asked(new HostCall.KvDelete(KEY)),
                asked(new HostCall.Secret("API_KEY")),
                asked(
                        new HostCall.Fetch(
                                "POST",
                                "https://example.org/a?b",
                                List.of(new Header("accept", "text/plain")),
                                Bytes.utf8("body"))));
    }

    @Test
    @Tag("K3")
    void hostCallsBeyondTheirBoundsAreNotUnderstood() {
        Bytes large = Bytes.wrap(new byte[HostCall.VALUE_MAX + 1]);
        Bytes body = Bytes.wrap(new byte[HostCall.BODY_MAX + 1]);
        Value none = Value.array();
        Value url = Value.of("http://a/");
        refused(asks(1, Value.of(0), Value.of(Bytes.EMPTY)));
        refused(asks(1, Value.of(0), Value.of(Bytes.wrap(new byte[257]))));
        refused(asks(1, Value.of(1), Value.of(KEY), Value.of(large)));
        refused(asks(1, Value.of(3), Value.of("TRACE"), url, none, Value.of(Bytes.EMPTY)));
        refused(asks(1, Value.of(3), Value.of("GET"), url, none, Value.of(body)));
        refused(asks(1, Value.of(4), Value.of("A".repeat(65))));
        refused(asks(1, Value.of(5), Value.of(KEY)));
        refused(asks(0, Value.of(0), Value.of(KEY)));
        refused(asks(HostCall.CALLS_MAX + 1, Value.of(0), Value.of(KEY)));
        assertThat(asks(HostCall.CALLS_MAX, Value.of(0), Value.of(KEY)).isOk()).isTrue();
    }

    private static Result<FromWorker> asks(int number, Value... call) {
        return WorkerCodec.fromWorker(
                Cbor.encode(
                        Value.array(
                                Value.of(20), Value.of(7), Value.of(number), Value.array(call))));
    }

    private static FromWorker.Ran ran(Outcome outcome) {
        return new FromWorker.Ran(new Event.Ran(7, outcome, FACTS));
    }

    @ParameterizedTest
    @MethodSource("toWorker")
    void whatANodeSaysIsUnderstood(ToWorker message) {
        assertThat(WorkerCodec.toWorker(WorkerCodec.encode(message)).orThrow()).isEqualTo(message);
    }

    @ParameterizedTest
    @MethodSource("fromWorker")
    void whatAWorkerSaysIsUnderstood(FromWorker message) {
        assertThat(WorkerCodec.fromWorker(WorkerCodec.encode(message)).orThrow())
                .isEqualTo(message);
    }

    @Test
    void bytesAreThoseOfTheProtocolPage() throws IOException {
        List<Bytes> frames =
                List.of(
                        WorkerCodec.encode(new ToWorker.Ping(7)),
                        WorkerCodec.encode(new FromWorker.Pong(7)));
        assertThat(Bytes.wrap(framed(frames)).hex()).isEqualTo("0000000382050700000003821307");
    }

    @Test
    void aWorkerCannotSpeakForItsNodeNorTheOtherWayRound() {
        toWorker().map(WorkerCodec::encode).forEach(f -> refused(WorkerCodec.fromWorker(f)));
        fromWorker().map(WorkerCodec::encode).forEach(f -> refused(WorkerCodec.toWorker(f)));
    }

    private static void refused(Result<?> result) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        r -> assertThat(r.refusal().code()).isEqualTo(ErrorCode.MALFORMED_BYTES));
    }

    /** Damaged bytes are refused, or are the one encoding of another message. */
    static void accepts(Bytes frame) {
        if (WorkerCodec.fromWorker(frame) instanceof Result.Ok<FromWorker>(var message)) {
            assertThat(WorkerCodec.encode(message)).isEqualTo(frame);
        }
        if (WorkerCodec.toWorker(frame) instanceof Result.Ok<ToWorker>(var message)) {
            assertThat(WorkerCodec.encode(message)).isEqualTo(frame);
        }
    }

    @Test
    void damagedMessagesAreRefusedOrOtherMessages() {
        Random chance = new Random(20261);
        List<Bytes> frames = new ArrayList<>(toWorker().map(WorkerCodec::encode).toList());
        fromWorker().map(WorkerCodec::encode).forEach(frames::add);
        for (int i = 0; i < 20_000; i++) {
            byte[] frame = frames.get(i % frames.size()).toArray();
            for (int n = chance.nextInt(3); n >= 0; n--) {
                frame[chance.nextInt(frame.length)] = (byte) chance.nextInt();
            }
            accepts(Bytes.of(frame).slice(0, 1 + chance.nextInt(frame.length)));
            accepts(Bytes.of(frame));
        }
    }

    @Test
    @Tag("K3")
    void moreFuelOrMemoryThanTheLimitIsAContradiction() {
        assertThat(contradiction(new Outcome.OutOfFuel(new Fuel(100)), 65_536)).isEmpty();
        assertThat(contradiction(new Outcome.OutOfFuel(new Fuel(99)), 65_536)).isPresent();
        assertThat(contradiction(completed(101), 65_536)).isPresent();
        assertThat(contradiction(completed(100), 2 << 20)).isPresent();
        assertThat(contradiction(completed(100), 1 << 20)).isEmpty();
        assertThat(contradiction(new Outcome.Trapped(TrapCode.EXIT, "", new Fuel(101)), 0))
                .isPresent();
    }

    private static Outcome completed(long fuel) {
        return new Outcome.Completed(Response.ok(Bytes.EMPTY), new Fuel(fuel));
    }

    private static Optional<String> contradiction(Outcome outcome, long memory) {
        RunFacts facts = new RunFacts(Timing.NONE, 0, new ByteSize(memory), Bytes.EMPTY, List.of());
        return WorkerCodec.contradiction(RUN, new Event.Ran(7, outcome, facts));
    }

    private static byte[] framed(List<Bytes> frames) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FrameSink sink = new FrameSink(out);
        frames.forEach(sink::add);
        sink.flush();
        return out.toByteArray();
    }

    /** Gives as many bytes at a time as chance will have it. */
    private static InputStream dribbling(byte[] bytes, Random chance) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] into, int from, int length) {
                return super.read(into, from, Math.min(length, 1 + chance.nextInt(9_000)));
            }
        };
    }

    @Test
    void framesComeOutAsTheyWentInHoweverTheStreamIsCut() throws IOException {
        Random chance = new Random(7);
        List<Bytes> sent = new ArrayList<>();
        for (int length : new int[] {1, 3, 100, 65_532, 65_536, 65_540, 300_000, 2}) {
            byte[] frame = new byte[length];
            chance.nextBytes(frame);
            sent.add(Bytes.wrap(frame));
        }
        FrameSource source = new FrameSource(dribbling(framed(sent), chance));
        for (Bytes frame : sent) {
            assertThat(source.next()).contains(frame);
        }
        assertThat(source.next()).isEmpty();
    }

    @Test
    void lengthsThatLieAreRefusedAndAllocateNothing() {
        byte[] none = {0, 0, 0, 0, 1};
        byte[] huge = {0x7f, -1, -1, -1, 1};
        byte[] negative = {-1, -1, -1, -1, 1};
        for (byte[] stream : List.of(none, huge, negative)) {
            assertThatThrownBy(() -> new FrameSource(new ByteArrayInputStream(stream)).next())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("a frame of");
        }
    }

    @Test
    void aStreamThatEndsWithinAFrameIsNoEnd() throws IOException {
        byte[] whole = framed(List.of(Bytes.utf8("whole")));
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> new FrameSource(new ByteArrayInputStream(cut)).next())
                    .isInstanceOf(EOFException.class);
        }
    }
}
