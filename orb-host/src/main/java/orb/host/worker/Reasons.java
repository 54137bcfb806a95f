package orb.host.worker;

import java.time.Duration;
import java.util.Optional;
import orb.kernel.ByteSize;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.TrapCode;

/** Why a worker did not do what it was asked for. */
public final class Reasons {
    private Reasons() {}

    /**
     * Memory that cannot be promised beside what was promised to others.
     *
     * @param promised bytes that other runs may take
     * @param most bytes that all runs together may be promised
     */
    public static Optional<Refusal> shortage(ByteSize wanted, long promised, long most) {
        if (wanted.bytes() > most) {
            return Optional.of(
                    new Refusal(
                            ErrorCode.OUT_OF_MEMORY,
                            "the function may take %d MiB, this node has %d MiB for functions"
                                    .formatted(wanted.bytes() >> 20, most >> 20),
                            "lower the memory limit in orb.yaml, or use a larger node"));
        }
        if (promised + wanted.bytes() > most) {
            return Optional.of(
                    new Refusal(
                            ErrorCode.BUSY,
                            "%d of %d MiB are promised to other runs"
                                    .formatted(promised >> 20, most >> 20),
                            "try again in a moment"));
        }
        return Optional.empty();
    }

    public static Refusal absent(Digest artefact) {
        return new Refusal(
                ErrorCode.HASH_MISMATCH, "the artefact " + artefact + " is missing or damaged");
    }

    static Refusal ended(boolean wasReady, String why) {
        return wasReady
                ? new Refusal(ErrorCode.WORKER_LOST, "the worker ended during the call: " + why)
                : new Refusal(
                        ErrorCode.WORKER_FAILED,
                        "the worker ended before it was ready: " + why,
                        "orb doctor says what is in the way");
    }

    static Outcome late() {
        return new Outcome.Trapped(
                TrapCode.DEADLINE,
                "the time was up, and the run could not be interrupted",
                Fuel.ZERO);
    }

    static Refusal tooLong(Duration most) {
        return new Refusal(
                ErrorCode.MODULE_BOMB,
                "compiling it takes longer than " + most.toSeconds() + " s",
                "make the module smaller");
    }
}
