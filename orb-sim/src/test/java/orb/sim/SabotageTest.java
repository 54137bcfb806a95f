package orb.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import orb.kernel.Bytes;
import orb.kernel.Outcome;
import orb.kernel.Response;
import orb.kernel.message.Calling;
import orb.kernel.message.Registry;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Machine;
import orb.node.Node;
import orb.tracker.Tracker;
import org.junit.jupiter.api.Test;

/** Whole swarms whose roles were tampered with: the checks notice. */
final class SabotageTest {
    private static final Scenario CALM =
            new Scenario(1, 1, 3, Duration.ofSeconds(8), Faults.NONE, false);

    private static List<String> violations(UnaryOperator<Machine> saboteur) {
        return violations(saboteur, CALM.busy());
    }

    private static List<String> violations(UnaryOperator<Machine> saboteur, Duration busy) {
        SimSwarm swarm = SimSwarm.sabotaged(CALM.withBusy(busy), saboteur);
        Checks checks = new Checks(swarm);
        swarm.run();
        return checks.violations();
    }

    /** A role whose effects somebody changes. */
    private record Tampered(Machine role, UnaryOperator<Effect> change) implements Machine {
        @Override
        public List<Effect> step(Instant now, Event event) {
            List<Effect> effects = new ArrayList<>();
            for (Effect effect : role.step(now, event)) {
                effects.add(change.apply(effect));
            }
            return effects;
        }
    }

    private static final Effect NOTHING = new Effect.WakeAfter("nothing", Duration.ofDays(1));

    @Test
    void anUntouchedSwarmIsWell() {
        assertThat(violations(UnaryOperator.identity())).isEmpty();
    }

    @Test
    void aTrackerThatSwallowsAnswersIsFound() {
        UnaryOperator<Effect> swallow =
                effect -> effect instanceof Effect.Answer(_, Registry.Account _) ? NOTHING : effect;
        assertThat(violations(role -> role instanceof Tracker ? new Tampered(role, swallow) : role))
                .anyMatch(what -> what.contains("did not answer FindAccount"))
                .anyMatch(what -> what.contains("could not log in"));
    }

    @Test
    void aTrackerThatAcknowledgesWhatItRefusesIsFound() {
        UnaryOperator<Effect> agree =
                effect ->
                        effect instanceof Effect.Answer(long inbound, Registry.Submitted _)
                                ? new Effect.Answer(inbound, new Registry.Submitted(9_999))
                                : effect;
        assertThat(violations(role -> role instanceof Tracker ? new Tampered(role, agree) : role))
                .anyMatch(what -> what.startsWith("acknowledged entry 9999"));
    }

    @Test
    void hostsThatComputeWronglyAreFound() {
        UnaryOperator<Machine> wrong =
                role -> role instanceof Node ? (now, event) -> role.step(now, wrong(event)) : role;
        assertThat(violations(wrong)).anyMatch(what -> what.contains("body=2a"));
    }

    private static Event wrong(Event event) {
        return event instanceof Event.Ran(long run, Outcome.Completed(_, var used), var facts)
                ? new Event.Ran(
                        run, new Outcome.Completed(Response.ok(Bytes.of((byte) 42)), used), facts)
                : event;
    }

    @Test
    void hostsThatTakeVouchersAndNeverSettleAreFound() {
        UnaryOperator<Machine> lazy =
                role ->
                        role instanceof Node
                                ? (now, event) ->
                                        event.equals(new Event.Woke("epoch"))
                                                ? List.of()
                                                : role.step(now, event)
                                : role;
        assertThat(violations(lazy)).anyMatch(what -> what.contains("holds a voucher of"));
    }

    @Test
    void payersWhoNeverPromiseAreFound() {
        UnaryOperator<Effect> stingy =
                effect -> effect instanceof Effect.Ask(_, _, Calling.Pay _, _) ? NOTHING : effect;
        assertThat(violations(role -> new Tampered(role, stingy), Duration.ofSeconds(40)))
                .anyMatch(what -> what.contains("could not call"));
    }
}
