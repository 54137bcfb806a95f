package orb.tracker.analytics;

import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Credits;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.Lane;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.ledger.Entry;
import orb.ledger.Ledger;
import orb.ledger.Registered;
import orb.ledger.SignedEntry;
import orb.ledger.Transfer;

/** Reads off the ledger's entries what was settled for calls. Not thread-safe. */
public final class Settlements {
    private final Ledger ledger;
    private final Analytics analytics = new Analytics();

    public Settlements(Ledger ledger) {
        this.ledger = ledger;
    }

    public Analytics analytics() {
        return analytics;
    }

    /** An entry was applied, now or in a replay. */
    public void applied(SignedEntry signed, Ledger.Applied applied) {
        if (!(signed.entry() instanceof Entry.Settle settle)) {
            return;
        }
        Rewards rewards = Rewards.NONE;
        for (Transfer each : applied.transfers()) {
            rewards = rewards.plus(share(each));
        }
        Lane lane = settle.voucher().voucher().lane();
        long calls = ledger.function(lane.function()).map(Registered.Function::calls).orElse(0L);
        analytics.settled(ledger.time(), lane.function(), lane.host(), calls, rewards);
    }

    private static Rewards share(Transfer transfer) {
        Credits amount = transfer.amount();
        return switch (transfer.cause().rule()) {
            case SEED -> new Rewards(amount, Credits.ZERO, Credits.ZERO);
            case OWN -> new Rewards(Credits.ZERO, amount, Credits.ZERO);
            case HUB -> new Rewards(Credits.ZERO, Credits.ZERO, amount);
            case GRANT, DEPLOY, LOCK, REFUND, CONSUME, SEND -> Rewards.NONE;
        };
    }

    /**
     * What is asked for.
     *
     * @param function all if it is empty; refused with {@code ORB-0301} if there is none such
     */
    public Result<Usage> find(Optional<FunctionName> function, Analytics.Where where) {
        Optional<FunctionId> id = function.flatMap(ledger::function).map(Registered.Function::id);
        if (function.isPresent() && id.isEmpty()) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.UNKNOWN_FUNCTION,
                            "there is no function " + function.get(),
                            "`orb fn search` lists what there is"));
        }
        Usage usage = analytics.find(id, where);
        NavigableMap<FunctionId, FunctionName> names = new TreeMap<>();
        for (Usage.Row row : usage.rows()) {
            ledger.function(row.function()).ifPresent(f -> names.put(f.id(), f.name()));
        }
        return Result.ok(usage.named(names));
    }
}
