package orb.cli.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import orb.cli.workshop.Engine;
import orb.host.capability.Granting;
import orb.host.walls.Walls;
import orb.host.worker.WorkerPorts;
import orb.host.worker.WorkerProgram;
import orb.host.worker.WorkerTimes;
import orb.host.worker.Workers;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.message.Grants;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Rights;
import orb.node.admission.FairQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Five hundred functions that never end and a polite one, before one real worker. */
@Timeout(240)
class CrowdTest {
    private static final int HOSTILE = 500;
    private static final int POLITE_CALLS = 40;
    private static final int PLACES = 4;
    private static final int QUEUE_MAX = 512;
    private static final Limits LIMITS =
            new Limits(ByteSize.mib(16), new Fuel(40_000_000), Duration.ofMinutes(1));

    private final BlockingQueue<Event> heard = new LinkedBlockingQueue<>();
    private final Map<Digest, Bytes> blobs = new ConcurrentHashMap<>();
    private final FairQueue<Digest> queue = new FairQueue<>(PLACES, QUEUE_MAX);
    private final Map<Long, FairQueue.Place> running = new HashMap<>();
    private long lastRun;
    private int turnedAway;

    @Test
    @Tag("H2")
    @Tag("K3")
    void thePoliteOneIsAlwaysAnsweredAndEachOtherStoppedOrTurnedAway() throws Exception {
        WorkerProgram program = WorkerProgram.ofThisOne(WorkerMain.class.getName(), PLACES);
        Path add = Path.of(System.getProperty("orb.root", ".."), "examples/add/add.wasm");
        Digest polite = keep(Bytes.wrap(Files.readAllBytes(add)));
        List<Outcome> answers = new ArrayList<>();
        List<Outcome> stopped = new ArrayList<>();
        try (Workers workers =
                new Workers(
                        Walls.find(program),
                        program,
                        Engine.scriptEngine(),
                        new WorkerPorts(
                                d -> Optional.ofNullable(blobs.get(d)),
                                heard::add,
                                Optional.empty(),
                                Granting::trial),
                        WorkerTimes.DEFAULT)) {
            call(workers, polite);
            answers.add(next(workers).outcome());
            for (int i = 0; i < HOSTILE; i++) {
                call(workers, keep(hostile(i)));
            }
            call(workers, polite);
            while (answers.size() < POLITE_CALLS) {
                boolean isPolite = running.values().stream().anyMatch(p -> isOf(p, polite));
                Event.Ran ran = next(workers);
                if (ran.outcome() instanceof Outcome.Completed) {
                    answers.add(ran.outcome());
                    call(workers, polite);
                } else {
                    stopped.add(ran.outcome());
                }
                assertThat(isPolite).as("it never waits for one of the others").isTrue();
            }
        }

        assertThat(answers).allMatch(Outcome.Completed.class::isInstance);
        assertThat(stopped).allMatch(Outcome.OutOfFuel.class::isInstance);
        assertThat(turnedAway).as("beyond half of the queue").isEqualTo(HOSTILE - 2 - 256);
    }

    private static boolean isOf(FairQueue.Place place, Digest artefact) {
        return place.artefact().equals(artefact);
    }

    /** An endless loop with a digest of its own. */
    private static Bytes hostile(int number) {
        byte[] mark = {0, 4, 1, 'n', (byte) number, (byte) (number >> 8)};
        return Bytes.wrap(HostileModule.endless()).concat(Bytes.of(mark));
    }

    private Digest keep(Bytes artefact) {
        Digest name = Digest.of(artefact);
        blobs.put(name, artefact);
        return name;
    }

    private void call(Workers workers, Digest artefact) {
        Optional<FairQueue.Place> place = queue.enter(artefact);
        if (place.isPresent()) {
            start(workers, place.get());
        } else if (!queue.await(artefact, artefact)) {
            turnedAway++;
        }
    }

    private void start(Workers workers, FairQueue.Place place) {
        running.put(++lastRun, place);
        Request request = Request.post(Bytes.utf8("{\"a\":2,\"b\":3}"));
        workers.run(
                new Effect.Run(
                        lastRun,
                        place.artefact(),
                        request,
                        LIMITS,
                        Digest.ZERO,
                        new Rights.Trial(Grants.NONE)));
    }

    private Event.Ran next(Workers workers) throws InterruptedException {
        Event event = heard.poll(200, TimeUnit.SECONDS);
        assertThat(event).isInstanceOf(Event.Ran.class);
        Event.Ran ran = (Event.Ran) event;
        queue.ended(running.remove(ran.run()), ran.outcome().used());
        queue.next().ifPresent(turn -> start(workers, turn.place()));
        return ran;
    }
}
