package orb.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import orb.kernel.ErrorCode;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.UseReport;
import orb.kernel.port.Event;
import orb.kernel.port.MachineUse;
import orb.ledger.Plan;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a host counts of its functions, what it tells of it, and when it yields to its owner. */
class UseTest extends HostedFunction {
    private void measured(int othersPermille) {
        drive.event(new Event.Measured(new MachineUse(1, List.of(), othersPermille)));
    }

    private NodeReply.FunctionStatistics statistics() {
        long command = drive.command(new NodeCommand.FindStatistics());
        return drive.reply(command, NodeReply.Statistics.class).functions().getFirst();
    }

    @Test
    @Tag("K6")
    void aNodeOfAnIdleMachineTurnsCallsAwayWhileItsOwnerUsesItAndTakesThemAgainAfterACalmTime() {
        NodeConfig.Places yields = new NodeConfig.Places(2, 1, Duration.ofMillis(500), true);
        begin(Drive.standard().with(yields));
        measured(299);
        assertThat(receipt(invoke()).sequence()).as("below the bound").isEqualTo(1);
        measured(300);
        long declined = invoke();
        assertThat(drive.refusedAs(declined)).isEqualTo(ErrorCode.BUSY);
        assertThat(drive.answer(declined, Message.Refused.class).refusal().what())
                .contains("the owner uses this machine");
        passServed(Duration.ofSeconds(20));
        measured(200);
        measured(149);
        assertThat(drive.refusedAs(invoke())).as("not calm for long").isEqualTo(ErrorCode.BUSY);
        passServed(Duration.ofSeconds(10));
        measured(149);
        assertThat(receipt(invoke()).sequence()).as("calm").isEqualTo(2);
    }

    @Test
    @Tag("K6")
    void aNodeThatWasNotToldToYieldHostsBesideALoad() {
        measured(1000);
        assertThat(receipt(invoke()).sequence()).isEqualTo(1);
    }

    @Test
    @Tag("K6")
    void whatAFunctionEarnedIsThisHostsShareOfItsReceipts() {
        for (int i = 0; i < 10; i++) {
            receipt(invoke());
        }
        NodeReply.Statistics counters =
                drive.reply(
                        drive.command(new NodeCommand.FindStatistics()),
                        NodeReply.Statistics.class);
        assertThat(counters.functions().getFirst().earned())
                .isEqualTo(Plan.METERED.requested().split(PRICE.times(10)).host());
    }

    @Test
    @Tag("H6")
    void trackersAreToldWhatIsUsedAndWhatFunctionsDid() {
        drive.event(
                new Event.Measured(
                        new MachineUse(3, List.of(new UseReport.Worker(3, 9, 4096)), 0)));
        receipt(invoke());
        passServed(Duration.ofSeconds(6));
        UseReport said = tracker.heard(Membership.Use.class).getLast().report();
        assertThat(said.started()).isEqualTo(3);
        assertThat(said.workers()).containsExactly(new UseReport.Worker(3, 9, 4096));
        UseReport.Function function = said.functions().getFirst();
        assertThat(function.name()).isEqualTo(facts.name().toString());
        assertThat(function.ended()).isEqualTo(new UseReport.Ended(1, 0, 0));
        assertThat(function.latency().get(3)).as("2.021 ms are in the class up to 3").isEqualTo(1);
        assertThat(function.latencyMicros()).isEqualTo(2_021);
        assertThat(function.cpuMicros()).isEqualTo(1_500);
        assertThat(function.peakMemory()).isEqualTo(128 << 10);
    }

    @Test
    @Tag("A14")
    void afterAHundredCallsTheCounterReadsAHundredAlsoAfterARestart() {
        for (int i = 0; i < 100; i++) {
            pay(receipt(invoke()));
        }
        assertThat(statistics().calls()).isEqualTo(100);
        assertThat(statistics().p50Micros()).isEqualTo(2_000);
        assertThat(statistics().p99Micros()).isEqualTo(2_000);
        assertThat(statistics().bytesIn()).isEqualTo(500);
        assertThat(statistics().cpuMicros()).isEqualTo(150_000);
        assertThat(statistics().errors()).isZero();
        NodeReply.FunctionStatistics before = statistics();
        drive.pass(Duration.ofSeconds(3));
        drive = drive.restarted(Duration.ofSeconds(1));
        assertThat(statistics()).isEqualTo(before);
    }

    @Test
    void theLastLogLinesOfAFunctionAreKept() {
        for (int i = 0; i < 3; i++) {
            receipt(invoke());
        }
        long command = drive.command(new NodeCommand.FindLogs(facts.name()));
        assertThat(drive.reply(command, NodeReply.Logs.class).lines())
                .hasSize(3)
                .allMatch(line -> line.text().equals("line"));
    }
}
