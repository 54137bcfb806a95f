package orb.host.usage;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import orb.kernel.message.UseReport;
import orb.kernel.port.Event;
import orb.kernel.port.MachineUse;

/**
 * Asks the operating system now and then what is used, and tells a role. Thread-safe.
 *
 * <p>What others use is the time of all processors that were busy less that of this process, its
 * workers and what compiles for them. A look costs some small files of {@code /proc}.
 */
public final class UseWatch implements AutoCloseable {
    private static final long SELF = -1;

    private final Supplier<MachineUse> workers;
    private final Supplier<Optional<UseReport.Worker>> compiling;
    private final Consumer<Event> reports;
    private final Duration every;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean closed;

    // guarded by lock
    private ProcessCounts.Machine machine = new ProcessCounts.Machine(0, 0);
    private Map<Long, Long> own = Map.of();
    private int othersPermille;

    /**
     * Begins to look.
     *
     * @param workers what the workers use now
     * @param compiling what the newest process uses that compiles for them
     * @param reports gets each {@link Event.Measured}
     */
    public UseWatch(
            Supplier<MachineUse> workers,
            Supplier<Optional<UseReport.Worker>> compiling,
            Consumer<Event> reports,
            Duration every) {
        this.workers = workers;
        this.compiling = compiling;
        this.reports = reports;
        this.every = every;
        thread = Thread.ofPlatform().daemon(true).name("orb-use").start(this::watch);
    }

    private void watch() {
        while (!closed) {
            look();
            LockSupport.parkNanos(this, every.toNanos());
        }
    }

    /** Looks at once; the role has been told when this returns. */
    public void look() {
        lock.lock();
        try {
            MachineUse use = workers.get();
            ProcessCounts.Machine now = ProcessCounts.machine();
            long passed = now.allMicros() - machine.allMicros();
            if (passed >= every.toNanos() / 2000) { // a shorter look says little in whole ticks
                long busy = now.busyMicros() - machine.busyMicros();
                long others = Math.max(0, busy - ownSince(use.workers()));
                // the first look has nothing before it but the start of the machine
                boolean isFirst = machine.allMicros() == 0;
                othersPermille = isFirst ? 0 : Math.clamp(others * 1000 / passed, 0, 1000);
                machine = now;
            }
            MachineUse all = new MachineUse(use.started(), use.workers(), othersPermille);
            reports.accept(new Event.Measured(all));
        } finally {
            lock.unlock();
        }
    }

    /** Processor time of this node's processes since the last look; one that ended has none. */
    private long ownSince(List<UseReport.Worker> alive) {
        Map<Long, Long> now = new HashMap<>();
        now.put(SELF, ProcessCounts.cpuMicros(ProcessHandle.current().pid()));
        alive.forEach(each -> now.put(each.number(), each.cpuMicros()));
        compiling.get().ifPresent(each -> now.put(each.number(), each.cpuMicros()));
        long since = 0;
        for (Map.Entry<Long, Long> each : now.entrySet()) {
            long before = own.getOrDefault(each.getKey(), 0L);
            // less than before: another process has taken the number over
            since += each.getValue() < before ? each.getValue() : each.getValue() - before;
        }
        own = now;
        return since;
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
