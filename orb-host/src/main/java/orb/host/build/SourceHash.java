package orb.host.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import orb.host.store.FileFault;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;

/**
 * The digest that identifies a function by its source: the same on every machine, another for any
 * byte, name or file that changes.
 *
 * <p>What counts are the folder's files but hidden ones, what a build leaves behind and what {@code
 * .orbignore} names ({@link IgnoreList}); the manifest counts. The digest is SHA-256 over the
 * files' names, lengths and digests, sorted by the bytes of the name; times, modes and owners do
 * not count. Layout: docs/protocol/manifest.md.
 */
public final class SourceHash {
    public static final int FILES_MAX = 10_000;
    public static final long BYTES_MAX = 256L << 20;

    private static final byte[] PREFIX = "orb/source/1\0".getBytes(StandardCharsets.US_ASCII);

    private SourceHash() {}

    /**
     * The digest of the folder's source.
     *
     * @return BAD_ARGUMENT for a symbolic link, two names that differ only in their encoding, or
     *     more than {@link #FILES_MAX} files or {@link #BYTES_MAX} bytes; STORE_UNUSABLE for a file
     *     that cannot be read
     */
    public static Result<Digest> of(Path folder, Manifest manifest) {
        return Result.catching(() -> {
            MessageDigest all = Digest.newSha256();
            all.update(PREFIX);
            long[] total = {0};
            collect(folder, manifest).forEach((name, file) -> all.update(item(name, file, total)));
            return new Digest(Bytes.wrap(all.digest()));
        });
    }

    /** The files that count, by their names relative to the folder, in the order of the digest. */
    public static Result<List<String>> files(Path folder, Manifest manifest) {
        return Result.catching(
                () -> collect(folder, manifest).keySet().stream().map(Bytes::utf8).toList());
    }

    /** u32 length of the name, name, u64 length of the content, its SHA-256. */
    private static byte[] item(Bytes name, Path file, long[] total) {
        MessageDigest content = Digest.newSha256();
        long length = 0;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[64 << 10];
            int read = in.read(buffer);
            while (read >= 0) {
                content.update(buffer, 0, read);
                length += read;
                total[0] += read;
                if (total[0] > BYTES_MAX) {
                    throw refuse(
                            "the source has more than " + BYTES_MAX + " bytes, reached in " + file,
                            "name what is no source in .orbignore");
                }
                read = in.read(buffer);
            }
        } catch (IOException e) {
            throw new RefusedException(FileFault.refusal(file, e));
        }
        return ByteBuffer.allocate(4 + name.length() + 8 + Digest.LENGTH)
                .putInt(name.length())
                .put(name.array())
                .putLong(length)
                .put(content.digest())
                .array();
    }

    private static NavigableMap<Bytes, Path> collect(Path folder, Manifest manifest) {
        NavigableMap<Bytes, Path> files = new TreeMap<>();
        IgnoreList ignored = IgnoreList.read(folder, manifest);
        try {
            Files.walkFileTree(folder, new Collector(folder, ignored, files));
        } catch (IOException e) {
            throw new RefusedException(FileFault.refusal(folder, e));
        }
        return files;
    }

    private static RefusedException refuse(String what, String next) {
        return new RefusedException(new Refusal(ErrorCode.BAD_ARGUMENT, what, next));
    }

    private static final class Collector extends SimpleFileVisitor<Path> {
        private final Path folder;
        private final IgnoreList ignored;
        private final NavigableMap<Bytes, Path> files;

        private Collector(Path folder, IgnoreList ignored, NavigableMap<Bytes, Path> files) {
            this.folder = folder;
            this.ignored = ignored;
            this.files = files;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            return path.equals(folder) || !ignored.isIgnored(name(path), true)
                    ? FileVisitResult.CONTINUE
                    : FileVisitResult.SKIP_SUBTREE;
        }

        @Override
        public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
            String name = name(path);
            if (ignored.isIgnored(name, false)) {
                return FileVisitResult.CONTINUE;
            }
            if (!attributes.isRegularFile()) {
                throw refuse(
                        path + " is a link or another special file, whose content is elsewhere",
                        "replace it by a file, or name it in .orbignore");
            }
            if (files.size() >= FILES_MAX) {
                throw refuse(
                        folder + " has more than " + FILES_MAX + " source files",
                        "name what is no source in .orbignore");
            }
            if (files.put(Bytes.utf8(name), path) != null) {
                throw refuse(path + " has the same name as another file", "rename one of them");
            }
            return FileVisitResult.CONTINUE;
        }

        /** With slashes and in NFC: systems differ in how they write the same name. */
        private String name(Path path) {
            List<String> parts =
                    Arrays.asList(
                            folder.relativize(path)
                                    .toString()
                                    .split(
                                            Pattern.quote(folder.getFileSystem().getSeparator()),
                                            -1));
            return Normalizer.normalize(String.join("/", parts), Normalizer.Form.NFC);
        }
    }
}
