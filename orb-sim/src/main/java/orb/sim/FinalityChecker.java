package orb.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import orb.kernel.Bytes;
import orb.kernel.Result;
import orb.ledger.Ledger;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.LogRoster;

/**
 * Holds the trackers to their checkpoints: in the end a quorum has cosigned the whole log at every
 * tracker, and what they signed is what follows from it.
 */
final class FinalityChecker implements Checker {
    private final LogRoster roster;
    private final Supplier<List<Shown>> shown;

    /** What one tracker serves as its newest final checkpoint. */
    record Shown(String tracker, Optional<Bytes> note) {}

    /** Asks at the end what each tracker serves. */
    FinalityChecker(LogRoster roster, Supplier<List<Shown>> shown) {
        this.roster = roster;
        this.shown = shown;
    }

    @Override
    public List<String> violations(Replay replay) {
        List<String> found = new ArrayList<>();
        if (replay.fault().isPresent() || replay.entries().isEmpty()) {
            return found; // nothing to sign, or another checker says why
        }
        Ledger ledger = replay.ledger();
        Checkpoint right =
                new Checkpoint(
                        roster.network(), ledger.next(), ledger.logRoot(), ledger.stateRoot());
        for (Shown each : shown.get()) {
            if (each.note.isEmpty()) {
                found.add(each.tracker + " has no final checkpoint");
                continue;
            }
            switch (roster.checkFinal(each.note.get())) {
                case Result.Refused<LogRoster.Checked>(var why) ->
                        found.add(each.tracker + " serves a checkpoint that is not final: " + why);
                case Result.Ok<LogRoster.Checked>(var checked) -> {
                    if (!checked.checkpoint().equals(right)) {
                        found.add(
                                each.tracker
                                        + " takes for final "
                                        + checked.checkpoint()
                                        + ", and the log gives "
                                        + right);
                    }
                }
            }
        }
        return found;
    }
}
