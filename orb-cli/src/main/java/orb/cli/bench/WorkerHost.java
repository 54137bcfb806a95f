package orb.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import orb.cli.swarm.Peer;
import orb.cli.world.Running;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Limits;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.message.Grants;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.Rights;
import orb.kernel.port.Runner;

/** A real worker process behind its walls, asked as a node asks it, without a node. Thread-safe. */
final class WorkerHost implements AutoCloseable {
    private static final long ANSWER_SECONDS_MAX = 120;
    private static final long CODE_NANOS_MAX = 60_000_000_000L;
    private static final Bytes SECRET = Bytes.utf8("a bench has no key of its own..");

    private final Map<Digest, Bytes> blobs = new ConcurrentHashMap<>();
    private final Map<Long, Consumer<Event.Ran>> runs = new ConcurrentHashMap<>();
    private final Map<Digest, CompletableFuture<Result<ModuleFacts>>> preparations =
            new ConcurrentHashMap<>();
    private final AtomicLong last = new AtomicLong();
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final Path codeFolder;
    private final Runner runner;

    /**
     * @param threads runs at once
     * @param heap of the worker
     * @param codeFolder where compiled code is kept
     */
    WorkerHost(int threads, ByteSize heap, Path codeFolder) {
        this.codeFolder = codeFolder;
        runner =
                Running.measured(
                        threads,
                        heap,
                        new Running.Lent(
                                digest -> Optional.ofNullable(blobs.get(digest)),
                                codeFolder,
                                SECRET),
                        this::heard,
                        parts::add);
    }

    private void heard(Event event) {
        switch (event) {
            case Event.Ran ran ->
                    Optional.ofNullable(runs.remove(ran.run())).ifPresent(to -> to.accept(ran));
            case Event.Prepared(var artefact, var facts) ->
                    Optional.ofNullable(preparations.remove(artefact))
                            .ifPresent(waiting -> waiting.complete(facts));
            case Event.Noticed _ -> {} // a bench looks at its figures
            default -> throw new IllegalStateException("a runner reports runs, not " + event);
        }
    }

    Digest keep(Bytes artefact) {
        Digest name = Digest.of(artefact);
        blobs.put(name, artefact);
        return name;
    }

    /** Admits and compiles in the worker; waits for it. */
    ModuleFacts prepare(Digest artefact) throws IOException {
        CompletableFuture<Result<ModuleFacts>> done = new CompletableFuture<>();
        preparations.put(artefact, done);
        runner.prepare(new Effect.Prepare(artefact));
        return await(done).orThrow();
    }

    /** As {@link #prepare}, and waits until its compiled code is on the disk too. */
    void compile(Digest artefact) throws IOException {
        prepare(artefact);
        Path code = codeFolder.resolve(artefact.hex().substring(0, 2)).resolve(artefact.hex());
        long until = System.nanoTime() + CODE_NANOS_MAX;
        while (!Files.exists(code)) {
            if (System.nanoTime() - until > 0) {
                throw new RefusedException(ErrorCode.TIMED_OUT, "no code came of " + artefact);
            }
            Peer.pause(2);
        }
    }

    /** Begins a run; the report comes on a thread of the worker's and must not wait. */
    void run(Digest artefact, Request request, Limits limits, Consumer<Event.Ran> report) {
        long run = last.incrementAndGet();
        runs.put(run, report);
        runner.run(
                new Effect.Run(
                        run,
                        artefact,
                        request,
                        limits,
                        Digest.ZERO,
                        new Rights.Trial(Grants.NONE)));
    }

    /** As above, and waits for it. */
    Event.Ran run(Digest artefact, Request request, Limits limits) throws IOException {
        CompletableFuture<Event.Ran> done = new CompletableFuture<>();
        run(artefact, request, limits, done::complete);
        return await(done);
    }

    private static <T> T await(CompletableFuture<T> future) throws IOException {
        try {
            return future.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new RefusedException(ErrorCode.TIMED_OUT, "the worker does not answer: " + e);
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }

    /** MiB of the worker's resident memory, without the walls around it. */
    double memory() throws IOException {
        double sum = 0;
        for (long pid : workers()) {
            sum += ProcessUse.resident(pid);
        }
        return sum;
    }

    /** The worker's process, without the walls around it and what compiles for it. */
    List<Long> workers() {
        return ProcessHandle.current()
                .descendants()
                .filter(each -> each.info().command().orElse("").endsWith("/java"))
                .filter(each -> isWorker(each.info()))
                .map(ProcessHandle::pid)
                .toList();
    }

    private static boolean isWorker(ProcessHandle.Info info) {
        return List.of(info.arguments().orElse(new String[0])).contains(Running.WORKER);
    }

    @Override
    public void close() {
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException("ending the worker", e);
            }
        }
    }
}
