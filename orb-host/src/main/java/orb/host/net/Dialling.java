package orb.host.net;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import orb.kernel.Contact;
import orb.kernel.Refusal;
import orb.kernel.port.Event;

/** One dial, which ends exactly once: with a link or as failed. Thread-safe. */
final class Dialling {
    final Contact contact;
    private final Consumer<Event> reports;
    private final Runnable onEnd;
    private final AtomicBoolean ended = new AtomicBoolean();

    Dialling(Contact contact, Consumer<Event> reports, Runnable onEnd) {
        this.contact = contact;
        this.reports = reports;
        this.onEnd = onEnd;
    }

    /** It led to a link, which reports itself; false if it has failed before. */
    boolean linked() {
        boolean first = ended.compareAndSet(false, true);
        if (first) {
            onEnd.run();
        }
        return first;
    }

    void failed(Refusal refusal) {
        if (ended.compareAndSet(false, true)) {
            onEnd.run();
            reports.accept(new Event.DialFailed(contact, refusal));
        }
    }
}
