package orb.kernel.message;

import static orb.kernel.Require.require;

import java.util.List;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * What a node uses and what its functions did, for the trackers that it is linked to.
 *
 * <p>Counters never fall while a node lives, but a worker that ended is named no more.
 *
 * @param started workers that were started since the node was
 * @param workers those that live, at most {@link #WORKERS_MAX}
 * @param functions those called most, at most {@link #FUNCTIONS_MAX} and one for all others, whose
 *     name is empty
 */
public record UseReport(long started, List<Worker> workers, List<Function> functions) {
    public static final int WORKERS_MAX = 16;
    public static final int FUNCTIONS_MAX = 100;

    /** Upper bounds of the classes of latency, in microseconds; one more class is above them. */
    public static final List<Long> LATENCY_BOUNDS =
            List.of(
                    100L,
                    300L,
                    1_000L,
                    3_000L,
                    10_000L,
                    30_000L,
                    100_000L,
                    300_000L,
                    1_000_000L,
                    3_000_000L,
                    10_000_000L);

    /** How many classes of latency there are. */
    public static final int CLASSES = LATENCY_BOUNDS.size() + 1;

    private static final int NAME_MAX = 127;

    public UseReport {
        workers = List.copyOf(workers);
        functions = List.copyOf(functions);
        require(workers.size() <= WORKERS_MAX, "at most %d workers", WORKERS_MAX);
        require(functions.size() <= FUNCTIONS_MAX + 1, "at most %d functions", FUNCTIONS_MAX + 1);
        require(started >= 0, "started is at least 0, not %d", started);
    }

    /**
     * One worker with what stands around it, as the operating system counts.
     *
     * @param number counts the workers of this node from 1
     * @param cpuMicros processor time since its start, of user and system
     * @param residentBytes memory in use now
     */
    public record Worker(long number, long cpuMicros, long residentBytes) {
        public Worker {
            requireCount(number, "number");
            requireCount(cpuMicros, "cpuMicros");
            requireCount(residentBytes, "residentBytes");
        }

        private Value toValue() {
            return Value.array(Value.of(number), Value.of(cpuMicros), Value.of(residentBytes));
        }

        private static Worker from(Value value) {
            Fields f = Fields.of(value, "Worker");
            Worker worker = new Worker(count(f), count(f), count(f));
            f.end();
            return worker;
        }
    }

    /**
     * What one function did on the node.
     *
     * @param name {@code owner/name}, empty for all others together
     * @param ended calls by how they ended
     * @param latency how many calls took how long, by class; {@link #CLASSES} of them
     * @param latencyMicros all of their times together, from the sandbox's queue to the answer
     * @param cpuMicros processor time of their runs
     * @param fuel what they used
     * @param peakMemory the most bytes that one of them held
     * @param bytesIn of bodies of requests
     * @param bytesOut of bodies of answers
     * @param denied what its runs asked for and were not given, in lines
     */
    public record Function(
            String name,
            Ended ended,
            List<Long> latency,
            long latencyMicros,
            long cpuMicros,
            long fuel,
            long peakMemory,
            long bytesIn,
            long bytesOut,
            long denied) {
        public Function {
            latency = List.copyOf(latency);
            require(latency.size() == CLASSES, "latency has %d classes", CLASSES);
            require(name.length() <= NAME_MAX, "a name has at most %d characters", NAME_MAX);
            latency.forEach(each -> requireCount(each, "a class"));
            for (long each : List.of(latencyMicros, cpuMicros, fuel, peakMemory)) {
                requireCount(each, "every amount");
            }
            requireCount(bytesIn, "bytesIn");
            requireCount(bytesOut, "bytesOut");
            requireCount(denied, "denied");
        }

        private Value toValue() {
            return Value.array(
                    Value.of(name),
                    Value.of(ended.completed),
                    Value.of(ended.outOfFuel),
                    Value.of(ended.trapped),
                    Value.array(latency.stream().map(Value::of).toArray(Value[]::new)),
                    Value.of(latencyMicros),
                    Value.of(cpuMicros),
                    Value.of(fuel),
                    Value.of(peakMemory),
                    Value.of(bytesIn),
                    Value.of(bytesOut),
                    Value.of(denied));
        }

        private static Function from(Value value) {
            Fields f = Fields.of(value, "Function");
            Function function =
                    new Function(
                            f.text(NAME_MAX),
                            new Ended(count(f), count(f), count(f)),
                            f.list(CLASSES, UseReport::latencyClass),
                            count(f),
                            count(f),
                            count(f),
                            count(f),
                            count(f),
                            count(f),
                            count(f));
            f.end();
            return function;
        }
    }

    /** Calls by how they ended. */
    public record Ended(long completed, long outOfFuel, long trapped) {
        public Ended {
            requireCount(completed, "completed");
            requireCount(outOfFuel, "outOfFuel");
            requireCount(trapped, "trapped");
        }
    }

    private static void requireCount(long count, String what) {
        require(count >= 0, "%s is at least 0, not %d", what, count);
    }

    private static long count(Fields f) {
        return f.number(0, Long.MAX_VALUE);
    }

    private static long latencyClass(Value value) {
        return count(Fields.of(Value.array(value), "class of latency"));
    }

    Value toValue() {
        return Value.array(
                Value.of(started),
                Value.array(workers.stream().map(Worker::toValue).toArray(Value[]::new)),
                Value.array(functions.stream().map(Function::toValue).toArray(Value[]::new)));
    }

    static UseReport from(Value value) {
        Fields f = Fields.of(value, "UseReport");
        UseReport report =
                new UseReport(
                        count(f),
                        f.list(WORKERS_MAX, Worker::from),
                        f.list(FUNCTIONS_MAX + 1, Function::from));
        f.end();
        return report;
    }
}
