package orb.cli.workshop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import orb.host.process.Processes;
import orb.host.walls.Share;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Limits;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.message.Grants;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Rights;
import orb.kernel.port.RunFacts;
import orb.sandbox.Run;

/** Runs a native program once, behind the walls that a node would put around it. */
final class ProgramTrial {
    private static final int PAGE_BITS = 16;
    private static final int GRACE_SECONDS = 60;

    private ProgramTrial() {}

    /**
     * What became of it.
     *
     * @throws RefusedException if a wall is missing, or it is no program of this machine
     */
    static Run run(Bytes program, Request request, Limits limits) throws IOException {
        Path folder = Files.createTempDirectory("orb-program");
        BlockingQueue<Event> heard = new LinkedBlockingQueue<>();
        try (Processes processes =
                Processes.alone(
                        Share.whole(),
                        limits.memory(),
                        new Processes.Lent(folder, _ -> Optional.of(program), heard::add))) {
            Digest name = processes.prepare(program).orThrow().artefact();
            Rights rights = new Rights.Trial(Grants.NONE);
            processes.run(new Effect.Run(1, name, request, limits, Digest.ZERO, rights));
            return run((Event.Ran) await(heard, limits));
        } finally {
            Files.deleteIfExists(folder);
        }
    }

    private static Run run(Event.Ran ran) {
        RunFacts facts = ran.facts();
        Run.Timings timings =
                new Run.Timings(facts.timing().instantiateNanos(), facts.timing().runNanos());
        int pages = Math.toIntExact(facts.peakMemory().bytes() >> PAGE_BITS);
        return new Run(ran.outcome(), facts.logs(), timings, pages);
    }

    private static Event await(BlockingQueue<Event> heard, Limits limits) {
        try {
            Event event = heard.poll(limits.wall().toSeconds() + GRACE_SECONDS, TimeUnit.SECONDS);
            return Optional.ofNullable(event)
                    .orElseThrow(() ->
                            new RefusedException(ErrorCode.TIMED_OUT, "the program did not end"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException(ErrorCode.TIMED_OUT, "interrupted");
        }
    }
}
