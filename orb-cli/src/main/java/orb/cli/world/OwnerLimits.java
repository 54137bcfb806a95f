package orb.cli.world;

import static orb.kernel.Require.require;

import java.util.Optional;
import orb.host.walls.NodeGroup;
import orb.host.walls.Share;
import orb.host.worker.WorkerProgram;
import orb.kernel.ByteSize;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/**
 * What the owner of a machine lets a node take of it.
 *
 * @param cpuPercent of one processor that node and workers may use together, empty for all
 * @param memory that a worker may hold, empty for what the machine gives
 * @param whenIdle whether it takes no calls of others while other programs use the machine
 */
public record OwnerLimits(
        Optional<Integer> cpuPercent, Optional<ByteSize> memory, boolean whenIdle) {
    public static final OwnerLimits NONE =
            new OwnerLimits(Optional.empty(), Optional.empty(), false);

    public OwnerLimits {
        cpuPercent.ifPresent(percent ->
                require(
                        percent >= Share.PERCENT_MIN && percent <= 100_000,
                        "--max-cpu is %d%%..100000%% of one processor, not %d%%",
                        Share.PERCENT_MIN,
                        percent));
    }

    /** Reads the words of the command line: {@code 25%}, {@code 1GiB}; empty ones set no limit. */
    public static OwnerLimits parse(String cpu, String memory, boolean whenIdle) {
        Optional<Integer> percent = Optional.empty();
        if (!cpu.isEmpty()) {
            require(cpu.matches("[0-9]{1,6}%"), "--max-cpu is a share such as 25%%, not %s", cpu);
            percent = Optional.of(Integer.parseInt(cpu.substring(0, cpu.length() - 1)));
        }
        Optional<ByteSize> most = Optional.empty();
        if (!memory.isEmpty()) {
            require(
                    memory.matches("[0-9]{1,6}(MiB|GiB)"),
                    "--max-memory is a size such as 1GiB or 900MiB, not %s",
                    memory);
            long mib = Long.parseLong(memory.substring(0, memory.length() - 3));
            most = Optional.of(ByteSize.mib(memory.endsWith("GiB") ? mib << 10 : mib));
        }
        return new OwnerLimits(percent, most, whenIdle);
    }

    /** Bounds this process, and with it what it starts, as far as the kernel does that here. */
    Optional<NodeGroup> join() {
        return cpuPercent.flatMap(NodeGroup::join);
    }

    WorkerProgram of(WorkerProgram program) {
        Share share =
                new Share(
                        cpuPercent
                                .map(most -> Math.min(most, program.share().percent()))
                                .orElse(program.share().percent()),
                        whenIdle);
        WorkerProgram bounded = program.with(share);
        return memory.map(bounded::within).orElse(bounded);
    }

    /**
     * Refuses native programs where each would get the whole share: nothing but a group of the
     * whole node bounds them and the workers together.
     */
    void requireShared(boolean joined) {
        if (cpuPercent.isPresent() && !joined) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.LIMIT_UNKEPT,
                            "--max-cpu cannot be kept with --processes: no control group of"
                                    + " version 1 bounds the whole node here",
                            "leave one of them out, or bound the node from outside: systemd-run"
                                    + " --user --scope -p CPUQuota="
                                    + cpuPercent.get()
                                    + "% ./orb node start ..."));
        }
    }

    /** Refuses where nothing would keep the limit. */
    void requireKept(boolean boundsProcessors) {
        if (cpuPercent.isPresent() && !boundsProcessors) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.LIMIT_UNKEPT,
                            "--max-cpu "
                                    + cpuPercent.get()
                                    + "% cannot be kept: no control group bounds processor time"
                                    + " here",
                            "orb doctor; systemd-run --user --scope -p CPUQuota="
                                    + cpuPercent.get()
                                    + "% ./orb node start ..."));
        }
    }
}
