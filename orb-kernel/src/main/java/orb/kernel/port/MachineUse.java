package orb.kernel.port;

import static orb.kernel.Require.require;

import java.util.List;
import orb.kernel.message.UseReport;

/**
 * What a peer's workers use, and what else keeps its machine busy.
 *
 * @param started workers that were started so far
 * @param workers those that live
 * @param othersPermille share of all processors that other programs had since the last look,
 *     0..1,000
 */
public record MachineUse(long started, List<UseReport.Worker> workers, int othersPermille) {
    /** Before the first look. */
    public static final MachineUse NONE = new MachineUse(0, List.of(), 0);

    public MachineUse {
        workers = List.copyOf(workers);
        require(
                othersPermille >= 0 && othersPermille <= 1000,
                "othersPermille is 0..1000, not %d",
                othersPermille);
    }
}
