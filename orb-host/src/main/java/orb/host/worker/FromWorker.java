package orb.host.worker;

import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Result;
import orb.kernel.port.Event;

/** What a worker says to its node; see docs/protocol/worker.md. */
public sealed interface FromWorker {
    /**
     * The first message, and only the first.
     *
     * @param version of the protocol, {@link WorkerCodec#VERSION}
     */
    record Ready(int version) implements FromWorker {}

    /** An artefact was admitted and compiled, or why not. */
    record Prepared(Event.Prepared report) implements FromWorker {}

    /** A run ended. */
    record Ran(Event.Ran report) implements FromWorker {}

    /** An artefact's compiled code, or why there is none. */
    record Compiled(Digest artefact, Result<Bytes> code) implements FromWorker {}

    /** The answer to {@link ToWorker.Ping}. */
    record Pong(long number) implements FromWorker {}
}
