package orb.host.worker;

import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Result;
import orb.kernel.port.Event;
import orb.kernel.port.HostCall;

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

    /**
     * A run asks for a capability and waits; {@link ToWorker.Replied} follows.
     *
     * @param number counts the run's calls from 1, up to {@link HostCall#CALLS_MAX}
     */
    record Asked(long run, int number, HostCall call) implements FromWorker {}

    /** An artefact's compiled code, or why there is none. */
    record Compiled(Digest artefact, Result<Bytes> code) implements FromWorker {}

    /** The answer to {@link ToWorker.Ping}. */
    record Pong(long number) implements FromWorker {}
}
