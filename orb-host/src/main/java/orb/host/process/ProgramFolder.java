package orb.host.process;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/**
 * Programs as files that can be started, by their digests: those used last, within a budget. One
 * that was dropped is kept again when it is called. Thread-safe.
 */
final class ProgramFolder {
    private static final Logger LOG = System.getLogger(ProgramFolder.class.getName());

    private final Path folder;
    private final ByteSize most;

    // guarded by this; access order makes the eldest the least used
    private final Map<Digest, Kept> programs = new LinkedHashMap<>(16, 0.75f, true);
    private long held;

    private record Kept(Driver.Program program, int length) {}

    /**
     * Empties the folder of what a killed node left there.
     *
     * @param folder made when it is needed
     * @param most all files together; the newest is kept in any case
     */
    ProgramFolder(Path folder, ByteSize most) {
        this.folder = folder;
        this.most = most;
        clear();
    }

    synchronized Optional<Driver.Program> find(Digest digest) {
        return Optional.ofNullable(programs.get(digest)).map(Kept::program);
    }

    /**
     * Writes a program to its file.
     *
     * @throws RefusedException if it cannot be written
     */
    synchronized Driver.Program keep(Digest digest, ProgramKind kind, Bytes content) {
        Optional<Driver.Program> before = find(digest);
        if (before.isPresent()) {
            return before.get();
        }
        Driver.Program program = new Driver.Program(kind, folder.resolve(digest.hex()));
        try {
            Files.createDirectories(folder);
            Path fresh = Files.createTempFile(folder, "fresh", "");
            Files.write(fresh, content.array());
            // others may run it: within the walls it is another user's
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("r-xr-xr-x"));
            Files.move(fresh, program.file(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new RefusedException(ErrorCode.STORE_UNUSABLE, "keeping a program: " + e);
        }
        programs.put(digest, new Kept(program, content.length()));
        held += content.length();
        Iterator<Kept> eldest = programs.values().iterator();
        while (held > most.bytes() && programs.size() > 1) {
            Kept dropped = eldest.next();
            eldest.remove();
            held -= dropped.length;
            delete(dropped.program.file());
        }
        return program;
    }

    synchronized void clear() {
        programs.clear();
        held = 0;
        if (Files.exists(folder)) {
            try (DirectoryStream<Path> left = Files.newDirectoryStream(folder)) {
                left.forEach(ProgramFolder::delete);
            } catch (IOException e) {
                LOG.log(Level.WARNING, "emptying " + folder, e);
            }
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "deleting " + file, e);
        }
    }
}
