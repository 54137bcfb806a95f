package orb.host.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;

/**
 * Compiled code of artefacts, each in a file {@code xx/<64 digits>} named by the artefact's digest:
 * an HMAC-SHA-256 (RFC 2104), the digest of the program that it is for, and the code.
 *
 * <p>Whoever could write there could have a worker run any JVM code; so the code of a file is used
 * only if this node has put it there, for this artefact, by this very program. The key follows from
 * the node's own and is in no file of this folder. Code that this node put there for another
 * program is outdated; what it did not put there is trouble. Either is removed when it is met and
 * made anew. It is a cache: nothing is synced, and beyond its size what was not used for longest is
 * removed. Thread-safe.
 */
public final class CodeFolder {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int MAC_BYTES = 32;
    private static final int HEAD_BYTES = MAC_BYTES + Digest.LENGTH;
    private static final String FRESH = ".new";
    private static final Bytes KEY_LABEL = Bytes.utf8("orb code cache 2");

    private final Path folder;
    private final SecretKeySpec key;
    private final Digest program;
    private final long bytesMax;
    private final BiConsumer<Digest, Refusal> trouble;
    private final ReentrantLock lock = new ReentrantLock();

    // guarded by lock; access order makes the eldest the least used
    private final Map<Digest, Long> sizes = new LinkedHashMap<>(64, 0.75f, true);
    private long bytes;

    /**
     * @param secret what nobody else knows, such as the seed of the node's key
     * @param program changes whenever the compiler or the meter may
     * @param bytesMax of all files together
     * @param trouble gets HASH_MISMATCH for code that is not as it was put, DISK_FULL or
     *     STORE_UNUSABLE for what cannot be read or written; nothing else comes of these
     * @throws IOException if the folder cannot be made or read
     */
    public CodeFolder(
            Path folder,
            Bytes secret,
            Digest program,
            long bytesMax,
            BiConsumer<Digest, Refusal> trouble)
            throws IOException {
        this.folder = folder;
        this.program = program;
        this.bytesMax = bytesMax;
        this.trouble = trouble;
        byte[] derived = mac(new SecretKeySpec(secret.array(), ALGORITHM), KEY_LABEL);
        this.key = new SecretKeySpec(derived, ALGORITHM);
        DurableFiles.makeFolder(folder);
        look();
    }

    /** What is there already, the longest unused first; unfinished files are removed. */
    private void look() throws IOException {
        record Found(Path file, FileTime used, long size) {}
        List<Found> found;
        try (Stream<Path> files = Files.walk(folder, 2)) {
            found =
                    files.filter(Files::isRegularFile)
                            .map(file -> {
                                java.io.File plain = file.toFile();
                                return new Found(
                                        file,
                                        FileTime.fromMillis(plain.lastModified()),
                                        plain.length());
                            })
                            .sorted(Comparator.comparing(Found::used))
                            .toList();
        }
        for (Found each : found) {
            String name = each.file.getFileName().toString();
            if (name.matches("[0-9a-f]{64}")) {
                sizes.put(Digest.parse(name), each.size);
                bytes += each.size;
            } else {
                Files.delete(each.file);
            }
        }
    }

    /** The code that was put for an artefact; empty if there is none that can be trusted. */
    public Optional<Bytes> find(Digest artefact) {
        Path file = file(artefact);
        try {
            Bytes content = Bytes.wrap(Files.readAllBytes(file));
            if (content.length() >= HEAD_BYTES) {
                Bytes code = content.slice(HEAD_BYTES, content.length());
                Digest maker = new Digest(content.slice(MAC_BYTES, HEAD_BYTES));
                byte[] said = content.slice(0, MAC_BYTES).array();
                if (MessageDigest.isEqual(said, mac(maker, artefact, code))) {
                    if (maker.equals(program)) {
                        used(artefact, file);
                        return Optional.of(code);
                    }
                    remove(artefact, file); // of an earlier version of Orb
                    return Optional.empty();
                }
            }
            remove(artefact, file);
            trouble.accept(
                    artefact,
                    new Refusal(
                            ErrorCode.HASH_MISMATCH,
                            file + " is not code that this program of this node has put there",
                            "it was removed and is made anew"));
        } catch (NoSuchFileException e) {
            forget(artefact);
        } catch (IOException e) {
            trouble.accept(artefact, FileFault.refusal(file, e));
        }
        return Optional.empty();
    }

    /** Keeps the code of an artefact, in the place of what was there. */
    public void put(Digest artefact, Bytes code) {
        long size = HEAD_BYTES + (long) code.length();
        if (size > bytesMax) {
            return;
        }
        Path file = file(artefact);
        Path fresh = file.resolveSibling(artefact.hex() + FRESH);
        try {
            DurableFiles.makeFolder(DurableFiles.folderOf(file));
            Bytes mac = Bytes.wrap(mac(program, artefact, code));
            Files.write(fresh, mac.concat(program.bytes()).concat(code).array());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            makeRoom(artefact, size);
        } catch (IOException e) {
            trouble.accept(artefact, FileFault.refusal(file, e));
        }
    }

    private void used(Digest artefact, Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        lock.lock();
        try {
            sizes.get(artefact);
        } finally {
            lock.unlock();
        }
    }

    private void makeRoom(Digest artefact, long size) throws IOException {
        lock.lock();
        try {
            Long before = sizes.put(artefact, size);
            bytes += size - (before == null ? 0 : before);
            while (bytes > bytesMax) {
                Digest eldest = sizes.keySet().iterator().next();
                remove(eldest, file(eldest));
            }
        } finally {
            lock.unlock();
        }
    }

    private void remove(Digest artefact, Path file) throws IOException {
        Files.deleteIfExists(file);
        forget(artefact);
    }

    private void forget(Digest artefact) {
        lock.lock();
        try {
            Long size = sizes.remove(artefact);
            bytes -= size == null ? 0 : size;
        } finally {
            lock.unlock();
        }
    }

    Path file(Digest artefact) {
        return folder.resolve(artefact.hex().substring(0, 2)).resolve(artefact.hex());
    }

    private byte[] mac(Digest maker, Digest artefact, Bytes code) {
        return mac(key, maker.bytes(), artefact.bytes(), code);
    }

    private static byte[] mac(SecretKeySpec key, Bytes... parts) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            for (Bytes part : parts) {
                mac.update(part.array());
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }
}
