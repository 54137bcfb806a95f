package orb.cli.world;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import orb.kernel.Digest;
import orb.kernel.port.Denial;
import orb.kernel.port.HostCall;
import orb.kernel.port.HostCalls;
import orb.kernel.port.HostReply;

/**
 * A run that is interpreted until its code comes, and begins again then, as long as it has asked
 * its node for nothing: what it wrote or sent would else be done twice. From its first call on its
 * time counts, for there will be no other beginning.
 *
 * <p>Belongs to one run; others may call {@link #beginAgain}.
 */
final class Attempt {
    private final Digest artefact;
    private final Duration wall;
    private final ReentrantLock lock = new ReentrantLock();

    // guarded by lock; the slot while it runs interpreted and may begin again
    private Optional<Watchdog.Slot> running = Optional.empty();
    private boolean beginsAgain;

    Attempt(Digest artefact, Duration wall) {
        this.artefact = artefact;
        this.wall = wall;
    }

    /** It runs interpreted from now on. */
    void isProvisional(Watchdog.Slot slot) {
        lock.lock();
        try {
            running = Optional.of(slot);
            beginsAgain = false;
        } finally {
            lock.unlock();
        }
    }

    /** It runs no more; whether it was interrupted to begin again. */
    boolean ended() {
        lock.lock();
        try {
            running = Optional.empty();
            return beginsAgain;
        } finally {
            lock.unlock();
        }
    }

    /** The code of this artefact has come, or will not. */
    void beginAgain(Digest named) {
        lock.lock();
        try {
            if (running.isPresent() && artefact.equals(named)) {
                beginsAgain = true;
                running.get().interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Commits the run to this attempt before its first call reaches the node. */
    HostCalls line(HostCalls line) {
        return new HostCalls() {
            @Override
            public HostReply call(HostCall call) throws InterruptedException {
                commit();
                return line.call(call);
            }

            @Override
            public List<Denial> denied() {
                return line.denied();
            }
        };
    }

    private void commit() throws InterruptedException {
        lock.lock();
        try {
            if (beginsAgain) {
                throw new InterruptedException("it begins again, and has asked for nothing yet");
            }
            running.ifPresent(slot -> slot.endBy(System.nanoTime() + wall.toNanos()));
            running = Optional.empty();
        } finally {
            lock.unlock();
        }
    }
}
