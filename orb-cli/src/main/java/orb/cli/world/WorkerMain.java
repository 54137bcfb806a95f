package orb.cli.world;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import orb.cli.workshop.Engine;
import orb.host.worker.FrameSink;
import orb.host.worker.FrameSource;
import orb.host.worker.FromWorker;
import orb.host.worker.ToWorker;
import orb.host.worker.WorkerCodec;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.sandbox.Sandbox;

/**
 * The worker: a process that runs functions for a node and has nothing but them.
 *
 * <p>It reads messages from standard input and writes messages to standard output until the input
 * ends, which it does when the node ends; then it is gone at once. It holds no key, no wallet and
 * no data folder, and needs no disk.
 */
final class WorkerMain {
    private static final int STATUS_CONFUSED = 3;

    /** After this long without a message the heap is given back. */
    private static final long IDLE_MILLIS = 5_000;

    /**
     * What modules may take, of a worker however small; the JVM keeps their classes off the heap.
     */
    private static final long MODULES_BYTES = 128L << 20;

    private final Map<Digest, Bytes> artefacts = new ConcurrentHashMap<>();
    private final Map<Digest, Bytes> codes = new ConcurrentHashMap<>();
    private final FrameSink out;
    private final SandboxRunner runner;
    private final AtomicLong messages = new AtomicLong();
    private final PipeCalls.Asked asked = new PipeCalls.Asked();

    private WorkerMain(ToWorker.Start start, FrameSink out) {
        this.out = out;
        Sandbox sandbox =
                start.engine().isEmpty()
                        ? new Sandbox(System::nanoTime)
                        : Engine.sandbox(start.engine());
        Modules modules =
                new Modules(
                        sandbox,
                        new Modules.Sources(
                                digest -> Optional.ofNullable(artefacts.get(digest)),
                                Optional.of(digest -> Optional.ofNullable(codes.get(digest)))),
                        Math.max(MODULES_BYTES, Runtime.getRuntime().maxMemory() / 3));
        runner =
                new SandboxRunner(
                        sandbox,
                        start.threads(),
                        modules,
                        this::report,
                        run -> new PipeCalls(run.run(), asked, this::say));
    }

    /** Takes no words. */
    public static void main(String[] words) {
        FrameSource in = new FrameSource(new FileInputStream(FileDescriptor.in));
        FrameSink out = new FrameSink(new FileOutputStream(FileDescriptor.out));
        System.setOut(System.err); // what anything prints is no message
        int status = 0;
        try {
            Optional<Bytes> first = in.next();
            if (first.isPresent()) {
                if (WorkerCodec.toWorker(first.get()).orThrow() instanceof ToWorker.Start start) {
                    new WorkerMain(start, out).serve(in);
                } else {
                    throw new IOException("the first message is not a start");
                }
            }
        } catch (IOException | RuntimeException e) {
            System.err.println("worker: " + e);
            status = STATUS_CONFUSED;
        }
        Runtime.getRuntime().halt(status); // what still runs is nobody's any more
    }

    private void serve(FrameSource in) throws IOException {
        out.send(WorkerCodec.encode(new FromWorker.Ready(WorkerCodec.VERSION)));
        Thread.ofPlatform().daemon(true).name("orb-idle").start(this::shrinkWhenIdle);
        for (Optional<Bytes> frame = in.next(); frame.isPresent(); frame = in.next()) {
            obey(WorkerCodec.toWorker(frame.get()).orThrow());
            messages.incrementAndGet();
        }
    }

    private void obey(ToWorker message) throws IOException {
        switch (message) {
            case ToWorker.Start _ -> throw new IOException("started twice");
            case ToWorker.Load(var artefact, var content) -> artefacts.put(artefact, content);
            case ToWorker.Forget(var artefact) -> {
                artefacts.remove(artefact);
                codes.remove(artefact);
            }
            case ToWorker.Code(var artefact, var code) -> {
                codes.put(artefact, code);
                runner.improve(artefact);
            }
            case ToWorker.Compile _ -> throw new IOException("a worker compiles nothing");
            case ToWorker.Prepare(var artefact) -> runner.prepare(new Effect.Prepare(artefact));
            case ToWorker.Run(var run) -> runner.run(run);
            case ToWorker.Replied replied -> asked.replied(replied);
            case ToWorker.Ping(var number) ->
                    out.send(WorkerCodec.encode(new FromWorker.Pong(number)));
        }
    }

    private void report(Event event) {
        FromWorker said =
                event instanceof Event.Ran ran
                        ? new FromWorker.Ran(ran)
                        : new FromWorker.Prepared((Event.Prepared) event);
        say(said);
    }

    private void say(FromWorker message) {
        try {
            out.send(WorkerCodec.encode(message));
        } catch (IOException e) {
            Runtime.getRuntime().halt(STATUS_CONFUSED); // nobody listens any more
        }
    }

    /** This collector gives memory back only in a full collection, which idle time is for. */
    private void shrinkWhenIdle() {
        long seen = 0;
        long shrunk = -1;
        try {
            for (; ; ) {
                Thread.sleep(IDLE_MILLIS);
                long now = messages.get();
                if (now == seen && shrunk != seen) {
                    System.gc();
                    shrunk = seen;
                }
                seen = now;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
