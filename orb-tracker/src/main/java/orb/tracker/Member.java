package orb.tracker;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeSet;
import orb.kernel.FunctionId;
import orb.kernel.NodeId;
import orb.kernel.message.Membership;
import orb.kernel.message.UseReport;
import orb.overlay.Load;
import orb.overlay.Reputation;
import orb.overlay.Sightings;
import orb.overlay.SignedRecord;
import orb.overlay.Standing;

/** A linked node that said who it is: how busy it is, what it serves, what it was told. */
final class Member implements Load {
    /** Two measurements of {@code Gauging}: the one that is due, and one that was cut short. */
    private static final int GAUGES_MAX = 18;

    private static final Duration GAUGE_SPAN = Duration.ofMinutes(1);

    private final NodeId id;
    private final Turn turn;
    private SignedRecord record;
    private int others;
    private int capacity;
    private long queueMicros;
    private int inFlight;
    private boolean suspect;
    private Instant leftOutUntil = Instant.EPOCH;

    private boolean isBound;
    private boolean beats;
    private Standing standing = Standing.DISCOVERED;
    private Instant gaugesSince = Instant.EPOCH;
    private int gauges;
    private Instant asked = Instant.EPOCH;

    /** Functions that it serves now. */
    final TreeSet<FunctionId> serves = new TreeSet<>();

    /** Place in the log of the newest function that it was told of and answered; -1 if none. */
    long told = -1;

    /** Whether it was told of a function and did not answer yet. */
    boolean isBeingTold;

    /** What it said last of what it uses. */
    Optional<UseReport> use = Optional.empty();

    /** Points of {@link Reputation#FULL}; {@link Incidents} says them. */
    int reputation = Reputation.FULL;

    /** Whether its link has ended: another member stands for it if it returns. */
    boolean isGone;

    Member(SignedRecord record, Turn turn) {
        this.id = record.id();
        this.turn = turn;
        this.record = record;
        this.capacity = 2 * record.record().capabilities().cpus(); // until its first beat
    }

    @Override
    public NodeId id() {
        return id;
    }

    SignedRecord record() {
        return record;
    }

    void saysAgain(SignedRecord newer) {
        record = newer;
    }

    void beats(Membership.Beat beat) {
        // what it runs beyond this tracker's calls; those are counted here as they come and go,
        // because a count of a second ago would hold up a host that is free by now
        others = Math.max(0, beat.running() - inFlight);
        capacity = beat.capacity();
        queueMicros = beat.queueMicros();
        beats = true;
    }

    /** The ledger binds its key to an account. */
    void isBound(boolean now) {
        isBound = now;
    }

    boolean isBound() {
        return isBound;
    }

    /** How far it has come, as it was told last. */
    Standing standing() {
        return standing;
    }

    /** How far it has come by now; the standing before, if that was another. */
    Optional<Standing> comesFurther() {
        Standing before = standing;
        standing = before.towards(Standing.of(!suspect, isBound, beats, running() >= capacity));
        return before == standing ? Optional.empty() : Optional.of(before);
    }

    /** Whether it was asked a short while ago who is linked to it; if not, it is now. */
    boolean isAsked(Instant now) {
        if (asked.plus(Sightings.ASK_EVERY).isAfter(now)) {
            return true;
        }
        asked = now;
        return false;
    }

    /** Whether it may measure its way here once more, in this minute. */
    boolean mayGauge() {
        if (gaugesSince.plus(GAUGE_SPAN).isBefore(turn.now())) {
            gaugesSince = turn.now();
            gauges = 0;
        }
        return ++gauges <= GAUGES_MAX;
    }

    void isSuspect(boolean now) {
        suspect = now;
    }

    /** Gives it no calls until then. */
    void leaveOut(Instant until) {
        leftOutUntil = until;
    }

    /** Whether it gets no calls because an answer of it could not be right. */
    boolean isLeftOut() {
        return turn.now().isBefore(leftOutUntil);
    }

    void callBegins() {
        inFlight++;
    }

    void callEnds() {
        inFlight--;
    }

    @Override
    public boolean isFit() {
        return !suspect && !isLeftOut();
    }

    @Override
    public boolean isTrusted() {
        return reputation >= Reputation.TRUSTED_MIN;
    }

    /** What this tracker has given it, and what it had from others at its last beat. */
    @Override
    public int running() {
        return inFlight + others;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public long queueMicros() {
        return queueMicros;
    }
}
