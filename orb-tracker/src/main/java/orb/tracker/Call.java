package orb.tracker;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.message.CallDigest;
import orb.overlay.Choice;

/** A call under way at this tracker: who waits for it, where it was, how long it may take. */
final class Call {
    private final Digest id;
    private final FunctionName name;
    private final Request request;
    private final Channels.Offer offer;
    private final Instant deadline;
    private final List<Asker> askers = new ArrayList<>(1);
    private final List<Member> tried = new ArrayList<>(1);
    private final List<String> trail = new ArrayList<>(1);
    private Optional<Refusal> lastRefusal = Optional.empty();
    private Optional<Digest> input = Optional.empty();
    private boolean isParked;

    Call(Digest id, FunctionName name, Request request, Channels.Offer offer, Instant deadline) {
        this.id = id;
        this.name = name;
        this.request = request;
        this.offer = offer;
        this.deadline = deadline;
    }

    Digest id() {
        return id;
    }

    FunctionName name() {
        return name;
    }

    Request request() {
        return request;
    }

    Channels.Offer offer() {
        return offer;
    }

    Instant deadline() {
        return deadline;
    }

    List<Asker> askers() {
        return askers;
    }

    List<Member> tried() {
        return tried;
    }

    List<String> trail() {
        return trail;
    }

    /** Whether it waits for a host to have a free place. */
    boolean isParked() {
        return isParked;
    }

    void park(boolean now) {
        isParked = now;
    }

    void chose(Choice.Picked<Member> picked) {
        tried.add(picked.host());
        if (askers.getFirst() instanceof Asker.Person) { // peers are not told the trail
            trail.add(picked.trail());
        }
    }

    /** The host was left, and why. */
    void left(Member host, Refusal refusal) {
        lastRefusal = Optional.of(refusal);
        trail.add(host.id().brief() + " left: " + refusal);
    }

    Optional<Refusal> lastRefusal() {
        return lastRefusal;
    }

    /** Digest of the request, as a receipt names it. */
    Digest input() {
        Digest digest = input.orElseGet(() -> CallDigest.input(request));
        input = Optional.of(digest);
        return digest;
    }
}
