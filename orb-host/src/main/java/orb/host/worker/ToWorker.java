package orb.host.worker;

import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.port.Effect;

/** What a node says to its worker; see docs/protocol/worker.md. */
public sealed interface ToWorker {
    /**
     * The first message, and only the first.
     *
     * @param threads runs at once, 1..{@link WorkerCodec#THREADS_MAX}
     * @param engine the module of the script engine, empty for none
     */
    record Start(int threads, Bytes engine) implements ToWorker {}

    /** Keep this artefact, to be prepared when it is first needed. */
    record Load(Digest artefact, Bytes content) implements ToWorker {}

    /** Keep this artefact no longer; it is loaded again before it is named again. */
    record Forget(Digest artefact) implements ToWorker {}

    /** Admit and compile; {@link FromWorker.Prepared} follows. */
    record Prepare(Digest artefact) implements ToWorker {}

    /** Run; {@link FromWorker.Ran} follows. */
    record Run(Effect.Run run) implements ToWorker {}

    /**
     * Use this compiled code of a loaded artefact from now on.
     *
     * @param code what a compiler process made of it; no bytes if there is none and none will come
     */
    record Code(Digest artefact, Bytes code) implements ToWorker {}

    /** Admit and compile, and run nothing; {@link FromWorker.Compiled} follows. */
    record Compile(Digest artefact, Bytes content) implements ToWorker {}

    /** Show a sign of life; {@link FromWorker.Pong} with the same number follows. */
    record Ping(long number) implements ToWorker {}
}
