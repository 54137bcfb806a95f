package orb.overlay;

import static orb.kernel.Require.require;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import orb.kernel.Contact;
import orb.kernel.NodeId;

/**
 * Says which contact to dial next and when.
 *
 * <p>Each contact has its own wait, which doubles with each failure from {@code first} to {@code
 * longest} and is drawn from its upper half, so that peers that lost one tracker at once do not
 * come back at once. Of those whose wait is over, contacts that were linked before come first, then
 * those with fewer failures, then the one that was tried longest ago: so it rotates. Deterministic
 * for the chance it was made with; not thread-safe.
 */
public final class Reconnect {
    private static final int DOUBLINGS_MAX = 20;

    private final Pace pace;
    private final RandomGenerator chance;
    private final Map<NodeId, Attempt> attempts = new LinkedHashMap<>();
    private long tries;

    /**
     * How fast, and how many.
     *
     * @param first wait after the first failure
     * @param longest no wait is longer
     * @param contactsMax contacts that are remembered
     */
    public record Pace(Duration first, Duration longest, int contactsMax) {
        public static final Pace DEFAULT =
                new Pace(Duration.ofMillis(100), Duration.ofSeconds(10), 64);

        public Pace {
            require(first.toMillis() >= 1, "the first wait is at least 1 ms, not %s", first);
            require(first.compareTo(longest) <= 0, "%s is longer than %s", first, longest);
            require(contactsMax >= 1, "at least one contact, not %d", contactsMax);
        }
    }

    private record Attempt(
            Contact contact, boolean stored, State state, int failures, Instant due, long tried) {
        private static final Comparator<Attempt> FIRST =
                Comparator.comparing((Attempt attempt) -> !attempt.stored())
                        .thenComparingInt(Attempt::failures)
                        .thenComparingLong(Attempt::tried);
    }

    private enum State {
        IDLE,
        DIALLING,
        LINKED
    }

    public Reconnect(Pace pace, RandomGenerator chance) {
        this.pace = pace;
        this.chance = chance;
    }

    /**
     * Adds a contact, or gives a known one a new address; beyond the bound it is not taken up.
     *
     * @param stored whether it comes from what was kept of earlier links
     */
    public void offer(Contact contact, boolean stored) {
        Attempt known = attempts.get(contact.id());
        if (known == null && attempts.size() < pace.contactsMax()) {
            attempts.put(
                    contact.id(), new Attempt(contact, stored, State.IDLE, 0, Instant.EPOCH, 0));
        } else if (known != null && known.failures() > 0 && !known.contact().equals(contact)) {
            attempts.put(
                    contact.id(),
                    new Attempt(contact, known.stored(), known.state(), 0, known.due(), 0));
        }
    }

    /**
     * The contact to dial now, which from then on counts as being dialled; empty if none is due.
     */
    public Optional<Contact> next(Instant now) {
        Optional<Attempt> due =
                attempts.values().stream()
                        .filter(a -> a.state() == State.IDLE && !a.due().isAfter(now))
                        .min(Attempt.FIRST);
        due.ifPresent(a ->
                attempts.put(
                        a.contact().id(),
                        new Attempt(
                                a.contact(),
                                a.stored(),
                                State.DIALLING,
                                a.failures(),
                                a.due(),
                                ++tries)));
        return due.map(Attempt::contact);
    }

    /** How long until a contact is due: zero if one is now, empty if none waits at all. */
    public Optional<Duration> untilNext(Instant now) {
        return attempts.values().stream()
                .filter(a -> a.state() == State.IDLE)
                .map(Attempt::due)
                .min(Comparator.naturalOrder())
                .map(due -> due.isAfter(now) ? Duration.between(now, due) : Duration.ZERO);
    }

    /** The dial failed: the contact waits longer. */
    public void failed(NodeId peer, Instant now) {
        waitLonger(peer, now);
    }

    /** A link stands and the peer welcomed: its failures are forgotten. */
    public void linked(NodeId peer) {
        Attempt a = attempts.get(peer);
        if (a != null) {
            attempts.put(
                    peer,
                    new Attempt(a.contact(), true, State.LINKED, 0, Instant.EPOCH, a.tried()));
        }
    }

    /** A link is gone: the contact is dialled again after a first wait. */
    public void lost(NodeId peer, Instant now) {
        waitLonger(peer, now);
    }

    /** Dials this one no more. */
    public void forget(NodeId peer) {
        attempts.remove(peer);
    }

    /** Contacts that are being dialled or linked. */
    public int busy() {
        return (int) attempts.values().stream().filter(a -> a.state() != State.IDLE).count();
    }

    public int size() {
        return attempts.size();
    }

    private void waitLonger(NodeId peer, Instant now) {
        Attempt a = attempts.get(peer);
        if (a == null || a.state() == State.IDLE) {
            return;
        }
        int failures = Math.min(a.failures() + 1, DOUBLINGS_MAX);
        long wait = Math.min(pace.first().toMillis() << (failures - 1), pace.longest().toMillis());
        long jittered = wait - (wait > 1 ? chance.nextLong(wait / 2 + 1) : 0);
        attempts.put(
                peer,
                new Attempt(
                        a.contact(),
                        a.stored(),
                        State.IDLE,
                        failures,
                        now.plusMillis(jittered),
                        a.tried()));
    }
}
