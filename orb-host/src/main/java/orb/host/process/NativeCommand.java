package orb.host.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import orb.host.walls.Contained;
import orb.host.walls.Share;
import orb.host.worker.JvmFiles;
import orb.kernel.ByteSize;
import orb.kernel.Limits;
import orb.kernel.Request;
import orb.kernel.cgi.Cgi;

/**
 * One process of a program: it sees itself, the machine's programs and libraries, and nothing that
 * can be written.
 *
 * @param kind what it is
 * @param program where this machine keeps it
 * @param variables its environment
 * @param memory the most that it and what it starts may hold
 * @param share of the processors
 */
record NativeCommand(
        ProgramKind kind, Path program, Map<String, String> variables, ByteSize memory, Share share)
        implements Contained {
    private static final Path INSIDE = Path.of("/function/program");
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));
    private static final int PIDS = 64;

    /** What bubblewrap and the shell take before the program begins. */
    private static final ByteSize LAUNCHER = ByteSize.mib(8);

    /** Engines of languages set aside address space that they never fill. */
    private static final ByteSize RESERVED = ByteSize.mib(4096);

    private static final List<Path> LINKS =
            List.of(
                    Path.of("/lib"),
                    Path.of("/lib64"),
                    Path.of("/bin"),
                    Path.of("/sbin"),
                    Path.of("/usr/lib64"));

    /** Programs and libraries, and how the dynamic loader and distributions find them. */
    private static final List<Path> SEEN =
            List.of(
                    Path.of("/usr"),
                    Path.of("/lib"),
                    Path.of("/lib64"),
                    Path.of("/bin"),
                    Path.of("/etc/alternatives"),
                    Path.of("/etc/ld.so.cache"));

    /** The process for a request within its limits. */
    static NativeCommand of(
            ProgramKind kind, Path program, Request request, Limits limits, Share share) {
        Map<String, String> variables = new TreeMap<>(Cgi.environment(request));
        variables.put("PATH", "/usr/local/bin:/usr/bin:/bin");
        variables.put("HOME", "/");
        return new NativeCommand(kind, program, variables, limits.memory(), share);
    }

    /** A program that every machine has, to try the walls with. */
    static NativeCommand trial(Share share) {
        Path trial = Path.of("/usr/bin/env");
        return new NativeCommand(ProgramKind.ELF, trial, Map.of(), ByteSize.mib(64), share);
    }

    @Override
    public List<Sight> sights() throws IOException {
        List<Sight> sights = new ArrayList<>();
        SEEN.stream()
                .filter(path -> Files.exists(path) && !isLink(path))
                .forEach(path -> sights.add(new Sight(path)));
        if (kind == ProgramKind.JAR) {
            sights.addAll(Java.get());
        }
        sights.add(new Sight(program, INSIDE));
        return sights;
    }

    /** This JDK and what its links lead to: a walk over its folder, once. */
    private static final class Java {
        private static Optional<List<Sight>> found = Optional.empty(); // guarded by the class

        static synchronized List<Sight> get() throws IOException {
            if (found.isEmpty()) {
                List<Sight> sights = new ArrayList<>();
                sights.add(new Sight(JAVA_HOME));
                JvmFiles.outside(JAVA_HOME).forEach(path -> sights.add(new Sight(path)));
                found = Optional.of(List.copyOf(sights));
            }
            return found.get();
        }
    }

    private static boolean isLink(Path path) {
        return LINKS.contains(path) && Files.isSymbolicLink(path);
    }

    @Override
    public List<Path> links() {
        return LINKS;
    }

    @Override
    public List<String> command() {
        if (kind != ProgramKind.JAR) {
            return List.of(INSIDE.toString());
        }
        long heap = Math.max(8, (memory.bytes() >> 20) / 2);
        return List.of(
                JAVA_HOME.resolve("bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Xmx" + heap + "m",
                "-jar",
                INSIDE.toString());
    }

    @Override
    public Map<String, String> environment() {
        return variables;
    }

    @Override
    public Path loadable() {
        return Path.of("/usr/bin/env");
    }

    @Override
    public ByteSize memory() {
        return new ByteSize(memory.bytes() + LAUNCHER.bytes());
    }

    @Override
    public ByteSize data() {
        return new ByteSize(memory.bytes() + RESERVED.bytes());
    }

    @Override
    public int pids() {
        return PIDS;
    }

    @Override
    public Calls calls() {
        return Calls.PROCESSES;
    }
}
