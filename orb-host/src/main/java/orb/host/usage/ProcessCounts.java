package orb.host.usage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * What processes and the whole machine use, as the kernel counts it (proc(5)).
 *
 * <p>A process that has ended uses nothing; where there is no {@code /proc} everything is zero.
 */
public final class ProcessCounts {
    private static final Path PROC = Path.of("/proc");

    /** The kernel says so to programs whatever it counts in itself (USER_HZ). */
    private static final long MICROS_A_TICK = 10_000;

    private static final int DESCENDANTS_MAX = 64;

    private ProcessCounts() {}

    /**
     * What the machine did since it started.
     *
     * @param busyMicros processor time of programs and the kernel, of all processors
     * @param allMicros the same with the time in which they idled
     */
    public record Machine(long busyMicros, long allMicros) {}

    /** Processor time of a process since its start, of user and system. */
    public static long cpuMicros(long pid) {
        String stat = read(PROC.resolve(pid + "/stat"));
        int name = stat.lastIndexOf(')'); // a name may hold anything, blanks too
        if (name < 0) {
            return 0;
        }
        String[] words = stat.substring(name + 1).strip().split(" ");
        return (number(words, 11) + number(words, 12)) * MICROS_A_TICK;
    }

    /** Memory of a process that is in use now, in bytes. */
    public static long residentBytes(long pid) {
        for (String line : read(PROC.resolve(pid + "/status")).split("\n")) {
            if (line.startsWith("VmRSS:")) {
                return number(line.substring(6).strip().split(" "), 0) << 10;
            }
        }
        return 0;
    }

    /** A process and what was started below it, at most 64 of them. */
    public static List<Long> tree(long pid) {
        List<Long> found = new ArrayList<>(List.of(pid));
        for (int next = 0; next < found.size() && found.size() < DESCENDANTS_MAX; next++) {
            long parent = found.get(next);
            String children = read(PROC.resolve(parent + "/task/" + parent + "/children"));
            for (String child : children.strip().split(" ")) {
                if (!child.isEmpty()) {
                    found.add(Long.parseLong(child));
                }
            }
        }
        return found;
    }

    /** What all processors did; zeros where it is not told. */
    public static Machine machine() {
        String[] words = read(PROC.resolve("stat")).split("\n")[0].split(" +");
        long all = 0;
        for (int i = 1; i <= 8; i++) { // user, nice, system, idle, iowait, irq, softirq, steal
            all += number(words, i);
        }
        long idle = number(words, 4) + number(words, 5) + number(words, 8);
        return new Machine((all - idle) * MICROS_A_TICK, all * MICROS_A_TICK);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return ""; // it has ended, maybe while it was read, or this is not Linux
        }
    }

    private static long number(String[] words, int place) {
        return place < words.length ? parsed(words[place]).orElse(0) : 0;
    }

    private static OptionalLong parsed(String word) {
        try {
            return OptionalLong.of(Long.parseLong(word));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
