package orb.host.usage;

import java.time.Duration;
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
 * <p>What others use is the time of all processors that were busy less that of this process and its
 * workers. A look costs some small files of {@code /proc}.
 */
public final class UseWatch implements AutoCloseable {
    private final Supplier<MachineUse> workers;
    private final Consumer<Event> reports;
    private final Duration every;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean closed;

    // guarded by lock
    private ProcessCounts.Machine machine = new ProcessCounts.Machine(0, 0);
    private long ownMicros;
    private int othersPermille;

    /**
     * Begins to look.
     *
     * @param workers what the workers use now
     * @param reports gets each {@link Event.Measured}
     */
    public UseWatch(Supplier<MachineUse> workers, Consumer<Event> reports, Duration every) {
        this.workers = workers;
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
            long own = ProcessCounts.cpuMicros(ProcessHandle.current().pid());
            for (UseReport.Worker each : use.workers()) {
                own += each.cpuMicros();
            }
            long passed = now.allMicros() - machine.allMicros();
            if (passed >= every.toNanos() / 2000) { // a shorter look says little in whole ticks
                long busy = now.busyMicros() - machine.busyMicros();
                long others = Math.max(0, busy - Math.max(0, own - ownMicros));
                // the first look has nothing before it but the start of the machine
                boolean isFirst = machine.allMicros() == 0;
                othersPermille = isFirst ? 0 : Math.clamp(others * 1000 / passed, 0, 1000);
                machine = now;
                ownMicros = own;
            }
            MachineUse all = new MachineUse(use.started(), use.workers(), othersPermille);
            reports.accept(new Event.Measured(all));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
