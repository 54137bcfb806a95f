package orb.tracker;

import static orb.tracker.MembershipTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.FunctionId;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.TrapCode;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.message.Seeding;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.Table;
import orb.ledger.Entry;
import orb.ledger.Plan;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class DeployTest {
    private final Scene scene = new Scene();
    private final Host node = new Host(scene, "node");
    private final Host other = new Host(scene, "other");
    private Person alice;

    @BeforeEach
    void aliceHasANodeAndItsGrant() {
        alice = new Person(scene, "alice");
        alice.owns(node.key);
        node.join();
        other.join();
        scene.performed.clear();
        scene.told.clear();
    }

    private Message deploy(Registry.Deploy deploy) {
        return scene.asked(node.id, deploy);
    }

    /** A refused deploy left nothing behind: no function, no cost, no notice. */
    private void nothingHappened() {
        assertThat(alice.facts("add")).isEmpty();
        assertThat(alice.books().balance()).isEqualTo(Credits.whole(100));
        assertThat(node.offered).isEmpty();
        assertThat(scene.kinds("function.")).isEmpty();
    }

    @Test
    @Tag("B8")
    void theTrackerRunsTheFunctionItselfBeforeItOrdersAnswersAndNotifies() {
        Message answer = deploy(alice.deploy("add", Plan.METERED));

        assertThat(scene.performed.stream().map(Effect::getClass).map(Class::getSimpleName))
                .containsSubsequence("StoreBlob", "Prepare", "Run", "Propose", "Answer");
        assertThat(scene.told)
                .extracting(notice -> notice.kind())
                .containsSubsequence("deploy.received", "deploy.trial", "function.available");
        Registry.Deployed deployed = (Registry.Deployed) answer;
        assertThat(deployed.function())
                .isEqualTo(FunctionId.of(alice.functionKey("add").publicKey()));
        assertThat(deployed.url()).isEqualTo("/f/alice/add");
        Entry.FunctionVersion version = alice.version("add", Plan.METERED, Scene.FUEL);
        assertThat(alice.books().balance())
                .isEqualTo(Credits.whole(100).minus(version.cost(Scene.GENESIS.pricing())));
    }

    @Test
    void theTrialRunUsesTheOwnersSampleAndTheArtefactAsItsSeed() {
        deploy(alice.deploy("add", Plan.METERED));

        Effect.Run run =
                scene.performed.stream()
                        .filter(Effect.Run.class::isInstance)
                        .map(Effect.Run.class::cast)
                        .findFirst()
                        .orElseThrow();
        assertThat(run.request()).isEqualTo(Person.SAMPLE);
        assertThat(run.seed()).isEqualTo(run.artefact());
    }

    @Test
    @Tag("B9")
    void everyLiveNodeIsToldOnceAndADeadOneWhenItReturns() {
        Host away = new Host(scene, "away");
        away.join();
        scene.cut(away.id, "connection reset");

        FunctionFacts facts = alice.deploys("add", Plan.METERED);

        for (Host live : List.of(node, other)) {
            assertThat(scene.asksTo(live.id, Seeding.Available.class))
                    .containsExactly(new Seeding.Available(facts));
            live.answerAll();
        }
        assertThat(scene.asksTo(away.id)).isEmpty();
        away.join();
        assertThat(scene.asksTo(away.id, Seeding.Available.class))
                .containsExactly(new Seeding.Available(facts));
        away.answerAll();
        scene.cut(away.id, "connection reset");
        away.join();
        assertThat(scene.asksTo(away.id)).isEmpty();
    }

    @Test
    void whatANodeWasToldOfSurvivesARestart() {
        alice.deploys("add", Plan.METERED);
        node.answerAll();
        FunctionFacts second = alice.deploys("sub", Plan.METERED);

        scene.restart();
        node.join();
        other.join();

        assertThat(scene.asksTo(node.id, Seeding.Available.class))
                .containsExactly(new Seeding.Available(second));
        other.answerAll();
        assertThat(other.offered.keySet()).hasSize(2);
    }

    @Test
    void aNoticeThatWasLostIsToldAgainWithTheNextBeat() {
        FunctionFacts facts = alice.deploys("add", Plan.METERED);
        scene.unanswered(scene.asksTo(node.id).getFirst(), ErrorCode.TIMED_OUT);
        assertThat(scene.asksTo(node.id)).isEmpty();

        node.beat(0, 4);

        assertThat(scene.asksTo(node.id, Seeding.Available.class))
                .containsExactly(new Seeding.Available(facts));
    }

    @Test
    void aNodeThatIsStillJoiningAndRefusesANoticeIsToldAgain() {
        FunctionFacts facts = alice.deploys("add", Plan.METERED);
        node.lies = _ -> new Message.Refused(new Refusal(ErrorCode.BAD_ARGUMENT, "who are you?"));
        node.answerAll();
        node.lies = message -> message;
        node.beat(0, 4);

        assertThat(scene.asksTo(node.id, Seeding.Available.class))
                .containsExactly(new Seeding.Available(facts));
    }

    @Test
    @Tag("D2")
    void aNodeThatDeclinesIsNoHostAndItsReasonIsTold() {
        node.seeds = false;
        alice.deploys("add", Plan.METERED);
        node.answerAll();
        other.answerAll();

        assertThat(scene.told)
                .anySatisfy(notice -> {
                    assertThat(notice.kind()).isEqualTo("seed.declined");
                    assertThat(notice.detail()).contains(node.id.toString()).contains("seed=never");
                });
        assertThat(seeders()).isZero();
    }

    private int seeders() {
        return ((Registry.Functions) scene.told(new Registry.FindFunction(alice.function("add"))))
                .functions()
                .getFirst()
                .seeders();
    }

    @Test
    void aNodeIsAHostFromItsOwnWordOnUntilItStopsOrDies() {
        FunctionFacts facts = alice.deploys("add", Plan.METERED);

        assertThat(node.serve(facts)).isInstanceOf(Message.Done.class);
        assertThat(node.serve(facts)).isInstanceOf(Message.Done.class);
        assertThat(other.serve(facts)).isInstanceOf(Message.Done.class);
        assertThat(seeders()).isEqualTo(2);
        scene.asked(other.id, new Seeding.Stopped(facts.id(), "no room"));
        assertThat(seeders()).isEqualTo(1);
        scene.cut(node.id, "connection reset");
        assertThat(seeders()).isZero();
    }

    @Test
    void servingAnotherArtefactOrAnUnknownFunctionIsRefused() {
        FunctionFacts facts = alice.deploys("add", Plan.METERED);

        assertThat(refused(scene.asked(node.id, new Seeding.Serving(facts.id(), Digest.ZERO))))
                .isEqualTo(ErrorCode.HASH_MISMATCH);
        assertThat(
                        refused(
                                scene.asked(
                                        node.id,
                                        new Seeding.Serving(
                                                new FunctionId(Digest.ZERO), facts.artefact()))))
                .isEqualTo(ErrorCode.UNKNOWN_FUNCTION);
        assertThat(seeders()).isZero();
    }

    @Test
    void hostsOfAnOldVersionAreHostsNoLongerUntilTheyServeTheNewOne() {
        FunctionFacts old = alice.deploys("add", Plan.METERED);
        node.answerAll();
        node.serve(old);
        Bytes artefact = Bytes.utf8("the second artefact");
        Entry.FunctionVersion v = alice.version("add", Plan.METERED, Scene.FUEL);
        Entry.FunctionVersion second =
                new Entry.FunctionVersion(
                        v.name(),
                        2,
                        Digest.of(artefact),
                        new ByteSize(artefact.length()),
                        v.shape(),
                        v.limits(),
                        v.grants(),
                        v.plan(),
                        v.complexity(),
                        v.peakMemory(),
                        v.replicas(),
                        v.source());
        Registry.Deploy deploy =
                new Registry.Deploy(alice.sign(alice.entry(second)), artefact, Person.SAMPLE);

        assertThat(deploy(deploy)).isInstanceOf(Registry.Deployed.class);

        assertThat(seeders()).isZero();
        assertThat(refused(node.serve(old))).isEqualTo(ErrorCode.HASH_MISMATCH);
        node.answerAll();
        assertThat(node.offered.get(old.id()).version()).isEqualTo(2);
        node.serve(node.offered.get(old.id()));
        assertThat(seeders()).isEqualTo(1);
    }

    @Test
    void aFunctionThatFailsTheTrialGetsNoUrl() {
        scene.outcome = new Outcome.Trapped(TrapCode.UNREACHABLE, "unreachable", Fuel.ZERO);
        assertThat(refused(deploy(alice.deploy("add", Plan.METERED)))).isEqualTo(ErrorCode.TRAPPED);
        scene.outcome = new Outcome.OutOfFuel(Scene.FUEL);
        assertThat(refused(deploy(alice.deploy("add", Plan.METERED))))
                .isEqualTo(ErrorCode.OUT_OF_FUEL);
        nothingHappened();
    }

    @Test
    void anotherComplexityThanClaimedIsRefused() {
        Entry.FunctionVersion cheap = alice.version("add", Plan.METERED, new Fuel(10));
        Registry.Deploy deploy =
                new Registry.Deploy(
                        alice.sign(alice.entry(cheap)), Person.artefact("add"), Person.SAMPLE);

        assertThat(refused(deploy(deploy))).isEqualTo(ErrorCode.COMPLEXITY_MISMATCH);
        nothingHappened();
    }

    @Test
    void anotherArtefactThanSignedIsRefusedBeforeItIsStored() {
        Registry.Deploy good = alice.deploy("add", Plan.METERED);
        Registry.Deploy swapped =
                new Registry.Deploy(good.entry(), Bytes.utf8("something else"), Person.SAMPLE);

        assertThat(refused(deploy(swapped))).isEqualTo(ErrorCode.HASH_MISMATCH);
        assertThat(scene.blobs).isEmpty();
        nothingHappened();
    }

    @Test
    void whatTheSandboxDoesNotAdmitIsRefusedWithItsReason() {
        scene.prepared = Result.refused(ErrorCode.SIMD_REFUSED, "function 3 uses SIMD");
        assertThat(refused(deploy(alice.deploy("add", Plan.METERED))))
                .isEqualTo(ErrorCode.SIMD_REFUSED);
        scene.prepared = Result.ok(new ModuleFacts(Digest.ZERO, new ByteSize(1), "wasi", 1));
        assertThat(refused(deploy(alice.deploy("add", Plan.METERED))))
                .isEqualTo(ErrorCode.NO_ENTRY);
        nothingHappened();
    }

    @Test
    void aFullDiskIsTheOwnersAnswer() {
        scene.diskFails = Optional.of(new Refusal(ErrorCode.DISK_FULL, "no space left"));

        assertThat(refused(deploy(alice.deploy("add", Plan.METERED))))
                .isEqualTo(ErrorCode.DISK_FULL);
        nothingHappened();
    }

    @Test
    @Tag("E2")
    void anOwnerWhoCannotPayIsRefusedBeforeAnythingIsStored() {
        Person poor = new Person(scene, "poor");

        assertThat(refused(deploy(poor.deploy("add", Plan.METERED))))
                .isEqualTo(ErrorCode.INSUFFICIENT_BALANCE);
        assertThat(scene.blobs).isEmpty();
    }

    @Test
    void anotherKeyCannotTakeTheNameOfAFunction() {
        alice.deploys("add", Plan.METERED);
        Entry.FunctionVersion version = alice.version("add", Plan.METERED, Scene.FUEL);
        var thief = Scene.key("thief");
        Entry.DeployFunction entry =
                new Entry.DeployFunction(
                        thief.publicKey(),
                        version,
                        version.sign(thief, Scene.GENESIS.network(), alice.account));
        Registry.Deploy deploy =
                new Registry.Deploy(alice.sign(entry), Person.artefact("add"), Person.SAMPLE);

        assertThat(refused(deploy(deploy))).isEqualTo(ErrorCode.NAME_TAKEN);
    }

    @Test
    void aDeployEntryThatSkipsTheTrialIsRefused() {
        Bytes entry = alice.sign(alice.entry(alice.version("add", Plan.METERED, Scene.FUEL)));

        assertThat(refused(scene.told(new Registry.Submit(entry))))
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
        nothingHappened();
    }

    @Test
    void theSameDeployTwiceRunsOnceAndBothAreAnswered() {
        scene.isRunning = false;
        Registry.Deploy deploy = alice.deploy("add", Plan.METERED);
        long first = scene.ask(node.id, deploy);

        assertThat(refused(deploy(deploy))).isEqualTo(ErrorCode.REPLAYED_ENTRY);
        Effect.Run run = lastRun();
        scene.step(new Event.Ran(run.run(), scene.outcome, Scene.facts()));
        assertThat(scene.answer(first)).isInstanceOf(Registry.Deployed.class);
        assertThat(refused(deploy(deploy))).isEqualTo(ErrorCode.REPLAYED_ENTRY);
    }

    private Effect.Run lastRun() {
        return scene.performed.stream()
                .filter(Effect.Run.class::isInstance)
                .map(Effect.Run.class::cast)
                .reduce((_, last) -> last)
                .orElseThrow();
    }

    @Test
    void aTrialThatNeverEndsIsAnsweredInTimeAndItsLateEndChangesNothing() {
        scene.isRunning = false;
        long asked = scene.ask(node.id, alice.deploy("add", Plan.METERED));

        scene.sleep(Duration.ofSeconds(101));

        assertThat(refused(scene.answer(asked))).isEqualTo(ErrorCode.TIMED_OUT);
        scene.step(new Event.Ran(lastRun().run(), scene.outcome, Scene.facts()));
        assertThat(alice.facts("add")).isEmpty();
    }

    @Test
    void onlySoManyDeploysAreUnderWayAtOnce() {
        scene.isRunning = false;
        for (String name : List.of("a", "b", "c", "d")) {
            scene.ask(node.id, alice.deploy(name, Plan.METERED));
        }

        assertThat(refused(deploy(alice.deploy("e", Plan.METERED)))).isEqualTo(ErrorCode.BUSY);
    }

    @Test
    void theExecutableIsHandedOutInChunksAlsoAfterARestart() {
        FunctionFacts facts = alice.deploys("add", Plan.METERED);
        scene.restart();
        node.join();

        Bytes whole = Person.artefact("add");
        Seeding.Chunk head = (Seeding.Chunk) fetch(facts.artefact(), 0, 5);
        Seeding.Chunk rest = (Seeding.Chunk) fetch(facts.artefact(), 5, 1 << 20);
        assertThat(head.bytes().concat(rest.bytes())).isEqualTo(whole);
        assertThat(rest.total()).isEqualTo(whole.length());
        assertThat(refused(fetch(facts.artefact(), 1_000, 5))).isEqualTo(ErrorCode.BAD_ARGUMENT);
        assertThat(refused(fetch(Digest.ZERO, 0, 5))).isEqualTo(ErrorCode.HASH_MISMATCH);
    }

    private Message fetch(Digest artefact, long offset, int length) {
        return scene.asked(node.id, new Seeding.Fetch(artefact, offset, length));
    }

    @Test
    void functionsAreFoundByPartOfTheirNamePageByPage() {
        for (String name : List.of("add", "sub", "subtract")) {
            alice.deploys(name, Plan.METERED);
        }

        assertThat(search("sub", 0, 10)).containsExactly("alice/sub", "alice/subtract");
        assertThat(search("alice/", 1, 1)).containsExactly("alice/sub");
        assertThat(search("none", 0, 10)).isEmpty();
        assertThat(scene.disk.get(Table.NOTICES)).isNull();
    }

    private List<String> search(String text, int offset, int limit) {
        return ((Registry.Functions) scene.told(new Registry.Search(text, offset, limit)))
                .functions().stream().map(f -> f.facts().name().toString()).toList();
    }
}
