package orb.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Calling;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.message.Witnessing;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Machine;
import orb.kernel.port.Notice;
import orb.ledger.Entry;
import orb.ledger.SignedEntry;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.LogRoster;
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
    private static final Credits MORE = Credits.whole(1_000);

    private SimSwarm swarm;
    private Checks checks;
    private final List<String> told = new ArrayList<>();
    private int lies;

    /** Runs a swarm whose fourth tracker does this; what was found to be wrong in the end. */
    private List<String> run(Function<Machine, Machine> lie) {
        int[] trackers = {0}; // they are made in order
        swarm =
                SimSwarm.sabotaged(
                        FOUR,
                        role ->
                                role instanceof Tracker && ++trackers[0] == FOUR.trackers()
                                        ? lie.apply(role)
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

    private List<String> runWith(Function<Effect, Stream<Effect>> lie) {
        return run(role ->
                (now, event) -> {
                    List<Effect> effects = role.step(now, event);
                    List<Effect> changed = effects.stream().flatMap(lie).toList();
                    lies += changed.equals(effects) ? 0 : 1;
                    return changed;
                });
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
        assertThat(lies).as("it did lie").isPositive();
        assertThat(honest().stream().map(swarm.visitor()::stateRoot).distinct()).hasSize(1);
        assertThat(checks.completed()).as("calls that were answered all the same").isPositive();
    }

    @Test
    void oneThatShowsNodesAnotherLogIsExposedByItsOwnSignature() {
        LogRoster alone =
                new LogRoster(new Settings(FOUR).genesis().network(), List.of(KEY.publicKey()));
        List<String> found =
                runWith(effect -> {
                    if (effect instanceof Effect.Answer(long in, Witnessing.Checkpoint said)
                            && alone.check(said.note())
                                    instanceof Result.Ok<LogRoster.Checked>(var good)) {
                        Checkpoint good_ = good.checkpoint();
                        Digest root = Digest.of(Bytes.utf8("another log"));
                        Checkpoint other =
                                new Checkpoint(
                                        good_.network(), good_.size(), root, good_.stateRoot());
                        Bytes note = alone.sign(KEY, other, 1).encoded();
                        return Stream.of(
                                new Effect.Answer(
                                        in, new Witnessing.Checkpoint(note, said.proof())));
                    }
                    return Stream.of(effect);
                });

        assertThat(found).as("what the honest ones keep is right").isEmpty();
        assertThat(told)
                .as("each node holds two signed histories that do not go together")
                .contains("checkpoint.forked");
        assertHonestOnesAgree();
    }

    @Test
    void oneThatReordersHasAnotherLogAndIsLeftAlone() {
        List<Event.Ordered> held = new ArrayList<>();
        List<String> found =
                run(role ->
                        (now, event) -> {
                            if (!(event instanceof Event.Ordered ordered) || ordered.index() < 40) {
                                return role.step(now, event);
                            }
                            if (held.isEmpty()) {
                                held.add(ordered);
                                return List.of();
                            }
                            Event.Ordered first = held.removeFirst();
                            lies++;
                            List<Effect> effects = new ArrayList<>();
                            effects.addAll(
                                    role.step(
                                            now,
                                            new Event.Ordered(
                                                    first.index(), first.time(), ordered.entry())));
                            effects.addAll(
                                    role.step(
                                            now,
                                            new Event.Ordered(
                                                    ordered.index(),
                                                    ordered.time(),
                                                    first.entry())));
                            return effects;
                        });

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
        List<String> found =
                runWith(effect ->
                        effect instanceof Effect.Propose
                                ? Stream.of(effect, effect, effect)
                                : Stream.of(effect));

        assertThat(found).isEmpty();
        assertHonestOnesAgree();
    }

    @Test
    void aHostsSettlementThatItBringsAsItsOwnPaysItNothing() {
        List<String> found =
                runWith(effect ->
                        effect instanceof Effect.Propose(var bytes)
                                        && SignedEntry.decode(bytes)
                                                instanceof Result.Ok<SignedEntry>(var signed)
                                        && signed.entry() instanceof Entry.Settle settle
                                ? Stream.of(new Effect.Propose(asOwn(settle)), effect)
                                : Stream.of(effect));

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

    private Bytes asOwn(Entry.Settle settle) {
        return SignedEntry.sign(
                        KEY,
                        new Settings(FOUR).genesis().network(),
                        Long.MAX_VALUE / 2 + lies,
                        swarm.agenda().now().plusSeconds(60).truncatedTo(ChronoUnit.MILLIS),
                        settle)
                .encoded();
    }

    @Test
    void aBalanceThatItMakesUpIsItsWordAgainstTheLedgerOfAllOthers() {
        List<String> found =
                runWith(effect ->
                        effect instanceof Effect.Return(long command, Result.Ok<?>(var reply))
                                        && reply instanceof TrackerReply.Told(Message answer)
                                        && answer instanceof Registry.Account account
                                ? Stream.of(
                                        new Effect.Return(
                                                command,
                                                Result.ok(new TrackerReply.Told(richer(account)))))
                                : Stream.of(effect));

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

    private static Registry.Account richer(Registry.Account a) {
        return new Registry.Account(
                a.known(),
                a.name(),
                a.balance().plus(MORE),
                a.pending(),
                a.escrow(),
                a.nonce(),
                a.channels());
    }

    @Test
    void oneThatWithholdsAnswersHarmsThoseAloneWhoAskIt() {
        List<String> found =
                runWith(effect ->
                        effect instanceof Effect.Answer(_, Calling.Invoked _)
                                ? Stream.empty()
                                : Stream.of(effect));

        assertThat(found)
                .as("questions to it have no answer; all others have one")
                .isNotEmpty()
                .allMatch(what -> what.startsWith(LIAR_ID.brief() + " did not answer Invoke"));
        assertHonestOnesAgree();
    }

    @Test
    void anEntryThatItCensorsGoesThroughAnother() {
        List<String> found =
                runWith(effect ->
                        effect instanceof Effect.Propose ? Stream.empty() : Stream.of(effect));

        assertThat(found)
                .as("it lets submitters wait; what they submit is recorded all the same")
                .allMatch(what -> what.startsWith(LIAR_ID.brief() + " did not answer "));
        assertHonestOnesAgree();
    }
}
