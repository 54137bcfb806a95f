package orb.cli.world;

import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/** What stands between a peer and the functions that it runs, and of which kinds they are. */
public enum Isolation {
    /** Nothing but the sandbox: they run inside the peer's own process. */
    SANDBOX_ALONE,
    /** The sandbox, in worker processes behind the walls of this machine. */
    WORKERS,
    /** As before, and native programs too, which have the walls alone. */
    WORKERS_AND_PROGRAMS;

    /**
     * As two words of the command line say.
     *
     * @throws RefusedException if they contradict each other
     */
    public static Isolation of(boolean inProcess, boolean processes) {
        if (inProcess && processes) {
            throw new RefusedException(
                    ErrorCode.BAD_ARGUMENT,
                    "--processes needs walls, and --in-process does without: give one of them");
        }
        if (inProcess) {
            return SANDBOX_ALONE;
        }
        return processes ? WORKERS_AND_PROGRAMS : WORKERS;
    }
}
