package orb.host.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The words that make bubblewrap build a worker's world: new user, pid, ipc, uts, net and cgroup
 * namespaces, no capability, and a read-only file system that holds the JDK, the libraries that a
 * JVM maps, and the worker's jars.
 *
 * <p>Nothing in it can be written, not even a temporary folder: memory that files take would count
 * for nobody.
 */
final class Bubblewrap {
    /** The file descriptor that the filter is handed over by. */
    static final int FILTER_FD = 9;

    private static final List<Path> MAPS_FROM =
            List.of(Path.of("/lib"), Path.of("/lib64"), Path.of("/usr"), Path.of("/nix"));
    private static final List<Path> LINKS =
            List.of(Path.of("/lib"), Path.of("/lib64"), Path.of("/usr/lib64"));
    private static final List<Path> LOADERS =
            List.of(Path.of("/lib64/ld-linux-x86-64.so.2"), Path.of("/lib/ld-linux-aarch64.so.1"));

    /** What a JVM loads late: its zip library, and what ends threads. */
    private static final List<String> LATE =
            List.of("libz.so.1", "libgcc_s.so.1", "librt.so.1", "libdl.so.2", "libpthread.so.0");

    private static final int LINKS_MAX = 10_000;

    private final Path program;

    Bubblewrap(Path program) {
        this.program = program;
    }

    /** Bubblewrap where it is installed. */
    static Optional<Bubblewrap> find() {
        return Stream.of("/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .map(Bubblewrap::new);
    }

    /** The words before the command that runs within. */
    List<String> words(WorkerProgram worker, boolean filtered) throws IOException {
        List<String> words = new ArrayList<>();
        words.add(program.toString());
        words.addAll(
                List.of(
                        "--unshare-user",
                        "--unshare-pid",
                        "--unshare-ipc",
                        "--unshare-uts",
                        "--unshare-net",
                        "--unshare-cgroup-try",
                        "--uid",
                        "65534",
                        "--gid",
                        "65534",
                        "--hostname",
                        "orb-worker",
                        "--cap-drop",
                        "ALL",
                        "--die-with-parent",
                        "--new-session"));
        for (Path link : LINKS) {
            if (Files.isSymbolicLink(link)) {
                add(words, "--symlink", Files.readSymbolicLink(link), link);
            }
        }
        for (Path library : libraries()) {
            readOnly(words, library, place(library));
        }
        readOnly(words, worker.javaHome(), worker.javaHome());
        for (Path outside : outside(worker.javaHome())) {
            readOnly(words, outside, outside);
        }
        for (Path entry : worker.classPath()) {
            readOnly(words, entry, entry);
        }
        words.addAll(List.of("--proc", "/proc", "--dev", "/dev"));
        words.addAll(List.of("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"));
        if (filtered) {
            words.addAll(List.of("--seccomp", "" + FILTER_FD));
        }
        words.add("--");
        return words;
    }

    private static void readOnly(List<String> words, Path from, Path to) {
        add(words, "--ro-bind", from, to);
    }

    private static void add(List<String> words, String word, Path from, Path to) {
        words.add(word);
        words.add(from.toString());
        words.add(to.toString());
    }

    /** The dynamic loader, which can also be run by itself. */
    static Optional<Path> loader() {
        return LOADERS.stream().filter(Files::isExecutable).findFirst();
    }

    /** What this JVM has mapped of the system, which the same JVM needs again. */
    private static List<Path> libraries() throws IOException {
        TreeSet<Path> found = new TreeSet<>();
        loader().ifPresent(found::add);
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            int at = line.indexOf('/');
            if (at > 0 && line.contains(".so") && !line.endsWith("(deleted)")) {
                Path library = Path.of(line.substring(at));
                if (MAPS_FROM.stream().anyMatch(library::startsWith)) {
                    found.add(library);
                }
            }
        }
        for (Path library : List.copyOf(found)) {
            if (library.getFileName().toString().startsWith("libc.so")) {
                LATE.stream()
                        .map(library::resolveSibling)
                        .filter(Files::exists)
                        .forEach(found::add);
            }
        }
        return List.copyOf(found);
    }

    /** Where a library stands once the links to its folder are followed. */
    private static Path place(Path library) throws IOException {
        Path folder = library.getParent();
        return folder == null
                ? library
                : folder.toRealPath().resolve(library.getFileName().toString());
    }

    /** What links of a JDK lead to: distributions keep its settings elsewhere. */
    private static List<Path> outside(Path home) throws IOException {
        Path real = home.toRealPath();
        TreeSet<Path> found = new TreeSet<>();
        try (Stream<Path> tree = Files.walk(real)) {
            for (Path link : tree.filter(Files::isSymbolicLink).limit(LINKS_MAX).toList()) {
                Path target = link.resolveSibling(Files.readSymbolicLink(link)).normalize();
                if (!target.startsWith(real) && !target.startsWith(home) && Files.exists(target)) {
                    found.add(target);
                }
            }
        }
        return List.copyOf(found);
    }
}
