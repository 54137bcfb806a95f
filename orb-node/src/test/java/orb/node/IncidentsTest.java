package orb.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import orb.kernel.Digest;
import orb.kernel.Outcome;
import orb.kernel.TrapCode;
import orb.kernel.message.Incident;
import orb.kernel.message.Membership;
import orb.kernel.port.Denial;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.RunFacts;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a node notes of the functions that it runs, keeps, and tells its trackers. */
@Tag("H5")
class IncidentsTest extends HostedFunction {
    private static final Denial EGRESS = new Denial(Denial.Kind.EGRESS, "ORB-0222: not granted");

    private List<Incident> incidents() {
        long command = drive.command(new NodeCommand.FindIncidents());
        return drive.reply(command, NodeReply.Incidents.class).incidents();
    }

    private List<Incident> told() {
        return tracker.heard(Membership.Incidents.class).stream()
                .flatMap(each -> each.incidents().stream())
                .toList();
    }

    /** A call that ends so. */
    private Effect.Run ends(Outcome outcome, List<Denial> denied) {
        drive.function = Optional.empty();
        invoke();
        Effect.Run run = drive.runs.removeFirst();
        drive.event(new Event.Ran(run.run(), outcome, RunFacts.NONE.withDenied(denied)));
        return run;
    }

    private void ends(Outcome outcome) {
        ends(outcome, List.of());
    }

    private Outcome stopped(TrapCode code) {
        return new Outcome.Trapped(code, "words of the run", facts.limits().fuel());
    }

    private Outcome done() {
        return Drive.ECHO.apply(REQUEST);
    }

    @Test
    void whatARunWasDeniedIsAnIncidentOfItsFunctionCountedAndToldOnce() {
        ends(done(), List.of(EGRESS, new Denial(Denial.Kind.CAPABILITY, "ORB-0221: a space")));
        pay(receiptOfNext());
        ends(done(), List.of(EGRESS));

        assertThat(incidents())
                .extracting(Incident::kind)
                .containsExactlyInAnyOrder(
                        Incident.Kind.EGRESS_DENIED, Incident.Kind.CAPABILITY_DENIED);
        Incident egress = of(Incident.Kind.EGRESS_DENIED);
        assertThat(egress.count()).isEqualTo(2);
        assertThat(egress.function()).contains(facts.name());
        assertThat(egress.detail()).isEqualTo(EGRESS.line());
        assertThat(drive.kindsOf("incident")).hasSize(2);
    }

    private orb.kernel.Receipt receiptOfNext() {
        drive.function = Optional.of(Drive.ECHO);
        return receipt(invoke());
    }

    private Incident of(Incident.Kind kind) {
        return incidents().stream().filter(each -> each.kind() == kind).findFirst().orElseThrow();
    }

    @Test
    void limitsThatStopAFunctionThreeTimesAreIncidentsOfTheirOwnKind() {
        for (int i = 0; i < 3; i++) {
            assertThat(incidents()).isEmpty();
            ends(new Outcome.OutOfFuel(facts.limits().fuel()));
            ends(stopped(TrapCode.OUT_OF_MEMORY));
            ends(stopped(TrapCode.UNREACHABLE));
        }
        assertThat(incidents())
                .extracting(Incident::kind)
                .containsExactlyInAnyOrder(Incident.Kind.FUEL_LIMIT, Incident.Kind.MEMORY_LIMIT);
        assertThat(incidents()).noneMatch(each -> each.detail().contains("words of the run"));
    }

    @Test
    void timeThatACallerDidNotGiveIsNotHeldAgainstTheFunction() {
        assertThat(facts.limits().wall()).isEqualTo(Duration.ofSeconds(10));
        for (int i = 0; i < 3; i++) {
            ends(stopped(TrapCode.DEADLINE));
        }
        assertThat(of(Incident.Kind.TIME_LIMIT).count()).isEqualTo(3);
        patience = Duration.ofSeconds(9);
        ends(stopped(TrapCode.DEADLINE));
        assertThat(of(Incident.Kind.TIME_LIMIT).count()).isEqualTo(3);
    }

    @Test
    void whatChangedOnThisMachineIsAnIncidentAlsoIfNobodyKnowsTheExecutable() {
        drive.event(
                new Event.Noticed(Incident.Kind.CODE_CHANGED, facts.artefact(), "not as it was"));
        drive.event(new Event.Noticed(Incident.Kind.ARTEFACT_CHANGED, Digest.ZERO, "damaged"));

        assertThat(of(Incident.Kind.CODE_CHANGED).function()).contains(facts.name());
        assertThat(of(Incident.Kind.ARTEFACT_CHANGED).function()).isEmpty();
    }

    @Test
    void trackersAreToldOfWhatIsNewAndARestartForgetsNothing() {
        passServed(Duration.ofSeconds(12));
        assertThat(told()).as("nothing happened").isEmpty();
        ends(done(), List.of(EGRESS));
        passServed(Duration.ofSeconds(6));
        assertThat(told()).isEqualTo(incidents());
        passServed(Duration.ofSeconds(12));
        assertThat(told()).as("told once").hasSize(1);

        List<Incident> before = incidents();
        drive = drive.restarted(Duration.ofSeconds(1));

        assertThat(incidents()).isEqualTo(before).hasSize(1);
    }
}
