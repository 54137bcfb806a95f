package orb.host.walls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The words that make bubblewrap build a program's world: new user, pid, ipc, uts, net and cgroup
 * namespaces, no capability, and a read-only file system that holds what the program is to see.
 *
 * <p>Nothing in it can be written, not even a temporary folder: memory that files take would count
 * for nobody.
 */
public final class Bubblewrap {
    /** The file descriptor that the filter is handed over by. */
    static final int FILTER_FD = 9;

    private static final List<Path> LOADERS =
            List.of(Path.of("/lib64/ld-linux-x86-64.so.2"), Path.of("/lib/ld-linux-aarch64.so.1"));

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
    List<String> words(Contained contained, boolean filtered) throws IOException {
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
        for (Path link : contained.links()) {
            if (Files.isSymbolicLink(link)) {
                add(words, "--symlink", Files.readSymbolicLink(link), link);
            }
        }
        for (Contained.Sight sight : contained.sights()) {
            add(words, "--ro-bind", sight.from(), sight.to());
        }
        words.addAll(List.of("--proc", "/proc", "--dev", "/dev"));
        words.addAll(List.of("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"));
        if (filtered) {
            words.addAll(List.of("--seccomp", "" + FILTER_FD));
        }
        words.add("--");
        return words;
    }

    private static void add(List<String> words, String word, Path from, Path to) {
        words.add(word);
        words.add(from.toString());
        words.add(to.toString());
    }

    /** The dynamic loader, which can also be run by itself. */
    public static Optional<Path> loader() {
        return LOADERS.stream().filter(Files::isExecutable).findFirst();
    }
}
