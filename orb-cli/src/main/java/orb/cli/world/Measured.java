package orb.cli.world;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import orb.kernel.ByteSize;
import orb.overlay.Bandwidth;
import orb.overlay.Capabilities;

/** What this machine has, read from the system and never typed (requirement C5). */
final class Measured {
    private static final Path CPU = Path.of("/proc/cpuinfo");
    private static final Path CGROUP2 = Path.of("/sys/fs/cgroup/cgroup.controllers");

    private Measured() {}

    /**
     * What this machine offers.
     *
     * @param walls what stands around functions here
     */
    static Capabilities capabilities(List<String> walls) {
        List<String> features = new ArrayList<>(walls);
        String flags = flags();
        for (String flag : List.of("aes", "avx2", "sha_ni")) {
            if (flags.contains(" " + flag + " ")) {
                features.add(flag.replace('_', '-'));
            }
        }
        if (Files.exists(CGROUP2)) {
            features.add("cgroup2");
        }
        return new Capabilities(
                Runtime.getRuntime().availableProcessors(),
                new ByteSize(Runtime.getRuntime().maxMemory()),
                Bandwidth.UNKNOWN, // the node measures it once it has a tracker
                features);
    }

    private static String flags() {
        try {
            return Files.exists(CPU)
                    ? Files.readAllLines(CPU).stream()
                            .filter(line -> line.startsWith("flags"))
                            .findFirst()
                            .map(line -> line + " ")
                            .orElse("")
                    : "";
        } catch (IOException e) {
            return ""; // a machine that hides its flags has none to offer
        }
    }
}
