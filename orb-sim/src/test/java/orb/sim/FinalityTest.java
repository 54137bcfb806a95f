package orb.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.identity.KeyPair;
import orb.kernel.port.Machine;
import orb.ledger.Ledger;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.LogRoster;
import orb.sim.liar.Liar;
import orb.sim.liar.Lie;
import orb.tracker.Tracker;
import orb.tracker.TrackerCommand;
import orb.tracker.TrackerReply;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One tracker of four that lies about the ledger stands alone; the checker sees what is final. */
final class FinalityTest {
    private static final Scenario FOUR =
            new Scenario(5, 4, 3, Duration.ofSeconds(10), Faults.NONE, false);
    private static final String LIAR = "tracker3";
    private static final Digest FALSE_CREDIT = Liar.MADE_UP;

    private static KeyPair key(String name) {
        return KeyPair.generate(FOUR.chance(name + "-key")::nextBytes);
    }

    private static Checkpoint head(Ledger ledger, Digest stateRoot) {
        return new Checkpoint(
                ledger.genesis().network(), ledger.next(), ledger.logRoot(), stateRoot);
    }

    @Test
    @Tag("E10")
    void oneTrackerThatSignsAFalseCreditIsRejectedAndExposedByTheOthers() {
        KeyPair liar = key(LIAR);
        LogRoster roster =
                new LogRoster(
                        new Settings(FOUR).genesis().network(),
                        List.of(
                                key("tracker").publicKey(),
                                key("tracker1").publicKey(),
                                key("tracker2").publicKey(),
                                liar.publicKey()));
        UnaryOperator<Machine> saboteur = // it changes what the liar has signed, and nothing else
                role ->
                        role instanceof Tracker
                                ? new Liar(
                                        role,
                                        liar,
                                        roster.network(),
                                        () -> Optional.of(Lie.CREDITS))
                                : role;
        SimSwarm swarm = SimSwarm.sabotaged(FOUR, saboteur);
        Checks checks = new Checks(swarm);
        swarm.run();

        assertThat(checks.violations())
                .as("the others agree on all of the ledger; the liar alone is left behind")
                .singleElement()
                .asString()
                .startsWith(LIAR + " ");
        swarm.visitor()
                .finalNote(swarm.trackers().getLast())
                .ifPresent(note ->
                        assertThat(roster.checkFinal(note).orThrow().checkpoint().stateRoot())
                                .as("what it got cosigned was the truth")
                                .isNotEqualTo(FALSE_CREDIT));
        NodeId guilty = NodeId.of(liar.publicKey());
        for (SimPeer honest : swarm.trackers().subList(0, 3)) {
            TrackerReply.Log log =
                    (TrackerReply.Log) swarm.visitor().ask(honest, new TrackerCommand.FindLog());
            assertThat(log.guilty()).containsExactly(guilty);
            LogRoster.Checked last = roster.checkFinal(log.note().orElseThrow()).orThrow();
            assertThat(last.checkpoint().stateRoot()).isNotEqualTo(FALSE_CREDIT);
        }
    }

    @Test
    void aCheckpointThatIsMissingUnsignedOrOfAnotherStateIsFound() {
        PlantedBooks books = new PlantedBooks();
        KeyPair key = key("tracker");
        LogRoster roster = new LogRoster(PlantedBooks.GENESIS.network(), List.of(key.publicKey()));
        Ledger ledger = books.replay().ledger();
        Bytes good = roster.sign(key, head(ledger, ledger.stateRoot()), 1).encoded();
        Bytes forged = roster.sign(key, head(ledger, FALSE_CREDIT), 1).encoded();

        assertThat(violations(roster, books, Optional.of(good))).isEmpty();
        assertThat(violations(roster, books, Optional.empty()))
                .containsExactly("tracker has no final checkpoint");
        assertThat(violations(roster, books, Optional.of(forged)))
                .singleElement()
                .asString()
                .startsWith("tracker takes for final");
        assertThat(violations(roster, books, Optional.of(Bytes.utf8("x"))))
                .singleElement()
                .asString()
                .contains("is not final");
    }

    private static List<String> violations(
            LogRoster roster, PlantedBooks books, Optional<Bytes> note) {
        return new FinalityChecker(
                        roster, () -> List.of(new FinalityChecker.Shown("tracker", note)))
                .violations(books.replay());
    }
}
