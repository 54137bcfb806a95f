package orb.host.walls;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The walls that this machine can put around a worker, found out by trying each, and the command
 * that starts a worker behind all of them.
 *
 * <p>A wall that was found is never left out later: a worker that cannot get it does not start.
 * Thread-safe.
 */
public final class Walls implements AutoCloseable {
    /**
     * Sets what the kernel counts for one process, joins the control groups, opens the filter, and
     * becomes the command. Words: how many KiB may be written to or nothing, the filter or nothing,
     * how many files to join by, these, the command.
     */
    private static final String SCRIPT =
            """
            if [ -n "$1" ]; then
                ulimit -c 0 && ulimit -f 0 && ulimit -n 256 && ulimit -d "$1" || exit 125
            fi
            filter=$2 joins=$3
            shift 3
            while [ "$joins" -gt 0 ]; do
                echo $$ >"$1" || exit 125
                shift
                joins=$((joins - 1))
            done
            if [ -n "$filter" ]; then exec 9<"$filter"; fi
            exec "$@"
            """;

    private final Contained program;
    private final Cgroup.Places groups;
    private final Found found;

    /**
     * What stands.
     *
     * @param bubblewrap empty without namespaces
     * @param filter where the system call filter was written
     * @param grouped whether control groups can be made
     * @param limited whether resource limits can be set
     */
    record Found(
            Optional<Bubblewrap> bubblewrap,
            Optional<Path> filter,
            boolean grouped,
            boolean limited,
            List<Layer> layers) {}

    /** A program about to start: its process and the group it will be in. */
    public record Start(ProcessBuilder builder, Optional<Cgroup> group) {}

    private Walls(Contained program, Cgroup.Places groups, Found found) {
        this.program = program;
        this.groups = groups;
        this.found = found;
    }

    /**
     * Tries each wall with a program that ends at once.
     *
     * @param program what is to run behind them
     */
    public static Walls find(Contained program) {
        return find(program, Cgroup.Places.SYSTEM);
    }

    static Walls find(Contained program, Cgroup.Places groups) {
        Cgroup.sweep(groups);
        return new Walls(program, groups, new WallSearch(program, groups).found());
    }

    /** The same walls around another program; they stand until both are closed. */
    public Walls around(Contained other) {
        return new Walls(other, groups, found);
    }

    /**
     * The walls for a program of another kind, tried anew with it.
     *
     * @param other what is to run behind them
     */
    public Walls searchedFor(Contained other) {
        return new Walls(other, groups, new WallSearch(other, groups).found());
    }

    /** Whether all walls stand. */
    public boolean isComplete() {
        return found.layers.stream().allMatch(Layer::active);
    }

    /** What was found, in the order of the walls, missing ones too. */
    public List<Layer> layers() {
        return found.layers;
    }

    /** Whether a share of the processors can be kept. */
    public boolean boundsProcessors() {
        try (Cgroup group = group(program, groups)) {
            return found.grouped && group.boundsProcessors();
        }
    }

    /** The next process of the program, behind all walls that were found. */
    public Start start() throws IOException {
        Optional<Cgroup> group =
                found.grouped ? Optional.of(group(program, groups)) : Optional.empty();
        List<String> within = new ArrayList<>();
        if (found.bubblewrap.isPresent()) {
            within.addAll(found.bubblewrap.get().words(program, found.filter.isPresent()));
        }
        within.addAll(program.command());
        List<Path> joins = group.map(Cgroup::joins).orElse(List.of());
        return new Start(
                builder(
                        limit(program, found.limited),
                        found.filter,
                        joins,
                        within,
                        program.environment()),
                group);
    }

    /** A group for one process of the program. */
    static Cgroup group(Contained program, Cgroup.Places places) {
        Cgroup.Bounds bounds =
                new Cgroup.Bounds(program.memory().bytes(), program.pids(), program.share());
        return Cgroup.make(places, Cgroup.nextName(), bounds);
    }

    static String limit(Contained program, boolean limited) {
        return limited ? "" + (program.data().bytes() >> 10) : "";
    }

    static ProcessBuilder builder(
            String limit,
            Optional<Path> filter,
            List<Path> joins,
            List<String> within,
            Map<String, String> environment) {
        List<String> words = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "orb-worker"));
        words.add(limit);
        words.add(filter.map(Path::toString).orElse(""));
        words.add("" + joins.size());
        joins.forEach(join -> words.add(join.toString()));
        words.addAll(within);
        ProcessBuilder builder = new ProcessBuilder(words).directory(Path.of("/").toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder;
    }

    @Override
    public void close() {
        found.filter.ifPresent(file -> file.toFile().delete());
    }
}
