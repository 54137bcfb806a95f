package orb.host.worker;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Function;
import orb.host.usage.ProcessCounts;
import orb.host.walls.Cgroup;
import orb.host.walls.Walls;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Result;
import orb.kernel.message.UseReport;

/**
 * One worker process: what is sent to it, what comes from it, and its end.
 *
 * <p>Three threads carry: one writes, so that whoever sends never waits for a pipe; one reads, and
 * is also the one that starts the process, because the kernel ends a child when the thread that
 * made it ends; one keeps the last words of standard error. An artefact is loaded by the writer
 * when a message first names it. Thread-safe.
 */
final class Worker {
    /** Artefacts that a worker holds: beyond either bound, the least used is forgotten. */
    private static final int ARTEFACTS_MAX = 2048;

    private static final long ARTEFACT_BYTES_MAX = 96L << 20;
    private static final int LAST_WORDS_MAX = 2000;
    private static final int BATCH_BYTES = 256 << 10;

    private final long number;
    private final Walls walls;
    private final Listener listener;
    private final Sources sources;
    private final ReentrantLock lock = new ReentrantLock();
    private final Thread writer;
    private final StringBuilder lastWords = new StringBuilder(); // guarded by itself

    // guarded by lock
    private final ArrayDeque<ToWorker> waiting = new ArrayDeque<>();
    private Optional<Process> process = Optional.empty();
    private boolean ended;

    // of the writer alone; access order makes the eldest the least used
    private final Map<Digest, Integer> loaded = new LinkedHashMap<>(16, 0.75f, true);
    private long loadedBytes;

    /** Who hears of a worker; called by its threads. */
    interface Listener {
        void heard(Worker from, FromWorker message);

        /** An artefact that a message named is not there; the message was not sent. */
        void lacks(Worker worker, ToWorker message);

        /** What a message named was read and handed over first, which took so long. */
        default void fetched(Worker worker, ToWorker message, long nanos) {}

        /** It sent what is no message, and is ended for it. */
        default void garbled(Worker from, String how) {}

        /** It is over: nothing is heard any more. Called once. */
        void ended(Worker worker, String why);
    }

    /**
     * Where artefacts come from.
     *
     * @param blobs an artefact by its digest, checked
     * @param codes its compiled code, nothing if that is still to come
     */
    record Sources(
            Function<Digest, Optional<Bytes>> blobs,
            BiFunction<Digest, Bytes, Optional<Bytes>> codes) {
        /** For a process that is given everything in its messages. */
        static final Sources NONE =
                new Sources(artefact -> Optional.empty(), (artefact, content) -> Optional.empty());
    }

    /** Starts the process; messages may be sent at once. */
    Worker(long number, Walls walls, ToWorker.Start start, Listener listener, Sources sources) {
        this.number = number;
        this.walls = walls;
        this.listener = listener;
        this.sources = sources;
        waiting.add(start);
        writer = Thread.ofPlatform().daemon(true).name("orb-worker-out").unstarted(this::write);
        Thread.ofPlatform().daemon(true).name("orb-worker-in").start(this::live);
    }

    /** Sends a message, after those that were sent before; nothing happens once it has ended. */
    void send(ToWorker message) {
        lock.lock();
        try {
            if (ended) {
                return;
            }
            waiting.add(message);
        } finally {
            lock.unlock();
        }
        LockSupport.unpark(writer);
    }

    /** What it and its walls use now, nothing before it has started. */
    UseReport.Worker use() {
        Optional<Process> child;
        lock.lock();
        try {
            child = process;
        } finally {
            lock.unlock();
        }
        long cpu = 0;
        long resident = 0;
        for (long pid : child.map(each -> ProcessCounts.tree(each.pid())).orElse(List.of())) {
            cpu += ProcessCounts.cpuMicros(pid);
            resident += ProcessCounts.residentBytes(pid);
        }
        return new UseReport.Worker(number, cpu, resident);
    }

    /** Ends the process at once; {@link Listener#ended} follows. */
    void kill() {
        lock.lock();
        try {
            ended = true;
            process.ifPresent(Worker::destroy);
        } finally {
            lock.unlock();
        }
        LockSupport.unpark(writer);
    }

    /** Without a control group, what bubblewrap has started so far has to be ended one by one. */
    private static void destroy(Process child) {
        List<ProcessHandle> below = child.descendants().toList();
        child.destroyForcibly();
        below.forEach(ProcessHandle::destroyForcibly);
    }

    private void live() {
        String why;
        Optional<Cgroup> group = Optional.empty();
        try {
            Walls.Start start = walls.start();
            group = start.group();
            Process child = start.builder().start();
            lock.lock();
            try {
                process = Optional.of(child);
                if (ended) {
                    destroy(child);
                }
            } finally {
                lock.unlock();
            }
            Thread.ofPlatform()
                    .daemon(true)
                    .name("orb-worker-err")
                    .start(() -> keepLastWords(child.getErrorStream()));
            writer.start();
            why = read(child);
        } catch (IOException e) {
            why = "starting it: " + e;
        }
        finish();
        group.ifPresent(Cgroup::close);
        listener.ended(this, why);
    }

    private void finish() {
        kill();
        process.ifPresent(child -> {
            try {
                if (!child.waitFor(10, TimeUnit.SECONDS)) {
                    child.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Reads until the end; why it came. */
    private String read(Process child) {
        String why = "";
        try {
            FrameSource frames = new FrameSource(child.getInputStream());
            for (Optional<Bytes> frame = frames.next(); frame.isPresent(); frame = frames.next()) {
                switch (WorkerCodec.fromWorker(frame.get())) {
                    case Result.Ok<FromWorker>(var message) -> listener.heard(this, message);
                    case Result.Refused<FromWorker>(var refusal) -> {
                        listener.garbled(this, refusal.what());
                        return "it said what it may not: " + refusal.what();
                    }
                }
            }
        } catch (IOException e) {
            why = e.getMessage() + "; ";
        }
        try {
            if (child.waitFor(2, TimeUnit.SECONDS)) {
                why += "it ended with status " + child.exitValue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        String words = lastWords();
        return words.isEmpty() ? why : why + ": " + words;
    }

    private void keepLastWords(InputStream from) {
        byte[] buffer = new byte[1024];
        try {
            for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
                synchronized (lastWords) {
                    lastWords.append(new String(buffer, 0, read, StandardCharsets.UTF_8));
                    lastWords.delete(0, Math.max(0, lastWords.length() - LAST_WORDS_MAX));
                }
            }
        } catch (IOException e) {
            synchronized (lastWords) {
                lastWords.append(e.getMessage());
            }
        }
    }

    private String lastWords() {
        synchronized (lastWords) {
            return lastWords.toString().strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
        }
    }

    private void write() {
        Process child = process.orElseThrow();
        FrameSink sink = new FrameSink(child.getOutputStream());
        try {
            List<ToWorker> batch = new ArrayList<>();
            while (take(batch)) {
                int size = 0;
                for (ToWorker message : batch) {
                    size += add(sink, message);
                    if (size > BATCH_BYTES) {
                        sink.flush();
                        size = 0;
                    }
                }
                sink.flush();
                batch.clear();
            }
        } catch (IOException e) {
            kill(); // its end is heard where it is read
        }
    }

    /** Waits for messages and takes them all; false at the end. */
    private boolean take(List<ToWorker> batch) {
        for (; ; ) {
            lock.lock();
            try {
                if (ended) {
                    return false;
                }
                if (!waiting.isEmpty()) {
                    batch.addAll(waiting);
                    waiting.clear();
                    return true;
                }
            } finally {
                lock.unlock();
            }
            LockSupport.park(this);
        }
    }

    private int add(FrameSink sink, ToWorker message) {
        Optional<Digest> artefact =
                switch (message) {
                    case ToWorker.Prepare(var named) -> Optional.of(named);
                    case ToWorker.Run(var run) -> Optional.of(run.artefact());
                    default -> Optional.empty(); // these name no artefact that has to be there
                };
        if (artefact.isPresent() && loaded.get(artefact.get()) == null) {
            long begun = System.nanoTime();
            if (!load(sink, artefact.get())) {
                listener.lacks(this, message);
                return 0;
            }
            listener.fetched(this, message, System.nanoTime() - begun);
        }
        if (message instanceof ToWorker.Code(var named, _) && !loaded.containsKey(named)) {
            return 0; // it was forgotten meanwhile
        }
        return add(sink, WorkerCodec.encode(message));
    }

    private static int add(FrameSink sink, Bytes frame) {
        sink.add(frame);
        return frame.length();
    }

    private boolean load(FrameSink sink, Digest artefact) {
        Optional<Bytes> content =
                sources.blobs.apply(artefact).filter(b -> b.length() <= WorkerCodec.ARTEFACT_MAX);
        if (content.isEmpty()) {
            return false;
        }
        int length = content.get().length();
        while (!loaded.isEmpty()
                && (loaded.size() >= ARTEFACTS_MAX || loadedBytes + length > ARTEFACT_BYTES_MAX)) {
            Map.Entry<Digest, Integer> eldest = loaded.entrySet().iterator().next();
            loadedBytes -= eldest.getValue();
            add(sink, WorkerCodec.encode(new ToWorker.Forget(eldest.getKey())));
            loaded.remove(eldest.getKey());
        }
        loaded.put(artefact, length);
        loadedBytes += length;
        add(sink, WorkerCodec.encode(new ToWorker.Load(artefact, content.get())));
        sources.codes
                .apply(artefact, content.get())
                .ifPresent(
                        code -> add(sink, WorkerCodec.encode(new ToWorker.Code(artefact, code))));
        return true;
    }
}
