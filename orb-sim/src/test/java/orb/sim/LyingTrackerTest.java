package orb.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Registry;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Machine;
import orb.kernel.port.Notice;
import orb.ledger.Entry;
import orb.ledger.SignedEntry;
import orb.ledger.proof.LogRoster;
import orb.sim.liar.Liar;
import orb.sim.liar.Lie;
import orb.tracker.Tracker;
import orb.tracker.TrackerCommand;
import orb.tracker.TrackerReply;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One of four trackers lies in one way; each test says whether that is refused or exposed, and by
 * whom. That it signs a false credit is the matter of {@link FinalityTest}.
 */
@Tag("K4")
final class LyingTrackerTest {
    private static final Scenario FOUR =
            new Scenario(5, 4, 3, Duration.ofSeconds(12), Faults.NONE, false);
    private static final String LIAR = "tracker3";
    private static final KeyPair KEY = KeyPair.generate(FOUR.chance(LIAR + "-key")::nextBytes);
    private static final NodeId LIAR_ID = NodeId.of(KEY.publicKey());

    private SimSwarm swarm;
    private Checks checks;
    private final List<String> told = new ArrayList<>();
    private Optional<Liar> liar = Optional.empty();

    /** Runs a swarm whose fourth tracker lies like this; what was found to be wrong in the end. */
    private List<String> run(Lie lie) {
        return run(() -> Optional.of(lie));
    }

    private List<String> run(Supplier<Optional<Lie>> lie) {
        int[] trackers = {0}; // they are made in order
        swarm =
                SimSwarm.sabotaged(
                        FOUR,
                        role ->
                                role instanceof Tracker && ++trackers[0] == FOUR.trackers()
                                        ? lying(role, lie)
                                        : role);
        checks = new Checks(swarm);
        swarm.watch(
                new Watcher() {
                    @Override
                    public void stepped(NodeId peer, Event event, List<Effect> effects) {
                        for (Effect effect : effects) {
                            if (effect instanceof Effect.Tell(Notice(_, var kind, var who, _))
                                    && who.equals(LIAR_ID.toString())) {
                                told.add(kind);
                            }
                        }
                    }
                });
        swarm.run();
        return checks.violations();
    }

    private Liar lying(Machine role, Supplier<Optional<Lie>> lie) {
        Liar made = new Liar(role, KEY, new Settings(FOUR).genesis().network(), lie);
        liar = Optional.of(made);
        return made;
    }

    /** The size of the newest checkpoint that a tracker shows as final, 0 for none. */
    private long finalSize(SimPeer tracker) {
        LogRoster roster = new LogRoster(swarm.genesis().network(), swarm.roster());
        return swarm.visitor()
                .finalNote(tracker)
                .map(note -> roster.checkFinal(note).orThrow().checkpoint().size())
                .orElse(0L);
    }

    private List<SimPeer> honest() {
        return swarm.trackers().subList(0, 3);
    }

    private void assertHonestOnesAgree() {
        assertThat(liar.orElseThrow().told()).as("it did lie").isPositive();
        assertThat(honest().stream().map(swarm.visitor()::stateRoot).distinct()).hasSize(1);
        assertThat(checks.completed()).as("calls that were answered all the same").isPositive();
    }

    @Test
    void oneThatShowsNodesAnotherLogIsExposedByItsOwnSignature() {
        List<String> found = run(Lie.FORKS);

        assertThat(found).as("what the honest ones keep is right").isEmpty();
        assertThat(told)
                .as("each node holds two signed histories that do not go together")
                .contains("checkpoint.forked");
        assertHonestOnesAgree();
    }

    @Test
    void oneThatReordersHasAnotherLogAndIsLeftAlone() {
        List<String> found =
                run(() -> swarm.log().size() < 40 ? Optional.empty() : Optional.of(Lie.REORDERS));

        assertThat(found)
                .as("nothing is wrong but what it says itself")
                .isNotEmpty()
                .allMatch(what -> what.contains(LIAR) || what.startsWith("acknowledged entry "));
        assertThat(finalSize(swarm.trackers().getLast()))
                .as("what it signs is cosigned by nobody")
                .isLessThan(finalSize(honest().getFirst()));
        assertHonestOnesAgree();
    }

    @Test
    void whatItProposesAgainIsRefusedByItsNonce() {
        List<String> found = run(Lie.REPLAYS);

        assertThat(found).isEmpty();
        assertHonestOnesAgree();
    }

    @Test
    void aHostsSettlementThatItBringsAsItsOwnPaysItNothing() {
        List<String> found = run(Lie.CLAIMS);

        assertThat(found).isEmpty();
        List<SimDisk.LoggedEntry> log = swarm.log();
        List<SimDisk.LoggedEntry> without =
                log.stream().filter(logged -> !isClaim(logged.entry())).toList();
        assertThat(without).as("some of its claims have their place").hasSizeLessThan(log.size());
        assertThat(earned(log)).as("as if it had claimed nothing").isEqualTo(earned(without));
        assertHonestOnesAgree();
    }

    private static boolean isClaim(Bytes entry) {
        return SignedEntry.decode(entry) instanceof Result.Ok<SignedEntry>(var signed)
                && signed.head().signer().equals(KEY.publicKey())
                && signed.entry() instanceof Entry.Settle;
    }

    /** What the liar's account has by a log. */
    private Credits earned(List<SimDisk.LoggedEntry> log) {
        return Replay.of(swarm.genesis(), log)
                .ledger()
                .account(AccountId.of(KEY.publicKey()))
                .balance();
    }

    @Test
    void aBalanceThatItMakesUpIsItsWordAgainstTheLedgerOfAllOthers() {
        List<String> found = run(Lie.ENRICHES);

        assertThat(found).isEmpty();
        AccountId someone = swarm.people().getFirst().account();
        List<Registry.Account> shown =
                swarm.trackers().stream().map(each -> account(each, someone)).toList();
        assertThat(shown.subList(0, 3).stream().distinct()).hasSize(1);
        assertThat(shown.getLast()).isNotEqualTo(shown.getFirst());
        assertHonestOnesAgree();
    }

    private Registry.Account account(SimPeer tracker, AccountId account) {
        TrackerCommand question = new TrackerCommand.Ask(new Registry.FindAccount(account));
        return (Registry.Account)
                ((TrackerReply.Told) swarm.visitor().ask(tracker, question)).answer();
    }

    @Test
    void oneThatWithholdsAnswersHarmsThoseAloneWhoAskIt() {
        List<String> found = run(Lie.WITHHOLDS);

        assertThat(found)
                .as("questions to it have no answer; all others have one")
                .isNotEmpty()
                .allMatch(what -> what.startsWith(LIAR_ID.brief() + " did not answer Invoke"));
        assertHonestOnesAgree();
    }

    @Test
    void anEntryThatItCensorsGoesThroughAnother() {
        List<String> found = run(Lie.CENSORS);

        assertThat(found)
                .as("it lets submitters wait; what they submit is recorded all the same")
                .allMatch(what -> what.startsWith(LIAR_ID.brief() + " did not answer "));
        assertHonestOnesAgree();
    }
}
