package orb.host.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import orb.kernel.Bytes;

/**
 * The walls that this machine can put around a worker, found out by trying each, and the command
 * that starts a worker behind all of them.
 *
 * <p>A wall that was found is never left out later: a worker that cannot get it does not start.
 * Thread-safe.
 */
public final class Walls implements AutoCloseable {
    private static final String INSTALL = "apt-get install -y bubblewrap";
    private static final int TRY_SECONDS = 20;
    private static final int SAID_MAX = 500;

    /**
     * Sets what the kernel counts for one process, joins the control group, opens the filter, and
     * becomes the command. Words: the filter or nothing, how many files to join by, these, the
     * command.
     */
    private static final String SCRIPT =
            """
            ulimit -c 0 && ulimit -f 0 && ulimit -n 256 && ulimit -d "$1" || exit 125
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

    private final WorkerProgram program;
    private final Cgroup.Places groups;
    private final Optional<Bubblewrap> bubblewrap;
    private final Optional<Path> filter;
    private final boolean grouped;
    private final List<Layer> layers;
    private final AtomicInteger started = new AtomicInteger();

    private record Found(boolean stands, String said) {}

    private Walls(Looking looked) {
        this.program = looked.program;
        this.groups = looked.groups;
        this.bubblewrap = looked.bubblewrap;
        this.filter = looked.filter;
        this.grouped = looked.grouped;
        this.layers = List.copyOf(looked.layers);
    }

    /**
     * Tries each wall with a program that ends at once.
     *
     * @param program what is to run behind them
     */
    public static Walls find(WorkerProgram program) {
        return find(program, Cgroup.Places.SYSTEM);
    }

    static Walls find(WorkerProgram program, Cgroup.Places groups) {
        Looking looking = new Looking(program, groups);
        looking.look();
        return new Walls(looking);
    }

    /** What was found, in the order of the walls, missing ones too. */
    public List<Layer> layers() {
        return layers;
    }

    /** A worker about to start: its process and the group it will be in. */
    record Start(ProcessBuilder builder, Optional<Cgroup> group) {}

    /** The next worker, behind all walls that were found. */
    Start start() throws IOException {
        Optional<Cgroup> group =
                grouped
                        ? Optional.of(group(program, groups, started.incrementAndGet()))
                        : Optional.empty();
        List<Path> joins = group.map(Cgroup::joins).orElse(List.of());
        List<String> within = new ArrayList<>();
        if (bubblewrap.isPresent()) {
            within.addAll(bubblewrap.get().words(program, filter.isPresent()));
        }
        within.addAll(program.command());
        return new Start(builder(program, filter, joins, within), group);
    }

    private static Cgroup group(WorkerProgram program, Cgroup.Places places, int number) {
        Cgroup.Bounds bounds =
                new Cgroup.Bounds(
                        program.memory().bytes(),
                        program.pids(),
                        Runtime.getRuntime().availableProcessors());
        String name = "orb-worker-" + ProcessHandle.current().pid() + "-" + number;
        return Cgroup.make(places, name, bounds);
    }

    private static ProcessBuilder builder(
            WorkerProgram program, Optional<Path> filter, List<Path> joins, List<String> within) {
        List<String> words = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "orb-worker"));
        words.add("" + (program.data().bytes() >> 10));
        words.add(filter.map(Path::toString).orElse(""));
        words.add("" + joins.size());
        joins.forEach(join -> words.add(join.toString()));
        words.addAll(within);
        ProcessBuilder builder = new ProcessBuilder(words).directory(Path.of("/").toFile());
        builder.environment().clear();
        // the allocator of the C library would else keep some memory for each thread
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        return builder;
    }

    @Override
    public void close() {
        filter.ifPresent(file -> file.toFile().delete());
    }

    /** The search; each step builds on what the one before found. */
    private static final class Looking {
        private final WorkerProgram program;
        private final Cgroup.Places groups;
        private final List<Layer> layers = new ArrayList<>();
        private Optional<Bubblewrap> bubblewrap = Optional.empty();
        private Optional<Path> filter = Optional.empty();
        private boolean grouped;

        Looking(WorkerProgram program, Cgroup.Places groups) {
            this.program = program;
            this.groups = groups;
        }

        void look() {
            layers.add(Layer.active("process", "functions run in a process without keys or files"));
            namespaces();
            seccomp();
            cgroup();
            Found limits = attempt(List.of(), List.of("/bin/sh", "-c", ":"));
            layers.add(
                    limits.stands
                            ? Layer.active("rlimits", "no core, no file, 256 open files, memory")
                            : Layer.missing("rlimits", limits.said, "raise the limits of ulimit"));
        }

        private void namespaces() {
            Optional<Bubblewrap> found = Bubblewrap.find();
            if (found.isEmpty()) {
                layers.add(Layer.missing("namespaces", "bubblewrap is not installed", INSTALL));
                return;
            }
            Found tried = within(found.get(), false);
            if (tried.stands) {
                bubblewrap = found;
                layers.add(
                        Layer.active(
                                "namespaces",
                                "own users, processes, network and read-only file system"));
            } else {
                layers.add(
                        Layer.missing(
                                "namespaces",
                                tried.said,
                                "allow user namespaces: sysctl user.max_user_namespaces,"
                                        + " kernel.apparmor_restrict_unprivileged_userns"));
            }
        }

        private void seccomp() {
            if (bubblewrap.isEmpty()) {
                layers.add(Layer.missing("seccomp", "bubblewrap puts it in place", INSTALL));
                return;
            }
            String architecture = System.getProperty("os.arch");
            Optional<Bytes> table = SystemCalls.of(architecture).map(Filter::of);
            if (table.isEmpty()) {
                layers.add(
                        Layer.missing(
                                "seccomp", "no table of system calls for " + architecture, ""));
                return;
            }
            try {
                Path file = Files.createTempFile("orb-worker", ".bpf");
                Files.write(file, table.get().array());
                filter = Optional.of(file);
            } catch (IOException e) {
                layers.add(Layer.missing("seccomp", "writing the filter: " + e, "free some disk"));
                return;
            }
            Found tried = within(bubblewrap.get(), true);
            if (tried.stands) {
                layers.add(Layer.active("seccomp", "only the system calls of a JVM that computes"));
            } else {
                filter.get().toFile().delete();
                filter = Optional.empty();
                layers.add(
                        Layer.missing("seccomp", tried.said, "use a kernel with CONFIG_SECCOMP"));
            }
        }

        private void cgroup() {
            try (Cgroup group = group(program, groups, 0)) {
                Found tried =
                        group.isComplete()
                                ? attempt(group.joins(), List.of("/bin/sh", "-c", ":"))
                                : new Found(false, group.trouble());
                grouped = tried.stands;
                layers.add(
                        tried.stands
                                ? Layer.active("cgroup", group.description())
                                : Layer.missing(
                                        "cgroup",
                                        tried.said,
                                        "systemd-run --user --scope -p Delegate=yes ./orb ..."));
            }
        }

        /** The loader, told to check the JVM's program, ends at once: it needs all but Java. */
        private Found within(Bubblewrap wrap, boolean filtered) {
            Optional<Path> loader = Bubblewrap.loader();
            if (loader.isEmpty()) {
                return new Found(false, "this system's dynamic loader is at no known place");
            }
            try {
                List<String> words = new ArrayList<>(wrap.words(program, filtered));
                words.add(loader.get().toString());
                words.add("--verify");
                words.add(program.java().toString());
                return attempt(List.of(), words);
            } catch (IOException e) {
                return new Found(false, "looking for what a JVM needs: " + e);
            }
        }

        private Found attempt(List<Path> joins, List<String> words) {
            try {
                Process process =
                        builder(program, filter, joins, words).redirectErrorStream(true).start();
                process.getOutputStream().close();
                if (!process.waitFor(TRY_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    return new Found(false, "it did not end in " + TRY_SECONDS + " s");
                }
                String said =
                        new String(
                                        process.getInputStream().readNBytes(SAID_MAX),
                                        StandardCharsets.UTF_8)
                                .strip();
                return process.exitValue() == 0
                        ? new Found(true, "")
                        : new Found(false, "status " + process.exitValue() + ": " + said);
            } catch (IOException e) {
                return new Found(false, e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Found(false, "interrupted");
            }
        }
    }
}
