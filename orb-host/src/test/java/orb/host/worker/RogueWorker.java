package orb.host.worker;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import orb.kernel.Bytes;
import orb.kernel.Fuel;
import orb.kernel.Outcome;
import orb.kernel.Response;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.Value;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.HostCall;
import orb.kernel.port.RunFacts;

/**
 * A worker that a function has taken over: what it does with a run, the run's path says. It answers
 * {@code /echo} as it should.
 */
final class RogueWorker {
    private static final RunFacts FACTS = RunFacts.NONE;

    private RogueWorker() {}

    public static void main(String... none) throws IOException {
        FrameSource in = new FrameSource(new FileInputStream(FileDescriptor.in));
        FrameSink out = new FrameSink(new FileOutputStream(FileDescriptor.out));
        for (Optional<Bytes> frame = in.next(); frame.isPresent(); frame = in.next()) {
            switch (WorkerCodec.toWorker(frame.get()).orThrow()) {
                case ToWorker.Start _ -> say(out, new FromWorker.Ready(WorkerCodec.VERSION));
                case ToWorker.Run(var run) -> answer(run, out);
                case ToWorker.Ping(var number) -> say(out, new FromWorker.Pong(number));
                case ToWorker.Replied(var run, _, var reply) ->
                        say(out, ran(run, Bytes.utf8(reply.toString()), Fuel.ZERO));
                default -> {
                    // nothing: a preparation that never ends
                }
            }
        }
    }

    private static void say(FrameSink out, FromWorker message) throws IOException {
        out.send(WorkerCodec.encode(message));
    }

    private static void answer(Effect.Run run, FrameSink out) throws IOException {
        Fuel fuel = run.limits().fuel();
        switch (run.request().path()) {
            case "/echo" -> say(out, ran(run.run(), run.request().body(), Fuel.ZERO));
            case "/ignore" -> {
                // nothing: a run that cannot be interrupted
            }
            case "/ask" -> ask(out, run.run(), 1);
            case "/ask-second" -> ask(out, run.run(), 2);
            case "/ask-other" -> ask(out, run.run() + 1_000, 1);
            case "/ask-twice" -> {
                ask(out, run.run(), 1);
                ask(out, run.run(), 2);
            }
            case "/ask-large" -> out.send(tooLarge(run.run()));
            case "/ask-and-wait" -> ask(out, run.run(), 1);
            case "/end-both" -> {
                say(out, ran(run.run() - 1, Bytes.utf8("ended"), Fuel.ZERO));
                say(out, ran(run.run(), Bytes.utf8("ended"), Fuel.ZERO));
            }
            case "/other" -> say(out, ran(run.run() + 1_000, Bytes.EMPTY, Fuel.ZERO));
            case "/greedy" -> say(out, ran(run.run(), Bytes.EMPTY, fuel.plus(new Fuel(1))));
            case "/ready" -> say(out, new FromWorker.Ready(WorkerCodec.VERSION));
            case "/garbage" -> out.send(Bytes.utf8("not CBOR, and not polite"));
            case "/huge" -> {
                byte[] head = {0x7f, -1, -1, -1};
                new FileOutputStream(FileDescriptor.out).write(head);
            }
            case "/words" -> {
                System.err.println("last words");
                Runtime.getRuntime().halt(9);
            }
            case "/silent" -> LockSupport.parkNanos(60_000_000_000L);
            default -> Runtime.getRuntime().halt(1);
        }
    }

    private static void ask(FrameSink out, long run, int number) throws IOException {
        say(out, new FromWorker.Asked(run, number, new HostCall.KvGet(Bytes.utf8("key"))));
    }

    /** A key of 300 bytes, which no value of the program can hold. */
    private static Bytes tooLarge(long run) {
        return Cbor.encode(
                Value.array(
                        Value.of(20),
                        Value.of(run),
                        Value.of(1),
                        Value.array(Value.of(0), Value.of(Bytes.wrap(new byte[300])))));
    }

    private static FromWorker ran(long run, Bytes body, Fuel used) {
        Outcome outcome = new Outcome.Completed(Response.ok(body), used);
        return new FromWorker.Ran(new Event.Ran(run, outcome, FACTS));
    }
}
