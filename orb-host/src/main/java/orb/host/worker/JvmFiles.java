package orb.host.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import orb.host.walls.Bubblewrap;
import orb.host.walls.Contained.Sight;

/** What a JVM needs of a machine beside its own folder. */
public final class JvmFiles {
    private static final List<Path> MAPS_FROM =
            List.of(Path.of("/lib"), Path.of("/lib64"), Path.of("/usr"), Path.of("/nix"));

    /** What a JVM loads late: its zip library, and what ends threads. */
    private static final List<String> LATE =
            List.of("libz.so.1", "libgcc_s.so.1", "librt.so.1", "libdl.so.2", "libpthread.so.0");

    private static final int LINKS_MAX = 10_000;

    private JvmFiles() {}

    /** What this JVM has mapped of the system, which the same JVM needs again. */
    static List<Sight> libraries() throws IOException {
        TreeSet<Path> found = new TreeSet<>();
        Bubblewrap.loader().ifPresent(found::add);
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
        List<Sight> sights = new ArrayList<>();
        for (Path library : found) {
            sights.add(new Sight(library, place(library)));
        }
        return sights;
    }

    /** Where a library stands once the links to its folder are followed. */
    private static Path place(Path library) throws IOException {
        Path folder = library.getParent();
        return folder == null
                ? library
                : folder.toRealPath().resolve(library.getFileName().toString());
    }

    /** What links of a JDK lead to: distributions keep its settings elsewhere. */
    public static List<Path> outside(Path home) throws IOException {
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
