package orb.cli.accept;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import orb.cli.verb.LyingTracker;
import orb.sim.liar.Lie;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** Four trackers that agree on the ledger, as {@code orb up --trackers 4} starts them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(600)
class TrackersProcessTest {
    private static final int UP_SECONDS = 400;
    private static final List<String> NODES = List.of("alice", "bob", "carol");
    private static final List<String> TRACKERS =
            List.of("tracker", "tracker2", "tracker3", "tracker4");
    private static final String ADD = "alice/add";

    /** Calls through the liar for each of its lies about money. */
    private static final int LIED_CALLS = 20;

    private static final String TWO_AND_THREE = "{\"a\":2,\"b\":3}";

    /** How long calls may fail after a tracker has died. */
    private static final Duration WINDOW = Duration.ofSeconds(2);

    /** Ten thousand take another minute: -Dorb.trackers.calls=10000. */
    private static final int CALLS = Integer.getInteger("orb.trackers.calls", 2_500);

    private Swarm swarm;
    private List<Member> trackers;
    private List<String> up;

    @BeforeAll
    void start() throws Exception {
        swarm = Swarm.empty();
        try {
            Path folder = swarm.home().resolve("data/orb/swarm");
            List<String> names = new ArrayList<>(NODES);
            names.addAll(TRACKERS);
            names.forEach(name -> swarm.adopt(name, folder.resolve(name)));
            String first = "" + Swarm.freeBlock();
            up = List.of("up", "-d", "--trackers", "4", "--samples", "add", "--ports", first);
            up();
            trackers = TRACKERS.stream().map(swarm::member).toList();
        } catch (Exception | AssertionError e) {
            swarm.close();
            throw e;
        }
    }

    @AfterAll
    void end() throws IOException {
        swarm.close();
    }

    /** Starts what does not run. */
    private void up() throws Exception {
        Path said = swarm.home().resolve("up.said");
        Process process =
                Orb.process(swarm.home(), up)
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        if (!process.waitFor(UP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as("up: %s", said).isZero();
    }

    @Test
    @Order(1)
    @Tag("B13")
    void whichTrackerIsAskedMakesNoDifference() throws Exception {
        Member alice = swarm.member("alice"); // who deployed through the first tracker
        trackers.forEach(TrackersProcessTest::awaitAnswer);
        for (Member tracker : trackers) {
            var answer = tracker.call(ADD, TWO_AND_THREE);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(Orb.parse(new String(answer.body(), UTF_8)).path("sum").asInt())
                    .isEqualTo(5);
        }
        awaitOneLedger(trackers);
        String account = alice.json("whoami").path("account").asText();
        assertThat(account).isNotEmpty();
        Swarm.until(
                "the same account and function at each of them",
                () ->
                        same(trackers, "/v1/accounts/" + account)
                                && same(trackers, "/v1/functions/" + ADD));
        JsonNode shown = trackers.get(2).api().get("/v1/accounts/" + account);
        Swarm.until(
                "alice's own wallet shows the same",
                () ->
                        alice.balance() == shown.path("balanceMicro").asLong()
                                || alice.balance() == balance(trackers.get(2), account));
        assertThat(shown.path("name").asText()).isEqualTo("alice");
    }

    private static long balance(Member tracker, String account) throws IOException {
        return tracker.api().get("/v1/accounts/" + account).path("balanceMicro").asLong();
    }

    private static boolean same(List<Member> trackers, String path) throws IOException {
        List<JsonNode> answers = new ArrayList<>();
        for (Member tracker : trackers) {
            answers.add(tracker.api().get(path));
        }
        return answers.stream().distinct().count() == 1;
    }

    /**
     * Each of two trackers has the whole ledger, which anyone can replay; a call's file verifies
     * without them, and does not with one byte changed.
     */
    @Test
    @Order(2)
    @Tag("E10")
    @Tag("F8")
    void twoTrackersEachProveTheWholeLedgerAndOneCallOffline() throws Exception {
        Member bob = swarm.member("bob");
        Swarm.until("bob's call", () -> bob.invoke("alice/add", TWO_AND_THREE).status() == 200);
        String call = bob.invoke("alice/add", TWO_AND_THREE).header("x-orb-call");
        Path folder = swarm.folder("audit");
        List<String> states = new ArrayList<>();
        for (Member tracker : trackers.subList(0, 2)) {
            String name = tracker.folder().getFileName().toString();
            Path kept = folder.resolve(name);
            String log = tracker.control().gateway() + "/log";
            Path file = folder.resolve(name + ".proof");
            Swarm.until(
                    "a final settlement at " + name,
                    () ->
                            bob.orb("audit", "export", call, "--from", log, "--to", "" + file)
                                            .code()
                                    == 0);
            Orb.run("ledger", "verify", "--from", log, "--keep", "" + kept).ok();
            var offline =
                    Orb.run("ledger", "verify", "--from", "" + kept, "-o", "json").ok().json();
            assertThat(offline.path("quorum").asInt()).isEqualTo(3);
            assertThat(offline.path("cosignedBy").size()).isGreaterThanOrEqualTo(3);
            states.add(offline.path("roster").asText());

            byte[] good = Files.readAllBytes(file);
            assertThat(good).hasSizeLessThan(10 << 10);
            Orb.run("audit", "verify", "" + file, "--roster", states.getFirst()).ok();
            good[good.length / 2] ^= 1;
            Files.write(file, good);
            assertThat(Orb.run("audit", "verify", "" + file, "--roster", states.getFirst()).err())
                    .contains("ORB-0");

            Path bundle = firstBundle(kept);
            byte[] bytes = Files.readAllBytes(bundle);
            bytes[40] ^= 1;
            Files.write(bundle, bytes);
            assertThat(Orb.run("ledger", "verify", "--from", "" + kept).err())
                    .contains("ORB-0703: entry 0 ");
        }
        assertThat(states).as("both name the same trackers").hasSize(2).containsOnly(states.get(0));
    }

    /** The bundle with entry 0 that was kept for the newest checkpoint. */
    private static Path firstBundle(Path kept) throws IOException {
        Path entries = kept.resolve("tile/entries");
        if (Files.exists(entries.resolve("000"))) {
            return entries.resolve("000");
        }
        try (Stream<Path> files = Files.list(entries.resolve("000.p"))) {
            return files.max(
                            Comparator.comparingInt(
                                    path -> Integer.parseInt(path.getFileName().toString())))
                    .orElseThrow();
        }
    }

    @Test
    @Order(3)
    @Tag("B7")
    void aFunctionsPathAnswersAtEveryTrackerAlsoWhenTheOneThatGaveItsUrlIsKilled()
            throws Exception {
        long before = entries(trackers.getLast());
        trackers.getFirst().kill(); // alice's node followed it, so it gave the URL
        List<Member> left = trackers.subList(1, 4);
        left.forEach(TrackersProcessTest::awaitAnswer);
        Member bob = swarm.member("bob");
        Swarm.until(
                "bob's call through another tracker",
                () -> bob.invoke(ADD, TWO_AND_THREE).status() == 200);
        Swarm.until(
                "its settlement, ordered by the three that are left",
                () ->
                        entries(left.getLast()) > before
                                && roots(left).stream().distinct().count() == 1);
        up();
        awaitOneLedger(trackers);
    }

    /** Clients know all four and go on to the next where nobody takes their connection. */
    @Test
    @Order(4)
    @Tag("B12")
    @Tag("E8")
    void callsGoOnWhenATrackerDiesUnderLoadAndEachOfThemIsCountedOnce() throws Exception {
        trackers.forEach(TrackersProcessTest::awaitAnswer);
        long before = awaitSettled(trackers);
        Load load = new Load(trackers);
        load.start();
        load.awaitCalls(CALLS / 3);
        Member dying = trackers.get(1);
        List<JsonNode> shown = history(dying, Long.MAX_VALUE);
        long killed = System.nanoTime();
        dying.kill();
        load.awaitCalls(2 * CALLS / 3);
        up(); // it comes back while the load goes on
        load.awaitEnd();

        assertThat(load.failures)
                .as("each begins before the window's end and ends after the kill")
                .allSatisfy(failure -> {
                    assertThat(failure.begun()).isLessThan(killed + WINDOW.toNanos());
                    assertThat(failure.ended()).isGreaterThan(killed);
                });
        long answered = load.answered.get();
        assertThat(answered).isGreaterThanOrEqualTo(CALLS - load.failures.size());
        // the hub that died has forgotten its last receipts: their hosts show them to it
        Swarm.until("each answered call settled", 120, () -> settled() - before >= answered);
        awaitOneLedger(trackers);
        assertThat(awaitSettled(trackers) - before)
                .as(
                        "%d answered, %d failed with their outcome unknown",
                        answered, load.failures.size())
                .isBetween(answered, answered + load.failures.size());
        for (Member tracker : trackers) {
            long behind = shown.getFirst().path("index").asLong() + 1;
            assertThat(history(tracker, behind)).as("what the dead one had shown").isEqualTo(shown);
        }
    }

    /**
     * The last of the four is replaced by one that lies on demand; what is found of it, and by
     * whom.
     */
    @Test
    @Order(9)
    @Tag("K4")
    void aTrackerThatLiesIsRefusedOrExposedInEveryWay() throws Exception {
        Member liar = trackers.getLast();
        List<Member> honest = trackers.subList(0, 3);
        awaitOneLedger(trackers);
        LyingTracker.replace(
                ProcessHandle.of(liar.control().pid()).orElseThrow(), liar.folder().resolve("log"));
        Swarm.until("the liar to stand", 300, () -> liar.isRunning() && callAt(liar) == 200);
        awaitOneLedger(trackers);
        String account = swarm.member("alice").json("whoami").path("account").asText();

        liesAs(liar, Lie.ENRICHES);
        Swarm.until(
                "its word to stand alone",
                () ->
                        same(honest, "/v1/accounts/" + account)
                                && !same(trackers, "/v1/accounts/" + account));

        long before = awaitSettled(honest);
        for (Lie lie : List.of(Lie.REPLAYS, Lie.CLAIMS)) {
            liesAs(liar, lie);
            for (int i = 0; i < LIED_CALLS; i++) {
                assertThat(callAt(liar)).as("%s", lie).isEqualTo(200);
            }
        }
        Swarm.until("its calls", 120, () -> settled(honest) >= before + 2 * LIED_CALLS);
        assertThat(awaitSettled(honest)).isEqualTo(before + 2 * LIED_CALLS);

        liesAs(liar, Lie.WITHHOLDS);
        assertThat(callAt(honest.getFirst())).isEqualTo(200);
        liesAs(liar, Lie.CENSORS);
        Path bootstrap = liar.folder().resolve("bootstrap");
        Member dave = swarm.startNodeWith(bootstrap, "dave", "--in-process"); // its account goes on
        Swarm.until(
                "dave's account",
                () -> accounts(honest.getFirst(), dave).path("name").asText().equals("dave"));

        liesAs(liar, Lie.FORKS);
        List<Member> all = new ArrayList<>(honest);
        NODES.forEach(name -> all.add(swarm.member(name)));
        all.add(dave);
        Swarm.until(
                "somebody to hold its two histories, or to be shown them",
                () -> told("checkpoint.forked", all, liar) || told("checkpoint.fraud", all, liar));
        for (Lie lie : List.of(Lie.CREDITS, Lie.REORDERS)) {
            liesAs(liar, lie);
            long size = finalSize(honest.getFirst());
            assertThat(callAt(honest.getFirst())).isEqualTo(200);
            Swarm.until("a final log without it", 120, () -> finalSize(honest.get(1)) > size);
            awaitOneLedger(honest);
        }
        assertThat(roots(trackers).getLast()).as("it reordered").isNotEqualTo(roots(honest).get(0));
        liesAs(liar, Optional.empty());
        liar.kill();
        up();
        awaitOneLedger(trackers); // it has read the one log again
    }

    private static void liesAs(Member liar, Lie lie) throws Exception {
        liesAs(liar, Optional.of(lie));
    }

    private static void liesAs(Member liar, Optional<Lie> lie) throws Exception {
        LyingTracker.lies(liar.folder(), lie);
    }

    private static int callAt(Member tracker) throws IOException {
        return tracker.call(ADD, TWO_AND_THREE).status();
    }

    private static long settled(List<Member> at) throws IOException {
        return at.getFirst().api().get("/v1/functions/" + ADD).path("calls").asLong();
    }

    private static JsonNode accounts(Member tracker, Member node) throws IOException {
        String account = node.json("whoami").path("account").asText();
        return tracker.api().get("/v1/accounts/" + account);
    }

    private static boolean told(String kind, List<Member> some, Member liar) throws IOException {
        for (Member each : some) {
            if (each.count(kind, liar.id()) > 0) {
                return true;
            }
        }
        return false;
    }

    /** Entries that the newest final checkpoint of a tracker covers: its note's second line. */
    private static long finalSize(Member tracker) throws Exception {
        URI note = URI.create(tracker.control().gateway() + "/log/checkpoint");
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(note).build();
            String text = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
            return Long.parseLong(text.lines().skip(1).findFirst().orElseThrow());
        }
    }

    /** The newest movements before a place in the log, on the account that pays the calls. */
    private List<JsonNode> history(Member tracker, long before) throws IOException {
        String alice = swarm.member("alice").json("whoami").path("account").asText();
        List<JsonNode> rows = new ArrayList<>();
        tracker.api()
                .get("/v1/accounts/" + alice + "/history?limit=400&before=" + before)
                .forEach(rows::add);
        return rows;
    }

    /** The settled calls of the function, once they have not changed for longer than an epoch. */
    private long awaitSettled(List<Member> trackers) throws Exception {
        long last = -1;
        for (int quiet = 0; quiet < 8; ) {
            TimeUnit.SECONDS.sleep(1);
            long calls = settled();
            quiet = calls == last && same(trackers, "/v1/functions/" + ADD) ? quiet + 1 : 0;
            last = calls;
        }
        return last;
    }

    private long settled() throws IOException {
        return settled(trackers);
    }

    private static void awaitOneLedger(List<Member> trackers) {
        Swarm.until("one ledger", () -> roots(trackers).stream().distinct().count() == 1);
    }

    private static void awaitAnswer(Member tracker) {
        Swarm.until(
                "an answer at " + tracker.folder().getFileName(),
                () -> tracker.call(ADD, TWO_AND_THREE).status() == 200);
    }

    private static long entries(Member tracker) throws IOException {
        return tracker.api().get("/v1/status").path("entries").asLong();
    }

    /** The root of every tracker's state: equal where they have applied the same entries. */
    private static List<String> roots(List<Member> trackers) throws IOException {
        List<String> roots = new ArrayList<>();
        for (Member tracker : trackers) {
            roots.add(tracker.api().get("/v1/status").path("stateRoot").asText());
        }
        return roots;
    }

    /** Six callers, each going round the trackers, until {@link #CALLS} calls are begun. */
    private static final class Load {
        private static final int CALLERS = 6;

        private final List<URI> urls;
        private final HttpClient http = HttpClient.newHttpClient();
        private final AtomicInteger begun = new AtomicInteger();
        private final AtomicInteger answered = new AtomicInteger();
        private final Queue<Failure> failures = new ConcurrentLinkedQueue<>();
        private final List<Thread> callers = new ArrayList<>();

        private record Failure(long begun, long ended, String why) {}

        Load(List<Member> trackers) {
            urls = trackers.stream().map(Load::url).toList();
        }

        private static URI url(Member tracker) {
            return URI.create(tracker.control().gateway() + "/f/" + ADD);
        }

        void start() {
            for (int i = 0; i < CALLERS; i++) {
                callers.add(Thread.ofPlatform().name("caller").start(this::call));
            }
        }

        void awaitCalls(int count) {
            Swarm.until(count + " calls", 300, () -> begun.get() >= count);
        }

        void awaitEnd() throws InterruptedException {
            for (Thread caller : callers) {
                caller.join();
            }
        }

        private void call() {
            for (int n = begun.getAndIncrement(); n < CALLS; n = begun.getAndIncrement()) {
                long at = System.nanoTime();
                try {
                    int status = somewhere(n);
                    if (status == 200) {
                        answered.incrementAndGet();
                    } else {
                        failures.add(new Failure(at, System.nanoTime(), "status " + status));
                    }
                } catch (IOException e) {
                    failures.add(new Failure(at, System.nanoTime(), e.toString()));
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        private int somewhere(int n) throws IOException, InterruptedException {
            for (int i = 0; ; i++) {
                try {
                    return status(urls.get((n + i) % urls.size()));
                } catch (ConnectException e) {
                    if (i == urls.size()) {
                        throw e;
                    }
                }
            }
        }

        private int status(URI url) throws IOException, InterruptedException {
            HttpRequest request =
                    HttpRequest.newBuilder(url)
                            .timeout(Duration.ofSeconds(30))
                            .header("content-type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(TWO_AND_THREE))
                            .build();
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        }
    }
}
