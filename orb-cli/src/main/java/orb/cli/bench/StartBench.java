package orb.cli.bench;

import static orb.kernel.Require.require;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import orb.cli.workshop.Engine;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.port.Event;

/**
 * How soon what runs one work unit stands, and what memory it takes: a fresh instance in a worker
 * that is warm, which is how a node runs each call, and a fresh worker process behind its walls
 * that runs one work unit and ends.
 *
 * <p>Both are measured from outside, over the pipes that a node uses. Percentiles are by nearest
 * rank; of the warm worker only the second half of the runs counts, when all is compiled.
 */
public final class StartBench {
    private static final String BENCH = "start";
    private static final ByteSize HEAP = ByteSize.mib(192); // the least that a node gives
    private static final Request REQUEST = Request.post(Bytes.utf8("{\"a\":2,\"b\":3}"));

    private final Bytes module;
    private final Counts counts;
    private final Report report;

    /**
     * How often each is measured.
     *
     * @param modules instances of a module in a warm worker, at least 2
     * @param scripts the same of JavaScript
     * @param processes fresh processes for each of both, at least 1
     */
    public record Counts(int modules, int scripts, int processes) {
        public static final Counts STANDARD = new Counts(20_000, 4_000, 20);

        public Counts {
            require(modules >= 2 && scripts >= 2, "the first half of the runs is not counted");
            require(processes >= 1, "at least one process, not %d", processes);
        }
    }

    /**
     * @param module answers the sum of a and b, as the sample {@code add} does
     */
    public StartBench(Bytes module, Counts counts, Report report) {
        this.module = module;
        this.counts = counts;
        this.report = report;
    }

    /** Measures; figures come as they are known. */
    public void run() throws IOException {
        Path folder = Files.createTempDirectory("orb-bench");
        try {
            Bytes script = Engine.sandbox().scripts().orElseThrow().compile(Starts.HELLO).orThrow();
            warm("module", module, counts.modules, folder);
            warm("script", script, counts.scripts, folder);
            fresh("module", module, folder);
            fresh("script", script, folder);
        } finally {
            Tools.erase(folder);
        }
    }

    /** A fresh instance for each of many runs, one after the other, in one worker. */
    private void warm(String what, Bytes artefact, int runs, Path folder) throws IOException {
        try (WorkerHost host = new WorkerHost(1, HEAP, folder)) {
            Digest name = host.keep(artefact);
            if (what.equals("module")) {
                host.compile(name); // scripts are byte code: nothing of theirs is compiled
            }
            long[] instantiated = new long[runs];
            long[] answered = new long[runs];
            long memory = 0;
            for (int i = 0; i < runs; i++) {
                long begun = System.nanoTime();
                Event.Ran ran = completed(host.run(name, REQUEST, Limits.DEFAULT));
                answered[i] = System.nanoTime() - begun;
                instantiated[i] = ran.facts().timing().instantiateNanos();
                memory = Math.max(memory, ran.facts().peakMemory().bytes());
            }
            percentiles("warm_" + what + "_instance", secondHalf(instantiated), 1e3, "us");
            percentiles("warm_" + what + "_answer", secondHalf(answered), 1e3, "us");
            figure("warm_" + what + "_instance_memory", memory / 1024.0, "KiB", runs);
            memory("warm_" + what + "_worker", List.of(Memory.of(host)));
        }
    }

    /** A process for each run: started behind the walls, asked once, ended. */
    private void fresh(String what, Bytes artefact, Path folder) throws IOException {
        long[] answered = new long[counts.processes];
        long[] ended = new long[counts.processes];
        List<Memory> used = new ArrayList<>();
        for (int i = 0; i < counts.processes; i++) {
            WorkerHost host = new WorkerHost(1, HEAP, folder); // looks for walls, starts nothing
            long closing;
            try (host) {
                Digest name = host.keep(artefact);
                long begun = System.nanoTime();
                completed(host.run(name, REQUEST, Limits.DEFAULT));
                answered[i] = System.nanoTime() - begun;
                used.add(Memory.of(host));
                closing = System.nanoTime();
            }
            ended[i] = System.nanoTime() - closing;
        }
        percentiles("process_" + what + "_answer", answered, 1e6, "ms");
        percentiles("process_" + what + "_end", ended, 1e6, "ms");
        memory("process_" + what, used);
    }

    /**
     * Memory of a worker process without its walls, in MiB.
     *
     * @param resident all pages that it has
     * @param proportional those that it shares with others in equal parts
     */
    private record Memory(double resident, double proportional) {
        static Memory of(WorkerHost host) throws IOException {
            double resident = 0;
            double proportional = 0;
            for (long pid : host.workers()) {
                resident += ProcessUse.resident(pid);
                proportional += ProcessUse.proportional(pid);
            }
            return new Memory(resident, proportional);
        }
    }

    private void memory(String name, List<Memory> used) {
        int middle = used.size() / 2;
        double[] resident = used.stream().mapToDouble(Memory::resident).sorted().toArray();
        double[] shared = used.stream().mapToDouble(Memory::proportional).sorted().toArray();
        figure(name + "_rss", resident[middle], "MiB", used.size());
        figure(name + "_pss", shared[middle], "MiB", used.size());
    }

    private static Event.Ran completed(Event.Ran ran) {
        if (!(ran.outcome() instanceof Outcome.Completed)) {
            throw new RefusedException(ErrorCode.INTERNAL, "a sample: " + ran.outcome());
        }
        return ran;
    }

    private static long[] secondHalf(long[] nanos) {
        return Arrays.copyOfRange(nanos, nanos.length / 2, nanos.length);
    }

    private void percentiles(String name, long[] nanos, double unitNanos, String unit) {
        Arrays.sort(nanos);
        for (int percent : new int[] {50, 99}) {
            long value = nanos[(nanos.length * percent + 99) / 100 - 1];
            figure(name + "_p" + percent, value / unitNanos, unit, nanos.length);
        }
    }

    private void figure(String metric, double value, String unit, long n) {
        report.figure(new Figure(BENCH, metric, value, unit, n));
    }
}
