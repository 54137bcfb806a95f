package orb.host.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;

/**
 * Blobs as files that are named by the SHA-256 of their content: {@code xx/<64 digits>}, where xx
 * are the first two digits.
 *
 * <p>A blob is written to a temporary name, synced, renamed, and its folder synced: under its name
 * it is whole or not there. Every read checks the content; a blob that does not match its name is
 * reported, moved to {@code damaged/} and from then on absent. Thread-safe for different blobs; of
 * two writers of one blob both write the same content.
 */
public final class BlobFolder {
    private static final String FRESH = ".new";

    private final Path folder;
    private final BiConsumer<Digest, Refusal> trouble;

    /**
     * @param trouble gets HASH_MISMATCH for a blob that was found damaged and STORE_UNUSABLE for
     *     one that cannot be read
     * @throws IOException if the folder cannot be made or read
     */
    public BlobFolder(Path folder, BiConsumer<Digest, Refusal> trouble) throws IOException {
        this.folder = folder;
        this.trouble = trouble;
        DurableFiles.makeFolder(folder);
        removeUnfinished();
    }

    /** Keeps a blob; empty once it is durable. HASH_MISMATCH, DISK_FULL or STORE_UNUSABLE. */
    public Optional<Refusal> store(Digest digest, Bytes content) {
        Digest actual = Digest.of(content);
        if (!actual.equals(digest)) {
            return Optional.of(
                    new Refusal(
                            ErrorCode.HASH_MISMATCH,
                            "content of "
                                    + content.length()
                                    + " bytes has the digest "
                                    + actual
                                    + ", not "
                                    + digest,
                            "fetch it again"));
        }
        Path file = file(digest);
        if (isThere(file, digest)) {
            return Optional.empty();
        }
        Path fresh = file.resolveSibling(digest.hex() + FRESH);
        try {
            DurableFiles.makeFolder(DurableFiles.folderOf(file));
            DurableFiles.writeThrough(fresh, content.array());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.syncFolder(DurableFiles.folderOf(file));
            return Optional.empty();
        } catch (IOException e) {
            drop(fresh);
            return Optional.of(FileFault.refusal(file, e));
        }
    }

    /** The blob's content, checked; empty if it is not there or damaged. */
    public Optional<Bytes> load(Digest digest) {
        Path file = file(digest);
        try {
            Bytes content = Bytes.wrap(Files.readAllBytes(file));
            if (Digest.of(content).equals(digest)) {
                return Optional.of(content);
            }
            setAside(file, digest);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            trouble.accept(digest, FileFault.refusal(file, e));
        }
        return Optional.empty();
    }

    Path file(Digest digest) {
        return folder.resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
    }

    private boolean isThere(Path file, Digest digest) {
        return Files.exists(file) && load(digest).isPresent();
    }

    private void setAside(Path file, Digest digest) throws IOException {
        Path damaged = folder.resolve("damaged");
        DurableFiles.makeFolder(damaged);
        Path aside = damaged.resolve(digest.hex());
        Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
        trouble.accept(
                digest,
                new Refusal(
                        ErrorCode.HASH_MISMATCH,
                        file + " does not match its name any more",
                        "it was moved to " + aside + " and is fetched again when needed"));
    }

    /** Best effort: a temporary file that stays is removed at the next start. */
    private static void drop(Path fresh) {
        try {
            Files.deleteIfExists(fresh);
        } catch (IOException e) {
            fresh.toFile().deleteOnExit();
        }
    }

    private void removeUnfinished() throws IOException {
        try (Stream<Path> files = Files.walk(folder, 2)) {
            for (Path file : files.filter(f -> f.toString().endsWith(FRESH)).toList()) {
                Files.delete(file);
            }
        }
    }
}
