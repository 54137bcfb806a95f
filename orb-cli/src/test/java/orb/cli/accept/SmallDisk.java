package orb.cli.accept;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A disk of its own for one folder, which a test can fill.
 *
 * @param folder where it is mounted
 */
record SmallDisk(Path folder) implements AutoCloseable {
    private static final int MOUNT_SECONDS = 20;

    /** Mounts one; empty where that is not permitted. */
    static Optional<SmallDisk> at(Path folder, String size) throws IOException {
        Files.createDirectories(folder);
        boolean mounted =
                runs("mount", "-t", "tmpfs", "-o", "size=" + size, "orb", folder.toString());
        return mounted ? Optional.of(new SmallDisk(folder)) : Optional.empty();
    }

    private static boolean runs(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            return process.waitFor(MOUNT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted: " + Arrays.toString(command), e);
        }
    }

    /** Leaves no space on it. */
    void fill() throws IOException {
        byte[] page = new byte[4096];
        try (OutputStream out = Files.newOutputStream(filler())) {
            while (true) {
                out.write(page);
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw e;
            }
        }
    }

    /** Gives the space back. */
    void free() throws IOException {
        Files.delete(filler());
    }

    private Path filler() {
        return folder.resolve("filler");
    }

    @Override
    public void close() throws IOException {
        runs("umount", "-l", folder.toString());
    }
}
