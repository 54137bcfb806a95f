package orb.node;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.message.UseReport;
import orb.kernel.port.MachineUse;
import orb.kernel.port.RunFacts;
import orb.kernel.port.Table;
import orb.node.turn.Turn;

/**
 * Counts what every function did on this node, and keeps the last lines that it wrote.
 *
 * <p>Counters are kept in memory and saved every {@link NodeConfig.Waits#save}: a crash loses the
 * calls since the last save, an orderly restart likewise at most those. Percentiles are exact over
 * the last {@link NodeConfig.Bounds#samplesMax} run times. Invocations that were refused never ran
 * and are not counted; those that trapped or used up their fuel are calls and errors. The last
 * lines that each function wrote are in memory only, bounded per function and in all.
 */
final class Statistics {
    static final String TIMER = "statistics";

    /** A longer log line is cut. */
    private static final int LINE_MAX = 1000;

    private final Turn turn;
    private final NodeConfig config;
    private final Map<FunctionName, Counter> counters = new LinkedHashMap<>();
    private final Map<FunctionName, ArrayDeque<NodeReply.LogLine>> lines = new LinkedHashMap<>();
    private final List<Counter> changed = new ArrayList<>();

    Statistics(Turn turn, NodeConfig config) {
        this.turn = turn;
        this.config = config;
    }

    /** Takes up the counters that were kept. */
    void start(NavigableMap<Bytes, Bytes> kept) {
        kept.forEach((key, value) -> {
            Counter counter = Counter.decode(value, config.bounds().samplesMax());
            counters.put(counter.function, counter);
        });
    }

    /** Counts one invocation that ran, and keeps what it wrote. */
    void count(FunctionName function, Digest call, Request request, Hosting.Ended ended) {
        write(function, call, ended.facts().logs());
        if (ended.outcome() instanceof Outcome.Trapped(var code, var detail, _)) {
            write(function, call, Bytes.utf8("failed: " + code + ": " + detail));
        }
        Counter counter = counters.get(function);
        if (counter == null) {
            if (counters.size() >= config.bounds().functionsMax()) {
                forgetOne();
            }
            counter = new Counter(function, config.bounds().samplesMax());
            counters.put(function, counter);
        }
        counter.add(request, ended.outcome(), ended.facts());
        if (!counter.changed) {
            counter.changed = true;
            changed.add(counter);
            if (changed.size() == 1) {
                turn.wakeAfter(TIMER, config.waits().save());
            }
        }
    }

    /** Saves the counters that changed. */
    void woke() {
        for (Counter counter : changed) {
            counter.changed = false;
            turn.save(Table.STATISTICS, key(counter.function), counter.encoded());
        }
        changed.clear();
    }

    /** What the workers use and what the functions called most did; the others are one. */
    UseReport report(MachineUse use) {
        List<Counter> ranked = new ArrayList<>(counters.values());
        ranked.sort(Comparator.comparingLong((Counter each) -> -each.calls));
        int alone = Math.min(ranked.size(), UseReport.FUNCTIONS_MAX);
        List<UseReport.Function> functions = new ArrayList<>();
        ranked.subList(0, alone).forEach(each -> functions.add(each.use()));
        ranked.subList(alone, ranked.size()).stream()
                .map(Counter::use)
                .reduce(Statistics::sum)
                .ifPresent(functions::add);
        return new UseReport(use.started(), use.workers(), functions);
    }

    private static UseReport.Function sum(UseReport.Function one, UseReport.Function other) {
        List<Long> latency = new ArrayList<>();
        for (int i = 0; i < UseReport.CLASSES; i++) {
            latency.add(one.latency().get(i) + other.latency().get(i));
        }
        return new UseReport.Function(
                "",
                new UseReport.Ended(
                        one.ended().completed() + other.ended().completed(),
                        one.ended().outOfFuel() + other.ended().outOfFuel(),
                        one.ended().trapped() + other.ended().trapped()),
                latency,
                one.latencyMicros() + other.latencyMicros(),
                one.cpuMicros() + other.cpuMicros(),
                one.fuel() + other.fuel(),
                Math.max(one.peakMemory(), other.peakMemory()),
                one.bytesIn() + other.bytesIn(),
                one.bytesOut() + other.bytesOut(),
                one.denied() + other.denied());
    }

    /** Counts what this host gets of a call's price under the function's plan. */
    void earned(FunctionName function, Credits share) {
        Counter counter = counters.get(function);
        if (counter != null) { // it was counted just before
            counter.earnedMicro += share.micro();
        }
    }

    NodeReply.Statistics read() {
        return new NodeReply.Statistics(counters.values().stream().map(Counter::read).toList());
    }

    /** Keeps what an invocation wrote; most write nothing. */
    private void write(FunctionName function, Digest call, Bytes written) {
        if (written.isEmpty()) {
            return;
        }
        ArrayDeque<NodeReply.LogLine> ring = lines.get(function);
        if (ring == null) {
            if (lines.size() >= config.bounds().functionsMax()) {
                lines.remove(lines.keySet().iterator().next());
            }
            ring = new ArrayDeque<>();
            lines.put(function, ring);
        }
        for (String line : written.utf8().split("\n", -1)) {
            if (line.isBlank()) {
                continue;
            }
            if (ring.size() >= config.bounds().logLinesMax()) {
                ring.removeFirst();
            }
            String cut = line.length() > LINE_MAX ? line.substring(0, LINE_MAX) : line;
            ring.add(new NodeReply.LogLine(turn.now(), call, cut));
        }
    }

    /** The last lines of a function. */
    NodeReply.Logs logs(FunctionName function) {
        ArrayDeque<NodeReply.LogLine> ring = lines.get(function);
        return new NodeReply.Logs(ring == null ? List.of() : List.copyOf(ring));
    }

    /** Makes room: the function that was first counted longest ago goes. */
    private void forgetOne() {
        Counter oldest = counters.values().iterator().next();
        counters.remove(oldest.function);
        changed.remove(oldest);
        turn.erase(Table.STATISTICS, key(oldest.function));
    }

    private static Bytes key(FunctionName function) {
        return Bytes.utf8(function.toString());
    }

    /** The counters of one function. */
    private static final class Counter {
        final FunctionName function;
        private final int[] micros; // ring of the last run times
        private long samples; // ever put into the ring
        private long calls;
        private long outOfFuel;
        private long trapped;
        private long bytesIn;
        private long bytesOut;
        private long fuel;
        private long cpuMicros;
        private long peakMemory;
        private long denied;
        private long earnedMicro;
        private long latencyMicros;
        private final long[] latency = new long[UseReport.CLASSES];
        boolean changed;

        Counter(FunctionName function, int samplesMax) {
            this.function = function;
            micros = new int[samplesMax];
        }

        void add(Request request, Outcome outcome, RunFacts facts) {
            calls++;
            bytesIn += request.body().length();
            switch (outcome) {
                case Outcome.Completed(var response, _) -> bytesOut += response.body().length();
                case Outcome.OutOfFuel _ -> outOfFuel++;
                case Outcome.Trapped _ -> trapped++;
                case Outcome.Refused _ ->
                        throw new IllegalArgumentException("what was refused did not run");
            }
            fuel += outcome.used().units();
            cpuMicros += facts.cpuNanos() / 1000;
            peakMemory = Math.max(peakMemory, facts.peakMemory().bytes());
            denied += facts.denied().size();
            long ran = facts.timing().runNanos() / 1000;
            micros[(int) (samples++ % micros.length)] = (int) Math.min(ran, Integer.MAX_VALUE);
            long took = facts.timing().totalNanos() / 1000;
            latencyMicros += took;
            int place = 0;
            while (place < latency.length - 1 && took > UseReport.LATENCY_BOUNDS.get(place)) {
                place++;
            }
            latency[place]++;
        }

        UseReport.Function use() {
            return new UseReport.Function(
                    function.toString(),
                    new UseReport.Ended(calls - outOfFuel - trapped, outOfFuel, trapped),
                    Arrays.stream(latency).boxed().toList(),
                    latencyMicros,
                    cpuMicros,
                    fuel,
                    peakMemory,
                    bytesIn,
                    bytesOut,
                    denied);
        }

        NodeReply.FunctionStatistics read() {
            int[] sorted = Arrays.copyOf(micros, (int) Math.min(samples, micros.length));
            Arrays.sort(sorted);
            return new NodeReply.FunctionStatistics(
                    function,
                    calls,
                    outOfFuel + trapped,
                    bytesIn,
                    bytesOut,
                    fuel,
                    cpuMicros,
                    rank(sorted, 50),
                    rank(sorted, 99),
                    new ByteSize(peakMemory),
                    new Credits(earnedMicro));
        }

        /** The nearest-rank percentile: the smallest value that so many percent do not exceed. */
        private static long rank(int[] sorted, int percent) {
            return sorted.length == 0 ? 0 : sorted[(sorted.length * percent + 99) / 100 - 1];
        }

        Bytes encoded() {
            int kept = (int) Math.min(samples, micros.length);
            ByteBuffer ring = ByteBuffer.allocate(kept * Integer.BYTES);
            for (long i = samples - kept; i < samples; i++) { // oldest first
                ring.putInt(micros[(int) (i % micros.length)]);
            }
            return Cbor.encode(
                    Value.array(
                            Value.of(function.owner()),
                            Value.of(function.name()),
                            Value.of(calls),
                            Value.of(outOfFuel + trapped),
                            Value.of(bytesIn),
                            Value.of(bytesOut),
                            Value.of(fuel),
                            Value.of(cpuMicros),
                            Value.of(Bytes.wrap(ring.array())),
                            Value.of(outOfFuel),
                            Value.of(peakMemory),
                            Value.of(denied),
                            Value.of(earnedMicro),
                            Value.of(latencyMicros),
                            Value.array(
                                    Arrays.stream(latency)
                                            .mapToObj(Value::of)
                                            .toArray(Value[]::new))));
        }

        static Counter decode(Bytes bytes, int samplesMax) {
            Fields f = Fields.of(Cbor.decodeOrThrow(bytes, DecodeLimits.MESSAGE), "Statistics");
            Counter counter = new Counter(new FunctionName(f.text(63), f.text(63)), samplesMax);
            counter.calls = f.number(0, Long.MAX_VALUE);
            counter.trapped = f.number(0, counter.calls);
            counter.bytesIn = f.number(0, Long.MAX_VALUE);
            counter.bytesOut = f.number(0, Long.MAX_VALUE);
            counter.fuel = f.number(0, Long.MAX_VALUE);
            counter.cpuMicros = f.number(0, Long.MAX_VALUE);
            ByteBuffer ring = ByteBuffer.wrap(f.bytes(1 << 20).array());
            if (f.hasMore()) { // rows of earlier versions end here
                counter.decodeRest(f);
            } else {
                counter.latency[0] = counter.calls; // how long they took is not known
            }
            f.end();
            while (ring.remaining() >= Integer.BYTES) {
                counter.micros[(int) (counter.samples++ % samplesMax)] = ring.getInt();
            }
            return counter;
        }

        private void decodeRest(Fields f) {
            outOfFuel = f.number(0, trapped);
            trapped -= outOfFuel; // the row holds errors of both kinds
            peakMemory = f.number(0, Long.MAX_VALUE);
            denied = f.number(0, Long.MAX_VALUE);
            earnedMicro = f.number(0, Long.MAX_VALUE);
            latencyMicros = f.number(0, Long.MAX_VALUE);
            Fields classes = f.fields("latency");
            for (int i = 0; i < latency.length; i++) {
                latency[i] = classes.number(0, Long.MAX_VALUE);
            }
            classes.end();
        }
    }
}
