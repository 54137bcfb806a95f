package orb.host.walls;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A control group of one worker: how much memory, processor time and how many processes it may
 * take, enforced by the kernel from outside of it.
 *
 * <p>Made below the node's own group, in each hierarchy of version 1 or in the one of version 2,
 * wherever this user may write. A process joins by writing its number to {@link #joins}. Closing
 * removes the group, which works once its processes are gone. For one thread.
 */
public final class Cgroup implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Cgroup.class.getName());
    private static final int REMOVALS_MAX = 100;
    private static final int PERIOD_MICROS = 100_000;

    /** Half the weight of everything else, so that the node itself is never starved. */
    private static final int SHARES = 512;

    private static final int WEIGHT = 50;

    /** The least weight that there is: whatever else wants to run goes first. */
    private static final int SHARES_MIN = 2;

    private static final int WEIGHT_MIN = 1;
    static final String PROCESSES = "cgroup.procs";
    private static final String NAME = "orb-worker-";
    private static final List<String> CONTROLLERS = List.of("memory", "pids", "cpu", "cpuacct");

    /** Of the whole process: two that share a name would share a group. */
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final TreeSet<Path> folders = new TreeSet<>();
    private final TreeSet<String> controllers = new TreeSet<>();
    private final List<String> troubles = new ArrayList<>();
    private int version;

    /**
     * What the kernel enforces.
     *
     * @param memory bytes, with what the kernel keeps for it
     * @param pids processes and threads
     * @param share of the processors
     */
    record Bounds(long memory, int pids, Share share) {}

    /**
     * Where control groups are described and mounted; other than the system's own in tests.
     *
     * @param mounts as {@code /proc/self/mounts}
     * @param own as {@code /proc/self/cgroup}
     */
    record Places(Path mounts, Path own) {
        static final Places SYSTEM =
                new Places(Path.of("/proc/self/mounts"), Path.of("/proc/self/cgroup"));
    }

    private Cgroup() {}

    /** Makes a group of this name, with as many controllers as this user is given. */
    static Cgroup make(Places places, String name, Bounds bounds) {
        Cgroup made = new Cgroup();
        try {
            made.makeAll(places, name, bounds);
        } catch (IOException e) {
            made.troubles.add(e.toString());
        }
        return made;
    }

    /** A name that no other group of this process has, and that says whose it is. */
    static String nextName() {
        return NAME + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet();
    }

    /** Removes groups of workers whose nodes were killed, with whatever was left in them. */
    static void sweep(Places places) {
        try {
            for (Hierarchy each : hierarchies(places)) {
                sweep(each.parent);
            }
        } catch (IOException | NumberFormatException e) {
            LOG.log(Level.DEBUG, "sweeping old groups", e);
        }
    }

    static void sweep(Path parent) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, NAME + "*")) {
            for (Path folder : left) {
                String node = folder.getFileName().toString().split("-", -1)[2];
                if (ProcessHandle.of(Long.parseLong(node)).isEmpty()) {
                    endAll(folder);
                    removed(folder);
                }
            }
        }
    }

    /** Where groups are made in one mounted hierarchy: below the node's own. */
    record Hierarchy(boolean unified, List<String> options, Path parent) {}

    static List<Hierarchy> hierarchies(Places places) throws IOException {
        TreeMap<String, String> own = new TreeMap<>(); // by controller, "" for version 2
        for (String line : Files.readAllLines(places.own)) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3) {
                for (String controller : parts[1].split(",", -1)) {
                    own.put(controller, parts[2]);
                }
            }
        }
        List<Hierarchy> found = new ArrayList<>();
        for (String line : Files.readAllLines(places.mounts)) {
            String[] words = line.split(" ", -1);
            if (words.length < 4 || !words[2].startsWith("cgroup")) {
                continue;
            }
            boolean unified = words[2].equals("cgroup2");
            List<String> options = List.of(words[3].split(",", -1));
            String path =
                    unified
                            ? own.getOrDefault("", "/")
                            : CONTROLLERS.stream()
                                    .filter(options::contains)
                                    .map(controller -> own.getOrDefault(controller, "/"))
                                    .findFirst()
                                    .orElse("");
            if (!path.isEmpty()) {
                found.add(new Hierarchy(unified, options, folder(Path.of(words[1]), path)));
            }
        }
        return found;
    }

    private void makeAll(Places places, String name, Bounds bounds) throws IOException {
        for (Hierarchy each : hierarchies(places)) {
            if (each.unified) {
                makeUnified(each.parent, name, bounds);
            } else {
                makeEach(each, name, bounds);
            }
        }
    }

    /** Controllers that are mounted together share one folder. */
    private void makeEach(Hierarchy hierarchy, String name, Bounds bounds) {
        Path folder = hierarchy.parent.resolve(name);
        try {
            make(folder);
        } catch (IOException e) {
            troubles.add(String.join(",", hierarchy.options) + ": " + e);
            return;
        }
        for (String controller : CONTROLLERS) {
            if (hierarchy.options.contains(controller)) {
                bound(folder, controller, bounds);
            }
        }
    }

    /** In a container the path may name what is not mounted here; then the mount is the group. */
    private static Path folder(Path mount, String path) {
        Path folder = mount.resolve(path.substring(1)).normalize();
        return Files.isDirectory(folder) ? folder : mount;
    }

    private void bound(Path folder, String controller, Bounds bounds) {
        try {
            switch (controller) {
                case "memory" -> {
                    write(folder, "memory.limit_in_bytes", bounds.memory);
                    write(folder, "memory.swappiness", 0);
                }
                case "pids" -> write(folder, "pids.max", bounds.pids);
                case "cpuacct" -> {} // it counts and bounds nothing
                default -> {
                    write(folder, "cpu.shares", bounds.share.yields() ? SHARES_MIN : SHARES);
                    boundProcessors(folder, bounds.share.percent());
                }
            }
            version = 1;
            controllers.add(controller);
        } catch (IOException e) {
            troubles.add(controller + ": " + e.getMessage());
        }
    }

    /** Bounds the processor time of a group of version 1. */
    static void boundProcessors(Path folder, int percent) throws IOException {
        write(folder, "cpu.cfs_period_us", PERIOD_MICROS);
        write(folder, "cpu.cfs_quota_us", quotaMicros(percent));
    }

    private static long quotaMicros(int percent) {
        return (long) percent * PERIOD_MICROS / 100;
    }

    /** Version 2 gives controllers to children of a group only where its parent says so. */
    private void makeUnified(Path parent, String name, Bounds bounds) throws IOException {
        Set<String> offered = words(parent.resolve("cgroup.controllers"));
        offered.retainAll(CONTROLLERS);
        if (offered.isEmpty()) {
            return; // version 1 has them
        }
        try {
            for (String controller : offered) {
                if (!words(parent.resolve("cgroup.subtree_control")).contains(controller)) {
                    Files.writeString(parent.resolve("cgroup.subtree_control"), "+" + controller);
                }
            }
            Path folder = parent.resolve(name);
            make(folder);
            if (offered.contains("memory")) {
                write(folder, "memory.max", bounds.memory);
            }
            if (offered.contains("pids")) {
                write(folder, "pids.max", bounds.pids);
            }
            if (offered.contains("cpu")) {
                write(folder, "cpu.weight", bounds.share.yields() ? WEIGHT_MIN : WEIGHT);
                Files.writeString(
                        folder.resolve("cpu.max"),
                        quotaMicros(bounds.share.percent()) + " " + PERIOD_MICROS);
            }
            version = 2;
            controllers.addAll(offered);
        } catch (IOException e) {
            troubles.add("version 2: " + e.getMessage());
        }
    }

    private static Set<String> words(Path file) throws IOException {
        return Files.exists(file)
                ? new TreeSet<>(List.of(Files.readString(file).strip().split("\\s+")))
                : new TreeSet<>();
    }

    private void make(Path folder) throws IOException {
        Files.createDirectory(folder);
        folders.add(folder);
    }

    private static void write(Path folder, String file, long value) throws IOException {
        Files.writeString(folder.resolve(file), "" + value);
    }

    /** Whether the kernel bounds what matters most: memory and the number of processes. */
    boolean isComplete() {
        return controllers.contains("memory") && controllers.contains("pids");
    }

    /** Whether the kernel bounds processor time too. */
    boolean boundsProcessors() {
        return controllers.contains("cpu");
    }

    /** Processor time of all that was ever in it, in nanoseconds, where the kernel counts it. */
    public OptionalLong cpuNanos() {
        for (Path folder : folders) {
            OptionalLong counted = number(folder.resolve("cpuacct.usage"));
            if (counted.isPresent()) {
                return counted;
            }
            for (String line : lines(folder.resolve("cpu.stat"))) {
                if (line.matches("usage_usec [0-9]{1,15}")) {
                    return OptionalLong.of(Long.parseLong(line.substring(11)) * 1000);
                }
            }
        }
        return OptionalLong.empty();
    }

    /** The most memory that was ever in use in it, in bytes, where the kernel counts it. */
    public OptionalLong peakBytes() {
        return folders.stream()
                .flatMap(folder ->
                        Stream.of("memory.max_usage_in_bytes", "memory.peak").map(folder::resolve))
                .map(Cgroup::number)
                .filter(OptionalLong::isPresent)
                .findFirst()
                .orElse(OptionalLong.empty());
    }

    /** Whether the kernel ended one of its processes because memory ran out. */
    public boolean ranOutOfMemory() {
        return folders.stream()
                .flatMap(folder ->
                        Stream.of("memory.oom_control", "memory.events").map(folder::resolve))
                .flatMap(file -> lines(file).stream())
                .anyMatch(line -> line.matches("oom_kill [1-9][0-9]*"));
    }

    private static OptionalLong number(Path file) {
        return lines(file).stream()
                .filter(line -> line.matches("[0-9]{1,18}"))
                .mapToLong(Long::parseLong)
                .findFirst();
    }

    /** A file of the kernel's; none is as good as empty. */
    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "reading " + file, e);
            return List.of();
        }
    }

    /** Which controllers work, and of which version. */
    String description() {
        return "version " + version + ": " + String.join(", ", controllers);
    }

    /** Why something is missing. */
    String trouble() {
        return troubles.isEmpty()
                ? "no control groups are mounted, or none has memory and pids"
                : String.join("; ", troubles);
    }

    /** Files that a process writes its number to, to join. */
    List<Path> joins() {
        return folders.stream().map(folder -> folder.resolve(PROCESSES)).toList();
    }

    @Override
    public void close() {
        for (Path folder : folders) {
            for (int attempt = 0; attempt < REMOVALS_MAX && !removed(folder); attempt++) {
                endAll(folder);
                try {
                    Thread.sleep(20); // its last processes are on their way out
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    /**
     * Ends what is left in a group. Bubblewrap that is killed while it still builds leaves a half
     * built child behind, which nothing else would ever end.
     */
    private static void endAll(Path folder) {
        try {
            for (String process : Files.readAllLines(folder.resolve(PROCESSES))) {
                ProcessHandle.of(Long.parseLong(process)).ifPresent(ProcessHandle::destroyForcibly);
            }
        } catch (IOException | NumberFormatException | IllegalStateException e) {
            LOG.log(Level.DEBUG, "ending what is left in " + folder, e);
        }
    }

    static boolean removed(Path folder) {
        try {
            // only the folder itself: its files are the kernel's and go with it
            return !Files.exists(folder) || folder.toFile().delete();
        } catch (SecurityException e) {
            LOG.log(Level.WARNING, "removing " + folder, e);
            return true;
        }
    }
}
