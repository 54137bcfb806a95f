package orb.tracker;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Seeding;
import orb.ledger.Ledger;
import orb.ledger.Registered;

/**
 * Which live nodes serve which function.
 *
 * <p>A node is listed by its own word alone, and only for a function of the registry in the version
 * that the registry has; a call looks up one list and no other node or function.
 */
final class Hosts {
    private final Ledger ledger;
    private final Map<FunctionId, List<Member>> byFunction = new TreeMap<>();
    private Instant arrival = Instant.EPOCH;

    Hosts(Ledger ledger) {
        this.ledger = ledger;
    }

    /** A node came, which will say in a moment what it serves, or this tracker began. */
    void arrived(Instant now) {
        arrival = now;
    }

    /** When the last one came. */
    Instant arrival() {
        return arrival;
    }

    /** The hosts of a function now; read it before the next change. */
    List<Member> of(FunctionId function) {
        return byFunction.getOrDefault(function, List.of());
    }

    /** A node says that it serves; the function, or why it is not listed. */
    Result<Registered.Function> serving(Member member, Seeding.Serving serving) {
        Registered.Function function = ledger.function(serving.function()).orElse(null);
        if (function == null) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.UNKNOWN_FUNCTION,
                            "the registry has no function " + serving.function().brief(),
                            "stop serving it"));
        }
        if (!function.newest().artefact().equals(serving.artefact())) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.HASH_MISMATCH,
                            String.format(
                                    "%s has artefact %s in version %d, not %s",
                                    function.name(),
                                    function.newest().artefact(),
                                    function.newest().version(),
                                    serving.artefact()),
                            "fetch the version that the registry has"));
        }
        if (member.serves.add(function.id())) {
            byFunction.computeIfAbsent(function.id(), _ -> new ArrayList<>()).add(member);
        }
        return Result.ok(function);
    }

    /** Whether the node was listed for the function until now. */
    boolean stopped(Member member, FunctionId function) {
        if (!member.serves.remove(function)) {
            return false;
        }
        drop(member, function);
        return true;
    }

    /** A node is gone, with all that it served. */
    void gone(Member member) {
        member.serves.forEach(function -> drop(member, function));
        member.serves.clear();
    }

    /** A new version counts: hosts of the old one are hosts no longer. */
    void replaced(FunctionId function) {
        List<Member> outdated = byFunction.remove(function);
        if (outdated != null) {
            outdated.forEach(member -> member.serves.remove(function));
        }
    }

    private void drop(Member member, FunctionId function) {
        List<Member> hosts = byFunction.get(function);
        if (hosts != null) {
            hosts.remove(member);
            if (hosts.isEmpty()) {
                byFunction.remove(function);
            }
        }
    }
}
