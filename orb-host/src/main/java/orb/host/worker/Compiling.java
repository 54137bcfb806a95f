package orb.host.worker;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import orb.host.store.CodeFolder;
import orb.host.walls.Walls;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.kernel.message.UseReport;

/**
 * Compiles artefacts in a process that runs none, and keeps their code on disk.
 *
 * <p>A function that has overcome its worker cannot reach the code that others will run: workers
 * are given code and give none back. A module that takes too long, or takes the compiling process
 * down, is not compiled again and goes on being interpreted; the others wait for a new process. One
 * artefact at a time is compiled; the process ends when there has been nothing to do for a while.
 * Thread-safe; nothing but its own thread waits.
 */
public final class Compiling implements AutoCloseable {
    /** Stands for: there is none, and none will come. */
    static final Bytes NO_CODE = Bytes.EMPTY;

    private static final Logger LOG = System.getLogger(Compiling.class.getName());
    private static final Duration IDLE_MAX = Duration.ofSeconds(8);
    private static final Duration END_MAX = Duration.ofSeconds(3);
    private static final long WAITING_BYTES_MAX = 64L << 20;
    private static final int HOPELESS_MAX = 10_000;
    private static final Bytes MODULE_MAGIC = Bytes.hex("0061736d");

    private final Walls walls;
    private final CodeFolder folder;
    private final WorkerTimes times;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // guarded by lock
    private final ArrayDeque<Job> waiting = new ArrayDeque<>();
    private final Map<Digest, Boolean> underWay = new LinkedHashMap<>();
    private final Map<Digest, Boolean> hopeless =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Digest, Boolean> eldest) {
                    return size() > HOPELESS_MAX;
                }
            };
    private BiConsumer<Digest, Bytes> made = (artefact, code) -> {};
    private long waitingBytes;
    private Optional<Thread> working = Optional.empty();
    private Optional<Worker> newest = Optional.empty();
    private boolean closed;

    private record Job(Digest artefact, Bytes content) {}

    /** A process and what it has said. */
    private record Running(Worker process, LinkedBlockingQueue<Said> said) {}

    /** A message, or the reason why there will be none. */
    private record Said(Optional<FromWorker> message, String end) {}

    /**
     * Starts nothing yet.
     *
     * @param walls around the compiling process
     * @param folder where code is kept
     */
    public Compiling(Walls walls, CodeFolder folder, WorkerTimes times) {
        this.walls = walls;
        this.folder = folder;
        this.times = times;
    }

    /** What the operating system says that the newest compiling process uses, if there was one. */
    Optional<UseReport.Worker> use() {
        Optional<Worker> process;
        lock.lock();
        try {
            process = newest;
        } finally {
            lock.unlock();
        }
        return process.map(Worker::use);
    }

    /** Who is told of code that has just been made, or of {@link #NO_CODE}. */
    void whenMade(BiConsumer<Digest, Bytes> listener) {
        lock.lock();
        try {
            made = listener;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The code of an artefact; none if it is being made and the listener will hear of it. {@link
     * #NO_CODE} if it will not be made: a script has no code of its own, some modules cannot be
     * compiled, and too many may be waiting already.
     */
    Optional<Bytes> code(Digest artefact, Bytes content) {
        if (content.length() < MODULE_MAGIC.length()
                || !content.slice(0, MODULE_MAGIC.length()).equals(MODULE_MAGIC)) {
            return Optional.of(NO_CODE);
        }
        Optional<Bytes> found = folder.find(artefact);
        return found.isPresent() || willBe(new Job(artefact, content))
                ? found
                : Optional.of(NO_CODE);
    }

    /** Whether the code of an artefact is being made, or waits for that. */
    boolean isUnderWay(Digest artefact) {
        lock.lock();
        try {
            return underWay.containsKey(artefact);
        } finally {
            lock.unlock();
        }
    }

    private boolean willBe(Job job) {
        lock.lock();
        try {
            if (underWay.containsKey(job.artefact)) {
                return true;
            }
            if (closed
                    || hopeless.containsKey(job.artefact)
                    || waitingBytes + job.content.length() > WAITING_BYTES_MAX) {
                return false;
            }
            underWay.put(job.artefact, true);
            waiting.add(job);
            waitingBytes += job.content.length();
            if (working.isEmpty()) {
                Thread worker =
                        Thread.ofPlatform()
                                .daemon(true)
                                .name("orb-compiling")
                                .unstarted(new Shift());
                working = Optional.of(worker);
                worker.start();
            }
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends a process and waits until nothing is left of it. */
    private static void end(Running last) {
        last.process.kill();
        try {
            Said said = said(last, END_MAX);
            while (said.message.isPresent()) {
                said = said(last, END_MAX);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The next job; empty when none came for long, and then this thread ends. */
    private Optional<Job> next() throws InterruptedException {
        lock.lock();
        try {
            long left = IDLE_MAX.toNanos();
            while (waiting.isEmpty() && left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
            Optional<Job> job = closed ? Optional.empty() : Optional.ofNullable(waiting.poll());
            job.ifPresent(each -> waitingBytes -= each.content.length());
            if (job.isEmpty()) {
                working = Optional.empty();
            }
            return job;
        } finally {
            lock.unlock();
        }
    }

    private void settle(Digest artefact, Result<Bytes> code) {
        if (code instanceof Result.Ok<Bytes>(var made)) {
            folder.put(artefact, made);
        }
        BiConsumer<Digest, Bytes> listener;
        lock.lock();
        try {
            underWay.remove(artefact);
            listener = made;
            if (isHopeless(code)) {
                hopeless.put(artefact, true);
            }
        } finally {
            lock.unlock();
        }
        if (code instanceof Result.Refused<Bytes>(var refusal)) {
            LOG.log(Level.DEBUG, artefact + " stays without compiled code: " + refusal);
        }
        listener.accept(artefact, code instanceof Result.Ok<Bytes>(var made) ? made : NO_CODE);
    }

    /** Whether it is the module's fault that there is no code, not that of a busy machine. */
    private static boolean isHopeless(Result<Bytes> code) {
        return code instanceof Result.Refused<Bytes>(var refusal)
                && refusal.code() != ErrorCode.WORKER_FAILED;
    }

    private static Said said(Running by, Duration patience) throws InterruptedException {
        Said said = by.said.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        return said == null ? new Said(Optional.empty(), "it took too long") : said;
    }

    private Running start() {
        LinkedBlockingQueue<Said> said = new LinkedBlockingQueue<>();
        Worker.Listener ears =
                new Worker.Listener() {
                    @Override
                    public void heard(Worker from, FromWorker message) {
                        said.add(new Said(Optional.of(message), "it said " + message));
                    }

                    @Override
                    public void lacks(Worker worker, ToWorker message) {
                        said.add(new Said(Optional.empty(), "nothing to compile"));
                    }

                    @Override
                    public void ended(Worker worker, String why) {
                        said.add(new Said(Optional.empty(), why));
                    }
                };
        Worker process =
                new Worker(0, walls, new ToWorker.Start(1, Bytes.EMPTY), ears, Worker.Sources.NONE);
        lock.lock();
        try {
            newest = Optional.of(process);
        } finally {
            lock.unlock();
        }
        return new Running(process, said);
    }

    /** One thread from the first job after a pause to the next pause, with its own process. */
    private final class Shift implements Runnable {
        private Optional<Running> running = Optional.empty();

        @Override
        public void run() {
            try {
                for (Optional<Job> job = next(); job.isPresent(); job = next()) {
                    Result<Bytes> code = compiled(job.get());
                    settle(job.get().artefact, code);
                }
            } catch (InterruptedException e) {
                LOG.log(Level.DEBUG, "compiling ends because the node does");
            } finally {
                running.ifPresent(Compiling::end);
                running = Optional.empty();
            }
        }

        private Result<Bytes> compiled(Job job) throws InterruptedException {
            boolean isNew = running.isEmpty();
            Running now = running.orElseGet(Compiling.this::start);
            running = Optional.of(now);
            if (isNew) {
                Said ready = said(now, times.start());
                if (!(ready.message.orElse(null) instanceof FromWorker.Ready(var version))
                        || version != WorkerCodec.VERSION) {
                    return lost(
                            ErrorCode.WORKER_FAILED, "the compiler did not start: " + ready.end);
                }
            }
            now.process.send(new ToWorker.Compile(job.artefact, job.content));
            Said answer = said(now, times.prepare());
            return answer.message.orElse(null)
                                    instanceof FromWorker.Compiled(var artefact, var code)
                            && artefact.equals(job.artefact)
                    ? code
                    : lost(ErrorCode.MODULE_BOMB, "it cannot be compiled: " + answer.end);
        }

        /** Ends a process that did not do as it should; the next job starts another. */
        private Result<Bytes> lost(ErrorCode code, String why) {
            running.ifPresent(each -> each.process.kill());
            running = Optional.empty();
            return Result.refused(code, why);
        }
    }

    @Override
    public void close() {
        Optional<Thread> last;
        lock.lock();
        try {
            closed = true;
            last = working;
        } finally {
            lock.unlock();
        }
        if (last.isPresent()) {
            last.get().interrupt();
            try {
                last.get().join(END_MAX);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        walls.close();
    }
}
