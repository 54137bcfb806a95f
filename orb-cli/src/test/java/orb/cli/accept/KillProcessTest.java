package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;
import orb.cli.client.Api;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** A swarm whose members are ended with kill -9 and come back; in order, as each start is dear. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(300)
class KillProcessTest {
    private static final String TWO_AND_THREE = "{\"a\":2,\"b\":3}";
    private static final int DEPLOYS = 6;

    private Swarm swarm;
    private Optional<SmallDisk> disk = Optional.empty();
    private Member tracker;
    private Member ann;
    private Member ben;

    @BeforeAll
    void start() throws IOException {
        swarm = Swarm.empty();
        try {
            disk = SmallDisk.at(swarm.member("tracker").folder(), "64m");
            tracker = swarm.startTracker("tracker");
            ann = swarm.startNode("ann");
            ben = swarm.startNode("ben");
            Path source =
                    Sources.module(
                            swarm.folder("add"),
                            "add",
                            Files.readAllBytes(Orb.example("add").resolve("add.wasm")));
            ann.orb("deploy", source.toString(), "--plan", "sponsored", "--allocation", "5").ok();
            swarm.awaitSeeders("ann/add", 2);
        } catch (IOException | RuntimeException | AssertionError e) {
            end();
            throw e;
        }
    }

    @AfterAll
    void end() throws IOException {
        swarm.endMembers();
        if (disk.isPresent()) {
            disk.get().close();
        }
        swarm.close();
    }

    /** Calls until it is answered well; every other answer has to be a coded refusal. */
    private static void awaitAnswer(Member through) {
        Swarm.until(
                "an answer through " + through.folder(),
                () -> {
                    Api.Raw raw = through.call("ann/add", TWO_AND_THREE);
                    return raw.status() == 200;
                });
    }

    @Test
    @Order(1)
    @Tag("B4")
    void aTrackerThatWasKilledHasEverythingWhenItIsBack() throws IOException {
        for (int i = 0; i < 20; i++) {
            assertThat(tracker.call("ann/add", TWO_AND_THREE).status()).isEqualTo(200);
        }
        Swarm.until("a settlement", () -> ann.history().toString().contains("\"consume\""));
        JsonNode functions = facts(tracker.api().get("/v1/functions"));
        long settled = settled();
        String id = tracker.id();
        String gateway = tracker.control().gateway();

        tracker.kill();
        Api.Raw alone = ann.call("ann/add", TWO_AND_THREE);
        assertThat(alone.status()).as("a node serves what it hosts").isIn(200, 502, 503, 504);
        swarm.startTracker("tracker");

        assertThat(tracker.id()).isEqualTo(id);
        assertThat(tracker.control().gateway()).isEqualTo(gateway);
        assertThat(facts(tracker.api().get("/v1/functions"))).isEqualTo(functions);
        assertThat(settled())
                .as("and more, as hosts show their debts")
                .isGreaterThanOrEqualTo(settled);
        for (Member node : List.of(ann, ben)) {
            Swarm.until("it to be live again", () -> swarm.stateOf(node.id()).equals("alive"));
            assertReconciled(node);
        }
        awaitAnswer(tracker);
        awaitAnswer(ben);
    }

    /** What does not change by itself: all but the number of seeders. */
    private long settled() throws IOException {
        return tracker.api().get("/v1/functions").path(0).path("calls").asLong();
    }

    /** What stands in the registry, without what changes with each epoch. */
    private static JsonNode facts(JsonNode functions) {
        functions.forEach(function ->
                ((com.fasterxml.jackson.databind.node.ObjectNode) function)
                        .remove(List.of("seeders", "calls")));
        assertThat(functions).isNotEmpty();
        return functions;
    }

    private static void assertReconciled(Member node) {
        Swarm.until(
                "the books of " + node.folder(),
                () -> {
                    JsonNode wallet = node.json("wallet", "balance");
                    long balance = 0;
                    long allocated = 0;
                    for (JsonNode row : node.history()) {
                        balance += row.path("amountMicro").asLong();
                        allocated += row.path("allocatedMicro").asLong();
                    }
                    return wallet.path("balanceMicro").asLong() == balance
                            && wallet.path("escrowMicro").asLong() == allocated;
                });
    }

    @Test
    @Order(2)
    void aTrackerKilledDuringDeploysLosesNothingThatItAcknowledged() throws Exception {
        List<Path> sources = new ArrayList<>();
        for (int i = 0; i < DEPLOYS; i++) {
            sources.add(
                    Sources.module(
                            swarm.folder("many" + i), "many" + i, Wasm.countDown(1_000 + i)));
        }
        AtomicInteger acknowledged = new AtomicInteger();
        try (ExecutorService one = Executors.newSingleThreadExecutor()) {
            Future<Integer> deploying =
                    one.submit(() -> {
                        int done = 0;
                        for (Path source : sources) {
                            Orb.Ran ran = ann.orb("deploy", source.toString(), "--plan", "metered");
                            if (ran.code() != 0) {
                                assertThat(ran.err()).contains("ORB-");
                                return done;
                            }
                            done = acknowledged.incrementAndGet();
                        }
                        return done;
                    });
            Swarm.until("the second deploy", () -> acknowledged.get() >= 2);
            tracker.kill();
            swarm.startTracker("tracker");
            deploying.get(2 * Orb.WAIT_SECONDS, TimeUnit.SECONDS);
        }
        Swarm.until("ann to be live again", () -> swarm.stateOf(ann.id()).equals("alive"));
        // the tracker's welcome may still be on its way to her
        Swarm.until("ann to follow it", () -> ann.orb("wallet", "history").code() == 0);
        JsonNode there = tracker.api().get("/v1/functions?search=many");
        assertThat(there.size()).isGreaterThanOrEqualTo(acknowledged.get());
        assertThat(deploys(ann.history())).as("each was paid once").isEqualTo(there.size() + 1);
        assertReconciled(ann);
        awaitAnswer(tracker);
    }

    private static long deploys(JsonNode history) {
        return StreamSupport.stream(history.spliterator(), false)
                .filter(row -> row.path("kind").asText().equals("deploy"))
                .count();
    }

    @Test
    @Order(3)
    void aHostKilledDuringCallsIsReplacedByAnother() throws IOException {
        int answered = 0;
        for (int i = 0; i < 60; i++) {
            if (i == 20) {
                ben.kill();
            }
            Api.Raw raw = tracker.call("ann/add", TWO_AND_THREE);
            String body = new String(raw.body(), StandardCharsets.UTF_8);
            if (raw.status() == 200) {
                assertThat(body).isEqualTo("{\"sum\":5}");
                answered++;
            } else {
                assertThat(body).contains("\"ORB-03");
            }
        }
        assertThat(answered).isGreaterThan(40);

        swarm.startNode("ben");
        swarm.awaitSeeders("ann/add", 2);
        assertThat(ben.json("whoami").path("seeds").toString()).contains("ann/add");
        assertReconciled(ben);
    }

    @Test
    @Order(4)
    @Tag("A3")
    @Tag("B1")
    void aNodeWhoseFirstTrackerIsGoneJoinsThroughTheSecond() throws IOException {
        Path genesis = swarm.home().resolve("second/genesis");
        Files.createDirectories(genesis.getParent());
        Files.copy(tracker.folder().resolve("genesis"), genesis);
        Member second = swarm.startTracker("second");
        List<String> lines = new ArrayList<>(Files.readAllLines(swarm.bootstrap()));
        Files.readAllLines(second.folder().resolve("bootstrap")).stream()
                .filter(line -> line.startsWith("tracker "))
                .forEach(lines::add);
        Path both = Files.write(swarm.home().resolve("both"), lines);
        Member cleo = swarm.startNodeWith(both, "cleo", "--seed", "never");
        assertThat(cleo.json("node", "status").path("tracker").asText()).isEqualTo(tracker.id());

        tracker.kill();
        cleo.kill();
        Member again = swarm.startNodeWith(both, "cleo", "--seed", "never");

        assertThat(again.json("node", "status").path("tracker").asText()).isEqualTo(second.id());
        assertThat(second.api().get("/v1/nodes").toString()).contains(again.id());
        again.stop();
        second.stop();
        swarm.startTracker("tracker");
    }

    @Test
    @Order(5)
    void aDamagedDatabaseIsNamedAtTheStart() throws Exception {
        ben.kill();
        Path records = ben.folder().resolve("records.db");
        Files.deleteIfExists(ben.folder().resolve("records.db-wal"));
        Files.deleteIfExists(ben.folder().resolve("records.db-shm"));
        byte[] bytes = Files.readAllBytes(records);
        for (int i = 0; i < bytes.length; i += 7) {
            bytes[i] ^= 0x55;
        }
        Files.write(records, bytes);

        Orb.Ran ran =
                Orb.run(
                        "node",
                        "start",
                        "--data",
                        ben.folder().toString(),
                        "--bootstrap",
                        swarm.bootstrap().toString());

        assertThat(ran.code()).isEqualTo(16);
        assertThat(ran.err()).contains("ORB-0602").contains("records.db").contains("next:");
        awaitAnswer(tracker);
        awaitAnswer(ann);
    }

    @Test
    @Order(6)
    void aTrackerWhoseDiskIsFullRefusesADeployWithTheReasonAndGoesOnAnswering() throws Exception {
        assumeTrue(disk.isPresent(), "needs the right to mount a small disk");
        Path source = Sources.module(swarm.folder("late"), "late", Wasm.countDown(77));
        disk.get().fill();

        Orb.Ran refused = ann.orb("deploy", source.toString(), "--plan", "metered");

        assertThat(refused.code()).as(refused.err()).isEqualTo(16);
        assertThat(refused.err()).contains("ORB-0601").contains("free some space");
        for (int i = 0; i < 10; i++) {
            assertThat(tracker.call("ann/add", TWO_AND_THREE).status()).isEqualTo(200);
        }
        assertThat(tracker.api().get("/v1/functions?search=late")).isEmpty();

        disk.get().free();
        ann.orb("deploy", source.toString(), "--plan", "metered").ok();
        assertReconciled(ann);
    }
}
