package orb.sandbox;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** Makes a costly value when it is first asked for, and only then. Thread-safe. */
final class Once<T> implements Supplier<T> {
    private final Supplier<T> maker;
    private final ReentrantLock making = new ReentrantLock();
    private volatile Optional<T> made = Optional.empty();

    Once(Supplier<T> maker) {
        this.maker = maker;
    }

    @Override
    public T get() {
        Optional<T> found = made;
        if (found.isPresent()) {
            return found.get();
        }
        making.lock();
        try {
            if (made.isEmpty()) {
                made = Optional.of(maker.get());
            }
            return made.get();
        } finally {
            making.unlock();
        }
    }
}
