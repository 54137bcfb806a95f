package orb.host.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;

/**
 * The folder in which one peer keeps everything, locked against other processes.
 *
 * <p>The lock is the operating system's on the file {@code lock}, so it ends with the process
 * however that ends; the file's text, the process id, only serves the message. Thread-safe.
 */
public final class DataFolder implements AutoCloseable {
    /**
     * Folders that this very process has open. POSIX drops all of a process's locks on a file as
     * soon as it closes any descriptor of it, so a second attempt from inside must be refused
     * before it opens the file: the one place where static state cannot be avoided.
     */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;

    private DataFolder(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Makes the folder if needed (0700) and locks it.
     *
     * @return STORE_LOCKED naming the process that has it; DISK_FULL or STORE_UNUSABLE if it can
     *     not be made
     */
    public static Result<DataFolder> open(Path folder) {
        Path path;
        try {
            DurableFiles.makeFolder(folder);
            path = folder.toRealPath();
        } catch (IOException e) {
            return Result.refused(FileFault.refusal(folder, e));
        }
        if (!OPEN.add(path)) {
            return Result.refused(locked(path, "process " + ProcessHandle.current().pid()));
        }
        boolean opened = false;
        try {
            Result<DataFolder> result = lock(path);
            opened = result.isOk();
            return result;
        } catch (IOException e) {
            return Result.refused(FileFault.refusal(path, e));
        } finally {
            if (!opened) {
                OPEN.remove(path);
            }
        }
    }

    public Path path() {
        return path;
    }

    /** Where the machine's key lies. */
    public Path machineKey() {
        return path.resolve("machine.key");
    }

    /** Where the encrypted wallet lies. */
    public Path wallet() {
        return path.resolve("wallet.orb");
    }

    Path records() {
        return path.resolve("records.db");
    }

    Path log() {
        return path.resolve("log.db");
    }

    Path blobs() {
        return path.resolve("blobs");
    }

    /** Unlocks the folder; whatever was opened in it must be closed before. */
    @Override
    public void close() {
        if (OPEN.remove(path)) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new IllegalStateException("closing the lock of " + path, e);
            }
        }
    }

    private static Result<DataFolder> lock(Path path) throws IOException {
        Path file = path.resolve("lock");
        FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            String pid = Files.readString(file, StandardCharsets.US_ASCII).strip();
            return Result.refused(locked(path, pid.isEmpty() ? "a process" : "process " + pid));
        }
        byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(pid), 0);
        return Result.ok(new DataFolder(path, channel));
    }

    private static Refusal locked(Path path, String who) {
        return new Refusal(
                ErrorCode.STORE_LOCKED,
                path + " is in use by " + who,
                "stop that process, or give this one another data folder");
    }
}
