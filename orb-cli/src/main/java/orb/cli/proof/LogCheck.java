package orb.cli.proof;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.LongConsumer;
import orb.kernel.Bytes;
import orb.kernel.NodeId;
import orb.ledger.Genesis;
import orb.ledger.SignedEntry;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.LogReplay;
import orb.ledger.proof.LogRoster;

/** Replays a ledger from its static files, and says what came of it. */
public final class LogCheck {
    private final LogSource source;
    private final Genesis genesis;
    private final LogRoster roster;
    private final Bytes note;

    /** Reads what the log says of itself; nothing is checked yet. */
    public LogCheck(LogSource source) {
        this.source = source;
        genesis = source.genesis();
        roster = source.roster(genesis);
        note = source.checkpoint();
    }

    public Genesis genesis() {
        return genesis;
    }

    public LogRoster roster() {
        return roster;
    }

    public Bytes note() {
        return note;
    }

    /** The checkpoint, once a quorum of the roster is found to have cosigned it. */
    public Checkpoint checkpoint() {
        return roster.checkFinal(note).orThrow().checkpoint();
    }

    /**
     * Replays all of it; signatures are checked on all processors.
     *
     * @throws orb.kernel.RefusedException naming the first file or entry that is broken
     */
    public LogReplay.Report replay(LongConsumer progress) {
        LogReplay.Report report =
                new LogReplay(genesis, roster, source, LogCheck::checked)
                        .run(note, progress)
                        .orThrow();
        report.ledger().check();
        return report;
    }

    private static List<SignedEntry.Checked> checked(List<Bytes> entries) {
        return entries.parallelStream().map(SignedEntry::check).toList();
    }

    /** A report of a replay. */
    public ObjectNode told(LogReplay.Report report) {
        Checkpoint checkpoint = report.checked().checkpoint();
        ObjectNode told = JsonNodeFactory.instance.objectNode();
        told.put("verified", true);
        trust(told, roster);
        told.put("entries", checkpoint.size());
        told.put("applied", report.applied());
        told.put("refused", checkpoint.size() - report.applied());
        told.put("logRoot", checkpoint.root().hex());
        told.put("stateRoot", checkpoint.stateRoot().hex());
        cosigners(told, report.checked());
        return told;
    }

    /** What whoever reads a report has to compare with what they know. */
    static void trust(ObjectNode told, LogRoster roster) {
        told.put("network", roster.network().hex());
        told.put("roster", roster.digest().hex());
        told.put("trackers", roster.keys().size());
        told.put("quorum", roster.quorum());
    }

    static void cosigners(ObjectNode told, LogRoster.Checked checked) {
        ArrayNode names = told.putArray("cosignedBy");
        checked.cosigners().forEach(key -> names.add(NodeId.of(key).toString()));
    }
}
