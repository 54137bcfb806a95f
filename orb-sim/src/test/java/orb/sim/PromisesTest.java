package orb.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.message.Membership;
import orb.kernel.message.NodeView;
import orb.kernel.message.Registry;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Notice;
import orb.ledger.Account;
import orb.ledger.Entry;
import orb.ledger.Ledger;
import orb.ledger.Plan;
import orb.ledger.Registered;
import orb.tracker.TrackerCommand;
import orb.tracker.TrackerReply;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is promised to people, held to over whole simulated swarms. */
final class PromisesTest {
    private static SimSwarm swarm(long seed, int nodes, Faults faults) {
        return swarm(seed, nodes, faults, false);
    }

    private static SimSwarm swarm(long seed, int nodes, Faults faults, boolean isScarce) {
        Duration busy = Duration.ofSeconds(12);
        return SimSwarm.of(new Scenario(seed, 1, nodes, busy, faults, isScarce), Optional.empty());
    }

    private static Ledger books(SimSwarm swarm) {
        Replay replay = Replay.of(swarm.genesis(), swarm.log());
        assertThat(replay.fault()).isEmpty();
        return replay.ledger();
    }

    /** What a tracker tells everyone. */
    private record Shown(
            TrackerReply.Status status,
            List<Registry.Listed> functions,
            List<Registry.Account> accounts) {
        static Shown by(SimSwarm swarm) {
            Visitor visitor = swarm.visitor();
            Registry.Functions found =
                    (Registry.Functions)
                            told(visitor, new Registry.Search("", 0, Registry.ROWS_MAX));
            List<Registry.Account> accounts = new ArrayList<>();
            for (Person person : swarm.people()) {
                accounts.add(
                        (Registry.Account)
                                told(visitor, new Registry.FindAccount(person.account())));
            }
            return new Shown(
                    (TrackerReply.Status) visitor.ask(new TrackerCommand.FindStatus()),
                    found.functions(),
                    accounts);
        }

        List<FunctionName> names() {
            return functions.stream().map(listed -> listed.facts().name()).toList();
        }
    }

    private static orb.kernel.message.Message told(
            Visitor visitor, orb.kernel.message.Message question) {
        return ((TrackerReply.Told) visitor.ask(new TrackerCommand.Ask(question))).answer();
    }

    private static List<NodeView> nodes(SimSwarm swarm) {
        return ((Membership.Nodes)
                        told(swarm.visitor(), new Membership.FindNodes(Optional.empty())))
                .nodes();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aNodeThatStopsInAnOrderlyWayHasLeftAndIsNotDeadUntilItReturns(long seed) {
        SimSwarm swarm = swarm(seed, 4, Faults.NONE);
        swarm.start();
        swarm.pass(Duration.ofSeconds(3));
        SimPeer node = swarm.nodes().getFirst();
        List<String> states = new ArrayList<>();
        swarm.watch(
                new Watcher() {
                    @Override
                    public void stepped(NodeId peer, Event event, List<Effect> effects) {
                        for (Effect effect : effects) {
                            if (effect instanceof Effect.Tell(Notice(_, var kind, var who, _))
                                    && peer.equals(swarm.trackerPeer().id())
                                    && who.equals(node.id().toString())
                                    && kind.startsWith("node.")) {
                                states.add(kind);
                            }
                        }
                    }
                });

        swarm.stop(node);
        swarm.pass(Duration.ofMillis(60));
        assertThat(node.isUp()).isFalse();
        assertThat(states).containsExactly("node.left");
        swarm.pass(Duration.ofSeconds(20));
        assertThat(nodes(swarm))
                .filteredOn(view -> view.id().equals(node.id()))
                .extracting(NodeView::state)
                .containsExactly("left");

        node.start();
        swarm.pass(Duration.ofSeconds(15));
        assertThat(states).containsExactly("node.left", "node.alive");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    @Tag("B4")
    void aLoneTrackerThatIsKilledHasItsFunctionsNodesUrlsAndBalancesWhenItStartsAgain(long seed) {
        SimSwarm swarm = swarm(seed, 4, Faults.NONE);
        Checks checks = new Checks(swarm);
        swarm.start();
        swarm.pass(Duration.ofSeconds(30)); // busy for twelve, then all is settled
        Shown before = Shown.by(swarm);
        List<NodeId> nodes = nodes(swarm).stream().map(NodeView::id).sorted().toList();
        assertThat(before.names()).hasSize(2);
        assertThat(nodes).hasSize(4);

        swarm.trackerPeer().crash(SimDisk.Crash.LOSES);
        swarm.pass(Duration.ofSeconds(3));
        swarm.trackerPeer().start();

        Shown after = Shown.by(swarm);
        assertThat(after.status().stateRoot()).isEqualTo(before.status().stateRoot());
        assertThat(after.status().entries()).isEqualTo(before.status().entries());
        assertThat(after.names()).isEqualTo(before.names());
        assertThat(after.accounts()).isEqualTo(before.accounts());
        assertThat(nodes(swarm))
                .extracting(NodeView::id)
                .containsExactlyInAnyOrderElementsOf(nodes);

        swarm.pass(Duration.ofSeconds(15));
        assertThat(nodes(swarm)).extracting(NodeView::state).containsOnly("alive");
        swarm.people().forEach(person -> person.tryAgain(swarm.functions()));
        swarm.pass(Duration.ofSeconds(30));
        assertThat(checks.violations()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5})
    @Tag("D1")
    void everyNodeIsToldAgreesFetchesVerifiesAndServesInThisOrder(long seed) {
        SimSwarm swarm = swarm(seed, 5, Faults.NONE);
        NavigableMap<NodeId, List<Notice>> trails = new TreeMap<>();
        swarm.watch(
                new Watcher() {
                    @Override
                    public void stepped(NodeId peer, Event event, List<Effect> effects) {
                        for (Effect effect : effects) {
                            if (effect instanceof Effect.Tell(var notice)
                                    && notice.subject().equals("person0/sum")) {
                                trails.computeIfAbsent(peer, _ -> new ArrayList<>()).add(notice);
                            }
                        }
                    }
                });
        swarm.start();
        swarm.pass(Duration.ofSeconds(4));

        for (SimPeer node : swarm.nodes().subList(1, 5)) { // all but the owner's
            List<Notice> trail = trails.get(node.id());
            assertThat(trail)
                    .extracting(Notice::kind)
                    .containsSubsequence(
                            "function.available",
                            "seed.ack",
                            "seed.transfer",
                            "seed.verify",
                            "seed.serving");
            List<Instant> times = trail.stream().map(Notice::at).toList();
            assertThat(times).isSorted();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 7, 8})
    @Tag("E1")
    void anIdentityIsGrantedOnceHoweverOftenItComes(long seed) {
        SimSwarm swarm = swarm(seed, 4, Faults.named("lost-writes").orElseThrow());
        swarm.run(); // processes crash, and their people log in again
        Ledger ledger = books(swarm);
        Credits grant = ledger.genesis().grant();

        for (Person person : swarm.people()) {
            long grants =
                    ledger.history(person.account()).stream()
                            .filter(row -> row.rule() == orb.ledger.Transfer.Rule.GRANT)
                            .peek(row -> assertThat(row.amount()).isEqualTo(grant))
                            .count();
            assertThat(grants).as(person.name()).isEqualTo(1);
        }
        Credits issued = Credits.ZERO.minus(ledger.account(Account.ISSUER).balance());
        assertThat(issued).as("four people and the tracker").isEqualTo(grant.times(5));
    }

    /** Works out from the answers alone what everyone must have in the end. */
    private static final class Expected {
        private final Ledger ledger;
        private final NavigableMap<AccountId, Credits> balances = new TreeMap<>();

        Expected(Ledger ledger) {
            this.ledger = ledger;
        }

        void change(AccountId account, Credits by) {
            balances.merge(account, by, Credits::plus);
        }

        /** A lane was used up to this sum: its payer pays it, and three share it. */
        void share(Lane lane, Credits sum) {
            Registered.Channel channel = ledger.channel(lane.channel()).orElseThrow();
            Registered.Function function = ledger.function(lane.function()).orElseThrow();
            Plan plan = ledger.genesis().plan(function.plan()).orElseThrow();
            boolean isSponsored = channel.purpose() instanceof Entry.Purpose.Sponsor;
            Plan.Split split = (isSponsored ? plan.sponsored() : plan.requested()).split(sum);
            change(channel.payer(), Credits.ZERO.minus(sum));
            change(ledger.node(lane.host()).orElseThrow().account(), split.host());
            change(function.owner(), split.owner());
            change(ledger.node(channel.hub()).orElseThrow().account(), split.tracker());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {9, 10, 11, 12})
    @Tag("E3")
    @Tag("E4")
    @Tag("E5")
    void everyoneHasToTheUnitWhatTheReceiptsOfAllCallsGive(long seed) {
        boolean isScarce = seed > 10; // then channels are topped up often, and many are refused
        SimSwarm swarm = swarm(seed, 4, Faults.NONE, isScarce);
        swarm.run();
        Ledger ledger = books(swarm);
        NavigableMap<Lane, Credits> sums = new TreeMap<>();
        List<Bytes> receipts = new ArrayList<>();
        swarm.people().forEach(p -> p.calls().forEach(call -> receipts.add(call.receipt())));
        swarm.visitor().calls().forEach(call -> receipts.add(call.receipt()));
        for (Bytes bytes : receipts) {
            Receipt receipt = Receipt.decode(bytes).orThrow();
            if (!receipt.lane().channel().equals(Digest.ZERO)) { // else an own call, which is free
                sums.merge(receipt.lane(), receipt.price(), Credits::plus);
            }
        }
        Expected expected = new Expected(ledger);
        sums.forEach(expected::share);

        assertThat(sums).as("both plans, and more than one host").hasSizeGreaterThan(4);
        assertThat(receipts).hasSizeGreaterThan(100);
        List<AccountId> accounts = new ArrayList<>();
        swarm.people().forEach(person -> accounts.add(person.account()));
        accounts.add(ledger.node(swarm.trackerPeer().id()).orElseThrow().account());
        for (AccountId account : accounts) {
            Credits deploys =
                    ledger.history(account).stream()
                            .filter(row -> row.rule() == orb.ledger.Transfer.Rule.DEPLOY)
                            .map(row -> row.amount())
                            .reduce(Credits.ZERO, Credits::plus);
            Credits allocated =
                    ledger.channels(account).stream()
                            .map(channel -> ledger.escrow(channel.id()))
                            .reduce(Credits.ZERO, Credits::plus);
            assertThat(ledger.account(account).balance().plus(allocated))
                    .as("account %s", account.brief())
                    .isEqualTo(
                            ledger.genesis()
                                    .grant()
                                    .plus(deploys)
                                    .plus(expected.balances.getOrDefault(account, Credits.ZERO)));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {14, 15})
    @Tag("B7")
    void aFunctionsUrlAnswersAtEveryTrackerAlsoWhileAnyOneOfThemIsGone(long seed) {
        Duration busy = Duration.ofSeconds(12);
        SimSwarm swarm =
                SimSwarm.of(new Scenario(seed, 4, 4, busy, Faults.NONE, false), Optional.empty());
        Checks checks = new Checks(swarm);
        swarm.start();
        swarm.pass(busy.plusSeconds(8));
        assertThat(answers(swarm)).as("at all four").isEqualTo(4);

        for (SimPeer victim : swarm.trackers()) { // one of them is the one that gave the URL
            victim.crash(SimDisk.Crash.LOSES);
            swarm.pass(Duration.ofSeconds(3));
            assertThat(answers(swarm)).as("without " + victim.name).isEqualTo(3);
            victim.start();
            swarm.pass(Duration.ofSeconds(12));
            assertThat(answers(swarm)).as(victim.name + " is back").isEqualTo(4);
        }
        swarm.people().forEach(person -> person.tryAgain(swarm.functions()));
        swarm.pass(Duration.ofSeconds(30));
        assertThat(checks.violations()).isEmpty();
    }

    /** How many trackers answer the sponsored function's URL. */
    private static int answers(SimSwarm swarm) {
        int before = swarm.visitor().calls().size();
        swarm.trackers().stream()
                .filter(SimPeer::isUp)
                .forEach(tracker -> swarm.visitor().call(tracker, Person.SPONSORED));
        swarm.pass(Duration.ofSeconds(2));
        return swarm.visitor().calls().size() - before;
    }

    @Test
    void twoSwarmsOfOneSeedKeepTheSameBooks() {
        SimSwarm one = swarm(13, 3, Faults.ALL);
        SimSwarm two = swarm(13, 3, Faults.ALL);
        one.run();
        two.run();

        assertThat(books(one).logRoot()).isEqualTo(books(two).logRoot());
        assertThat(books(one).stateRoot()).isEqualTo(books(two).stateRoot());
    }
}
