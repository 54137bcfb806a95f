package orb.host.walls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import orb.kernel.Bytes;

/**
 * Tries the walls of this machine: all together, and where that fails one after the other, so that
 * each missing one has its own reason. For one thread and one search.
 */
final class WallSearch {
    private static final Layer PROCESS =
            Layer.active("process", "functions run in a process without keys or files");
    private static final Layer NAMESPACES =
            Layer.active("namespaces", "own users, processes, network, read-only file system");
    private static final Layer SECCOMP =
            Layer.active("seccomp", "only the system calls of a JVM that computes");
    private static final Layer RLIMITS =
            Layer.active("rlimits", "no core, no file, 256 open files, bounded memory");

    private static final String INSTALL = "apt-get install -y bubblewrap";
    private static final List<String> NOTHING = List.of("/bin/sh", "-c", ":");
    private static final String FILTER = "orb-walls-";
    private static final int TRY_SECONDS = 20;
    private static final int SAID_MAX = 500;

    private final Contained program;
    private final Cgroup.Places groups;
    private Optional<Bubblewrap> bubblewrap = Bubblewrap.find();
    private Optional<Path> filter = Optional.empty();
    private boolean grouped = true;
    private boolean limited = true;

    private record Tried(boolean stands, String said) {
        Layer layer(Layer active, String next) {
            return stands ? active : Layer.missing(active.name(), said, next);
        }
    }

    WallSearch(Contained program, Cgroup.Places groups) {
        this.program = program;
        this.groups = groups;
    }

    Walls.Found found() {
        Tried written = writeFilter();
        List<Layer> layers = new ArrayList<>(List.of(PROCESS));
        try (Cgroup group = Walls.group(program, groups)) {
            Layer cgroup = Layer.active("cgroup", group.description());
            boolean all = bubblewrap.isPresent() && written.stands && group.isComplete();
            if (all && within(true, group.joins()).stands) {
                layers.addAll(List.of(NAMESPACES, SECCOMP, cgroup, RLIMITS));
            } else {
                layers.addAll(oneByOne(written, group, cgroup));
            }
        }
        return new Walls.Found(bubblewrap, filter, grouped, limited, List.copyOf(layers));
    }

    private List<Layer> oneByOne(Tried written, Cgroup group, Layer cgroup) {
        Tried limits = attempt(List.of(), NOTHING);
        limited = limits.stands;

        Tried namespaces =
                bubblewrap.isPresent()
                        ? within(false, List.of())
                        : new Tried(false, "bubblewrap is not installed");
        String how =
                bubblewrap.isPresent()
                        ? "allow user namespaces: sysctl user.max_user_namespaces,"
                                + " kernel.apparmor_restrict_unprivileged_userns"
                        : INSTALL;
        if (!namespaces.stands) {
            bubblewrap = Optional.empty();
        }

        Tried seccomp = written;
        if (bubblewrap.isEmpty()) {
            seccomp = new Tried(false, "bubblewrap would put it in place");
        } else if (written.stands) {
            seccomp = within(true, List.of());
        }
        if (!seccomp.stands) {
            filter.ifPresent(file -> file.toFile().delete());
            filter = Optional.empty();
        }

        Tried grouping =
                group.isComplete()
                        ? attempt(group.joins(), NOTHING)
                        : new Tried(false, group.trouble());
        grouped = grouping.stands;

        return List.of(
                namespaces.layer(NAMESPACES, how),
                seccomp.layer(SECCOMP, bubblewrap.isEmpty() ? how : "a kernel with seccomp"),
                grouping.layer(cgroup, "systemd-run --user --scope -p Delegate=yes ./orb ..."),
                limits.layer(RLIMITS, "raise the limits that ulimit -Ha shows"));
    }

    /** Removes filters of nodes that were killed. */
    private static void sweep() throws IOException {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, FILTER + "*.bpf")) {
            for (Path file : left) {
                String pid = file.getFileName().toString().split("-", -1)[2];
                if (pid.matches("[0-9]{1,10}")
                        && ProcessHandle.of(Long.parseLong(pid)).isEmpty()
                        && Files.isWritable(file)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private Tried writeFilter() {
        String architecture = System.getProperty("os.arch");
        Optional<Bytes> table = SystemCalls.of(architecture, program.calls()).map(Filter::of);
        if (table.isEmpty()) {
            return new Tried(false, "there is no table of system calls for " + architecture);
        }
        try {
            sweep();
            Path file = Files.createTempFile(FILTER + ProcessHandle.current().pid() + "-", ".bpf");
            Files.write(file, table.get().array());
            filter = Optional.of(file);
            return new Tried(true, "");
        } catch (IOException e) {
            return new Tried(false, "writing the filter: " + e);
        }
    }

    /** The loader, told to check the JVM's program, ends at once: it needs all but Java. */
    private Tried within(boolean filtered, List<Path> joins) {
        Optional<Path> loader = Bubblewrap.loader();
        if (loader.isEmpty()) {
            return new Tried(false, "this system's dynamic loader is at no known place");
        }
        try {
            List<String> words = bubblewrap.orElseThrow().words(program, filtered);
            words.add(loader.get().toString());
            words.add("--verify");
            words.add(program.loadable().toString());
            return attempt(joins, words);
        } catch (IOException e) {
            return new Tried(false, "looking for what a JVM needs: " + e);
        }
    }

    private Tried attempt(List<Path> joins, List<String> words) {
        try {
            Process process =
                    Walls.builder(Walls.limit(program, limited), filter, joins, words, Map.of())
                            .redirectErrorStream(true)
                            .start();
            process.getOutputStream().close();
            if (!process.waitFor(TRY_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return new Tried(false, "it did not end in " + TRY_SECONDS + " s");
            }
            byte[] said = process.getInputStream().readNBytes(SAID_MAX);
            String text = new String(said, StandardCharsets.UTF_8).strip();
            return process.exitValue() == 0
                    ? new Tried(true, "")
                    : new Tried(false, "status " + process.exitValue() + ": " + text);
        } catch (IOException e) {
            return new Tried(false, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Tried(false, "interrupted");
        }
    }
}
