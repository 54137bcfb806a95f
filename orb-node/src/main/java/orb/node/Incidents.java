package orb.node;

import java.time.Duration;
import java.util.NavigableMap;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.FunctionName;
import orb.kernel.Limits;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.TrapCode;
import orb.kernel.message.Incident;
import orb.kernel.message.Membership;
import orb.kernel.port.Denial;
import orb.kernel.port.Rights;
import orb.kernel.port.RunFacts;
import orb.node.around.Link;
import orb.node.turn.Turn;
import orb.node.turn.Turn.Answer;
import orb.overlay.IncidentBook;

/**
 * The threats that this node noticed: by functions that it ran, in what it keeps, from peers.
 *
 * <p>Kept in {@link orb.kernel.port.Table#INCIDENTS}, saved every {@link NodeConfig.Waits#save}: a
 * crash loses what came since. Trackers are told when something has changed. Trials are left out:
 * they are the owner's own, on the owner's own machine.
 */
final class Incidents {
    static final String TIMER = "incidents";

    /** Incidents that are kept; the same again is no other one. */
    static final int COUNT_MAX = 256;

    private final Turn turn;
    private final Duration save;
    private final IncidentBook book = new IncidentBook(COUNT_MAX);
    private boolean timerSet;

    Incidents(Turn turn, Duration save) {
        this.turn = turn;
        this.save = save;
    }

    /** Takes up what was kept. */
    void start(NavigableMap<Bytes, Bytes> kept) {
        book.start(kept);
    }

    /**
     * A run ended; notes what it was denied and which of its limits stopped it.
     *
     * @param granted what it was given, which may be less time than its function asks for
     */
    void ran(Runs.Work work, Limits granted, Outcome outcome, RunFacts facts) {
        if (work.rights() instanceof Rights.Trial) {
            return;
        }
        for (Denial denial : facts.denied()) {
            Incident.Kind kind =
                    switch (denial.kind()) {
                        case CAPABILITY -> Incident.Kind.CAPABILITY_DENIED;
                        case EGRESS -> Incident.Kind.EGRESS_DENIED;
                    };
            note(kind, function(work), Optional.empty(), denial.line());
        }
        switch (outcome) {
            case Outcome.OutOfFuel(var limit) ->
                    stopped(work, Incident.Kind.FUEL_LIMIT, "it used up " + limit.units());
            case Outcome.Trapped(var code, _, _) when code == TrapCode.OUT_OF_MEMORY ->
                    stopped(
                            work,
                            Incident.Kind.MEMORY_LIMIT,
                            "it reached " + work.limits().memory());
            case Outcome.Trapped(var code, _, _)
                    when code == TrapCode.DEADLINE && granted.wall().equals(work.limits().wall()) ->
                    stopped(
                            work,
                            Incident.Kind.TIME_LIMIT,
                            "it was stopped after " + granted.wall().toMillis() + " ms");
            case Outcome.Trapped _, Outcome.Completed _, Outcome.Refused _ -> {}
        }
    }

    private void stopped(Runs.Work work, Incident.Kind kind, String detail) {
        note(kind, function(work), Optional.empty(), detail);
    }

    /** A peer sent something else than a function's executable. */
    void changed(FunctionName function, NodeId source, Refusal refusal) {
        note(
                Incident.Kind.ARTEFACT_CHANGED,
                Optional.of(function),
                Optional.of(source),
                refusal.what());
    }

    private static Optional<FunctionName> function(Runs.Work work) {
        return Optional.of(FunctionName.parse(work.name()));
    }

    /** Notes a threat; it is told at once if it is a new one, and counted otherwise. */
    void note(
            Incident.Kind kind,
            Optional<FunctionName> function,
            Optional<NodeId> peer,
            String detail) {
        book.note(Incident.first(kind, function, peer, detail, turn.now()), turn.now())
                .ifPresent(raised ->
                        turn.tell(
                                turn.notice(
                                        "incident.raised",
                                        function.map(FunctionName::toString).orElse("this node"),
                                        kind.label() + ": " + raised.detail())));
        if (book.isChanged() && !timerSet) {
            timerSet = true;
            turn.wakeAfter(TIMER, save);
        }
    }

    /** Saves what has changed. */
    void woke() {
        timerSet = false;
        book.save().forEach(turn::add);
    }

    /** Tells a tracker what happened last, if it has not been told. */
    void tell(Link link, Duration timeout) {
        long revision = book.revision();
        if (link.incidentsTold() == revision) {
            return;
        }
        turn.ask(
                link.peer,
                new Membership.Incidents(book.newest(Membership.INCIDENTS_MAX)),
                timeout,
                answer -> {
                    if (!(answer instanceof Answer.Lost)) {
                        link.incidentsTold(revision);
                    }
                });
    }

    NodeReply.Incidents read() {
        return new NodeReply.Incidents(book.newest(COUNT_MAX));
    }
}
