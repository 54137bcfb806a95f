package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Four trackers that agree on the ledger, as {@code orb up --trackers 4} starts them. */
@Timeout(600)
class TrackersProcessTest {
    private static final int UP_SECONDS = 400;
    private static final List<String> TRACKERS =
            List.of("tracker", "tracker2", "tracker3", "tracker4");
    private static final String TWO_AND_THREE = "{\"a\":2,\"b\":3}";

    @Test
    @Tag("B7")
    @Tag("E10")
    @Tag("F8")
    void aFunctionsPathAnswersAtEveryTrackerAlsoWhenTheOneThatGaveItsUrlIsKilled()
            throws Exception {
        try (Swarm swarm = Swarm.empty()) {
            up(swarm);
            List<Member> trackers = TRACKERS.stream().map(swarm::member).toList();

            for (Member tracker : trackers) {
                awaitAnswer(tracker);
            }
            Swarm.until("one ledger", () -> roots(trackers).stream().distinct().count() == 1);

            verifiesOffline(swarm, trackers);
            long before = entries(trackers.getLast());
            trackers.getFirst().kill(); // alice's node followed it, so it gave the URL
            List<Member> left = trackers.subList(1, 4);
            for (Member tracker : left) {
                awaitAnswer(tracker);
            }
            Member bob = swarm.member("bob");
            Swarm.until(
                    "bob's call through another tracker",
                    () -> bob.invoke("alice/add", TWO_AND_THREE).status() == 200);
            Swarm.until(
                    "its settlement, ordered by the three that are left",
                    () ->
                            entries(left.getLast()) > before
                                    && roots(left).stream().distinct().count() == 1);
        }
    }

    /**
     * Each of two trackers has the whole ledger, which anyone can replay; a call's file verifies
     * without them, and does not with one byte changed.
     */
    private static void verifiesOffline(Swarm swarm, List<Member> trackers) throws Exception {
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
            assertThat(Orb.run("audit", "verify", "" + file).err()).contains("ORB-0");

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

    private static void up(Swarm swarm) throws Exception {
        Path folder = swarm.home().resolve("data/orb/swarm");
        List<String> names = new ArrayList<>(List.of("alice", "bob", "carol"));
        names.addAll(TRACKERS);
        names.forEach(name -> swarm.adopt(name, folder.resolve(name)));
        Path said = swarm.home().resolve("up.said");
        String first = "" + Swarm.freeBlock();
        Process process =
                Orb.process(swarm.home(), List.of("up", "-d", "--trackers", "4", "--ports", first))
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        if (!process.waitFor(UP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as("up: %s", said).isZero();
    }

    private static void awaitAnswer(Member tracker) {
        Swarm.until(
                "an answer at " + tracker.folder().getFileName(),
                () -> {
                    var raw = tracker.call("alice/add", TWO_AND_THREE);
                    return raw.status() == 200;
                });
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
}
