package orb.host.worker;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.HostCalls;

/**
 * What a node lends its workers.
 *
 * @param blobs reads an artefact by its digest, checked
 * @param reports gets what became of each effect, and what was noticed of artefacts; may be called
 *     under a lock, so it never waits
 * @param compiling makes the code of artefacts; without it the worker interprets them
 * @param lines opens a run's way to what this node grants it
 */
public record WorkerPorts(
        Function<Digest, Optional<Bytes>> blobs,
        Consumer<Event> reports,
        Optional<Compiling> compiling,
        Function<Effect.Run, HostCalls> lines) {
    Worker.Sources sources() {
        return new Worker.Sources(
                blobs,
                (artefact, content) ->
                        compiling
                                .map(each -> each.code(artefact, content))
                                .orElse(Optional.of(Compiling.NO_CODE)));
    }

    boolean isBeingMade(Digest artefact) {
        return compiling.map(each -> each.isUnderWay(artefact)).orElse(false);
    }
}
