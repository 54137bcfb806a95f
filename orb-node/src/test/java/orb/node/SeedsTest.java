package orb.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import orb.kernel.Address;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Incident;
import orb.kernel.message.Message;
import orb.kernel.message.Seeding;
import orb.kernel.port.Event;
import orb.kernel.port.Table;
import orb.ledger.Plan;
import orb.node.admission.Seed;
import orb.node.admission.SeedPolicy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SeedsTest {
    private static final KeyPair BOB = Drive.key(30);

    private Drive drive;
    private PlainTracker tracker;
    private FunctionFacts facts;

    @BeforeEach
    void join() {
        begin(Drive.standard());
    }

    private void begin(NodeConfig config) {
        drive = Drive.started(config);
        tracker = new PlainTracker(50).joinedBy(drive);
        tracker.person(drive, "bob", BOB, Drive.key(31));
        facts = tracker.deployed(drive, BOB, Drive.key(70), Plan.METERED);
        tracker.heard.clear();
    }

    private Seeding.Acknowledged available() {
        long question = drive.asked(tracker.id, new Seeding.Available(facts));
        return drive.answer(question, Seeding.Acknowledged.class);
    }

    private List<orb.kernel.FunctionName> seeds(Drive of) {
        long status = of.command(new NodeCommand.FindStatus());
        return of.reply(status, NodeReply.Status.class).seeds();
    }

    @Test
    @Tag("D1")
    void aNodeThatIsToldAcknowledgesFetchesVerifiesAndServes() {
        assertThat(available().seeds()).isTrue();
        drive.pass(Duration.ofMillis(5));
        tracker.serve(drive);
        assertThat(drive.kinds(drive.told))
                .containsSubsequence(
                        "function.available",
                        "seed.ack",
                        "seed.transfer",
                        "seed.verify",
                        "seed.serving");
        assertThat(drive.told.stream().filter(n -> n.kind().equals("seed.serving")).toList())
                .allMatch(notice -> notice.at().equals(Drive.START.plusMillis(5)));
        assertThat(tracker.heard(Seeding.Serving.class))
                .containsExactly(new Seeding.Serving(facts.id(), facts.artefact()));
        assertThat(seeds(drive)).containsExactly(facts.name());
        assertThat(drive.kept.get(Table.TRAIL)).hasSize(5);
    }

    @Test
    void twoFunctionsOfOneExecutableAreBothServed() {
        FunctionFacts twin = renamed(facts);
        available();
        drive.asked(tracker.id, new Seeding.Available(twin));
        tracker.serve(drive);
        assertThat(seeds(drive)).containsExactly(facts.name(), twin.name());
    }

    private static FunctionFacts renamed(FunctionFacts f) {
        return like(f, "twin", f.size(), f.shape());
    }

    private static FunctionFacts like(FunctionFacts f, String name, ByteSize size, String shape) {
        return new FunctionFacts(
                new orb.kernel.FunctionId(Digest.of(Bytes.utf8(name))),
                new orb.kernel.FunctionName(f.name().owner(), name),
                f.owner(),
                f.version(),
                f.artefact(),
                size,
                shape,
                f.limits(),
                f.grants(),
                f.plan(),
                f.planHash(),
                f.complexity(),
                f.peakMemory(),
                f.replicas());
    }

    @Test
    void afterARestartSmallModulesServeFirstAndScriptsLast() {
        available();
        tracker.serve(drive);
        drive.kept.get(Table.SEEDS).clear();
        for (FunctionFacts each :
                List.of(
                        like(facts, "script", ByteSize.kib(1), "script"),
                        like(facts, "large", ByteSize.mib(2), "wasi"),
                        like(facts, "small", ByteSize.kib(2), "handler"))) {
            drive.kept.get(Table.SEEDS).put(each.id().digest().bytes(), Seed.encode(each));
        }

        Drive again = drive.restarted(Duration.ofSeconds(1));

        assertThat(again.told.stream().filter(n -> n.kind().equals("seed.serving")).toList())
                .extracting(notice -> notice.subject().replaceAll(".*/", ""))
                .containsExactly("small", "large", "script");
    }

    @Test
    void anExecutableThatCouldNotBeFetchedIsFetchedLater() {
        available();
        drive.lose(drive.takeAsk(Seeding.Fetch.class), ErrorCode.TIMED_OUT);
        assertThat(drive.told.getLast().kind()).isEqualTo("seed.failed");
        assertThat(seeds(drive)).isEmpty();

        drive.pass(Drive.standard().waits().backOffMax());
        tracker.serve(drive);
        assertThat(seeds(drive)).containsExactly(facts.name());
    }

    @Test
    void anAnnouncementThatWasLostIsMadeAgain() {
        available();
        tracker.serve(drive, Seeding.Serving.class);
        drive.lose(drive.takeAsk(Seeding.Serving.class), ErrorCode.TIMED_OUT);
        assertThat(tracker.heard(Seeding.Serving.class)).isEmpty();

        drive.pass(Drive.standard().waits().backOffMax());
        tracker.serve(drive);
        assertThat(tracker.heard(Seeding.Serving.class)).hasSize(1);
        drive.pass(Drive.standard().waits().backOffMax().multipliedBy(5));
        tracker.serve(drive);
        assertThat(tracker.heard(Seeding.Serving.class)).hasSize(1);
    }

    @Test
    @Tag("D2")
    void aNodeThatNeverSeedsDeclinesWithItsReason() {
        begin(Drive.standard().with(new SeedPolicy.Never()));
        assertThat(available()).isEqualTo(new Seeding.Acknowledged(false, "policy seed=never"));
        assertThat(drive.asks).isEmpty();
        assertThat(seeds(drive)).isEmpty();
    }

    @Test
    @Tag("D2")
    void eachFilterDeclinesWithItsOwnReason() {
        ByteSize mib = ByteSize.mib(1);
        for (Map.Entry<String, SeedPolicy.Auto> each :
                Map.of(
                                "are free",
                                new SeedPolicy.Auto(mib, mib, List.of(), 4),
                                "at most",
                                new SeedPolicy.Auto(
                                        ByteSize.mib(64), new ByteSize(1), List.of(), 4),
                                "is not one of",
                                new SeedPolicy.Auto(ByteSize.mib(64), mib, List.of("sponsored"), 4))
                        .entrySet()) {
            begin(Drive.standard().with(each.getValue()));
            Seeding.Acknowledged said = available();
            assertThat(said.seeds()).isFalse();
            assertThat(said.reason()).contains(each.getKey());
        }
    }

    @Test
    @Tag("H5")
    void aWrongExecutableIsNeverServed() {
        tracker.artefacts.put(facts.artefact(), altered(tracker.artefacts.get(facts.artefact())));
        available();
        tracker.serve(drive);
        assertThat(drive.told.getLast().kind()).isEqualTo("seed.failed");
        assertThat(drive.told.getLast().detail()).contains("ORB-0603");
        assertThat(drive.blobs).isEmpty();
        assertThat(seeds(drive)).isEmpty();
        assertThat(tracker.heard(Seeding.Serving.class)).isEmpty();
        Incident noted = incidents().getFirst();
        assertThat(noted.kind()).isEqualTo(Incident.Kind.ARTEFACT_CHANGED);
        assertThat(noted.peer()).contains(tracker.id);
        assertThat(noted.function()).contains(facts.name());
    }

    @Test
    @Tag("H5")
    void anExecutableThatRotsIsNotServedUntilItIsFetchedAgain() {
        available();
        tracker.serve(drive);
        assertThat(seeds(drive)).containsExactly(facts.name());
        drive.blobs.clear();
        tracker.heard.clear();
        drive.event(
                new Event.Noticed(Incident.Kind.ARTEFACT_CHANGED, facts.artefact(), "it rotted"));

        assertThat(seeds(drive)).isEmpty();
        tracker.serve(drive);
        assertThat(drive.blobs).containsKey(facts.artefact());
        assertThat(seeds(drive)).containsExactly(facts.name());
        assertThat(tracker.heard(Seeding.Serving.class)).hasSize(1);
    }

    private List<Incident> incidents() {
        long command = drive.command(new NodeCommand.FindIncidents());
        return drive.reply(command, NodeReply.Incidents.class).incidents();
    }

    @Test
    @Tag("H5")
    void nobodyIsBlamedForAnExecutableThatCameFromTwo() {
        PlainTracker second = tracker.twin(51);
        drive.event(new Event.Discovered(List.of(second.contact())));
        second.link(drive);
        Bytes large = Bytes.wrap(new byte[(1 << 20) + 17]);
        drive.asked(tracker.id, new Seeding.Available(withArtefact(large)));
        drive.answer(
                drive.takeAsk(Seeding.Fetch.class),
                new Seeding.Chunk(altered(large).slice(0, 1 << 20), large.length()));
        drive.lose(drive.takeAsk(Seeding.Fetch.class), ErrorCode.PEER_LOST);
        drive.answer(
                drive.takeAsk(Seeding.Fetch.class),
                new Seeding.Chunk(large.slice(1 << 20, large.length()), large.length()));
        assertThat(drive.told.getLast().kind()).isEqualTo("seed.failed");
        assertThat(incidents()).isEmpty();
    }

    private static Bytes altered(Bytes bytes) {
        byte[] copy = bytes.toArray();
        copy[3] ^= 1;
        return Bytes.wrap(copy);
    }

    @Test
    void aTransferGoesOnWhereTheFirstSourceStopped() {
        Bytes large = Bytes.wrap(new byte[(2 << 20) + 17]);
        PlainTracker second = tracker.twin(51);
        drive.event(new Event.Discovered(List.of(second.contact())));
        second.link(drive);
        FunctionFacts big = withArtefact(large);
        drive.asked(tracker.id, new Seeding.Available(big));
        drive.answer(
                drive.takeAsk(Seeding.Fetch.class),
                new Seeding.Chunk(large.slice(0, 1 << 20), large.length()));
        drive.lose(drive.takeAsk(Seeding.Fetch.class), ErrorCode.PEER_LOST);
        var rest = drive.takeAsk(Seeding.Fetch.class);
        assertThat(rest.peer()).isEqualTo(second.id);
        assertThat(((Seeding.Fetch) rest.message()).offset()).isEqualTo(1 << 20);
        drive.answer(rest, new Seeding.Chunk(large.slice(1 << 20, 2 << 20), large.length()));
        drive.answer(
                drive.takeAsk(Seeding.Fetch.class),
                new Seeding.Chunk(large.slice(2 << 20, large.length()), large.length()));
        assertThat(seeds(drive)).containsExactly(big.name());
    }

    private FunctionFacts withArtefact(Bytes content) {
        return new FunctionFacts(
                facts.id(),
                facts.name(),
                facts.owner(),
                facts.version(),
                Digest.of(content),
                new ByteSize(content.length()),
                facts.shape(),
                facts.limits(),
                facts.grants(),
                facts.plan(),
                facts.planHash(),
                facts.complexity(),
                facts.peakMemory(),
                facts.replicas());
    }

    @Test
    void anEmptyOrOverlongChunkEndsTheTransferInsteadOfLoopingOrGrowing() {
        available();
        drive.answer(
                drive.takeAsk(Seeding.Fetch.class),
                new Seeding.Chunk(Bytes.EMPTY, facts.size().bytes()));
        assertThat(drive.told.getLast().kind()).isEqualTo("seed.failed");
        available();
        drive.answer(
                drive.takeAsk(Seeding.Fetch.class),
                new Seeding.Chunk(Bytes.wrap(new byte[1 << 20]), facts.size().bytes()));
        assertThat(drive.told.getLast().detail()).contains("ORB-0603");
    }

    @Test
    void afterARestartSeedsAreCheckedAndAnnouncedAgain() {
        available();
        tracker.serve(drive);
        Drive next = drive.restarted(Duration.ofMinutes(1));
        assertThat(seeds(next)).containsExactly(facts.name());
        tracker.heard.clear();
        tracker.link(next);
        assertThat(tracker.heard(Seeding.Serving.class)).hasSize(1);
        assertThat(tracker.heard(Seeding.Fetch.class)).isEmpty();
    }

    @Test
    void aStoredExecutableThatIsDamagedIsFetchedAgainBeforeItIsServed() {
        available();
        tracker.serve(drive);
        drive.blobs.put(facts.artefact(), altered(drive.blobs.get(facts.artefact())));
        Drive next = drive.restarted(Duration.ofMinutes(1));
        assertThat(next.kindsOf("seed.")).containsExactly("seed.damaged");
        assertThat(seeds(next)).isEmpty();
        tracker.heard.clear();
        tracker.link(next);
        assertThat(seeds(next)).containsExactly(facts.name());
        assertThat(tracker.heard(Seeding.Fetch.class)).hasSize(1);
        assertThat(Digest.of(next.blobs.get(facts.artefact()))).isEqualTo(facts.artefact());
    }

    @Test
    void seedsByCommandWhateverThePolicySaysAndStopsByCommand() {
        begin(Drive.standard().with(new SeedPolicy.Never()));
        long seed = drive.command(new NodeCommand.Seed(facts.name()));
        assertThat(drive.returns).doesNotContainKey(seed);
        tracker.serve(drive);
        drive.reply(seed, NodeReply.Done.class);
        assertThat(seeds(drive)).containsExactly(facts.name());
        drive.reply(drive.command(new NodeCommand.Unseed(facts.name())), NodeReply.Done.class);
        tracker.serve(drive);
        assertThat(seeds(drive)).isEmpty();
        assertThat(tracker.heard(Seeding.Stopped.class)).hasSize(1);
        assertThat(drive.kept.get(Table.SEEDS)).isEmpty();
        assertThat(drive.code(drive.command(new NodeCommand.Unseed(facts.name()))))
                .isEqualTo(ErrorCode.UNKNOWN_FUNCTION);
    }

    @Test
    void aModuleThatThisMachineCannotRunIsDroppedAndTheCommandSaysWhy() {
        drive.admission = Result.refused(ErrorCode.SIMD_REFUSED, "it uses SIMD");
        long seed = drive.command(new NodeCommand.Seed(facts.name()));
        tracker.serve(drive);
        assertThat(drive.code(seed)).isEqualTo(ErrorCode.SIMD_REFUSED);
        assertThat(drive.kept.get(Table.SEEDS)).isEmpty();
    }

    @Test
    void aLinkedNodeGetsTheExecutableFromHere() {
        available();
        tracker.serve(drive);
        NodeId peer = NodeId.of(Drive.key(60).publicKey());
        drive.event(new Event.Linked(peer, new Address("127.0.0.1", 40_000), false));
        long question = drive.asked(peer, new Seeding.Fetch(facts.artefact(), 4, 10));
        Seeding.Chunk chunk = drive.answer(question, Seeding.Chunk.class);
        assertThat(chunk.bytes()).isEqualTo(tracker.artefacts.get(facts.artefact()).slice(4, 14));
        assertThat(chunk.total()).isEqualTo(facts.size().bytes());
        long other = drive.asked(peer, new Seeding.Fetch(Digest.ZERO, 0, 10));
        assertThat(drive.answer(other, Message.Refused.class).refusal().code())
                .isEqualTo(ErrorCode.UNKNOWN_FUNCTION);
    }

    @Test
    void onlyATrackerCanTellOfFunctions() {
        NodeId peer = NodeId.of(Drive.key(60).publicKey());
        drive.event(new Event.Linked(peer, new Address("127.0.0.1", 40_000), false));
        assertThat(drive.refusedAs(drive.asked(peer, new Seeding.Available(facts))))
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
    }
}
