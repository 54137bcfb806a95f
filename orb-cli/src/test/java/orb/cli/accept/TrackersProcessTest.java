package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
    void aFunctionsPathAnswersAtEveryTrackerAlsoWhenTheOneThatGaveItsUrlIsKilled()
            throws Exception {
        try (Swarm swarm = Swarm.empty()) {
            up(swarm);
            List<Member> trackers = TRACKERS.stream().map(swarm::member).toList();

            for (Member tracker : trackers) {
                awaitAnswer(tracker);
            }
            Swarm.until("one ledger", () -> roots(trackers).stream().distinct().count() == 1);

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
