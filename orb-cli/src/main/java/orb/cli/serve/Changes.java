package orb.cli.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import orb.host.build.Manifest;
import orb.host.build.SourceHash;
import orb.kernel.RefusedException;

/**
 * Whether a function's source has changed since one looked last: by names, sizes and times of the
 * files that make its source hash, so a look costs little. Not thread-safe.
 */
final class Changes {
    private final Path source;
    private List<String> seen;

    /**
     * @param source a folder with orb.yaml, or one file
     */
    Changes(Path source) {
        this.source = source;
        seen = look();
    }

    /** Looks again; true once for every change. */
    boolean any() {
        List<String> now = look();
        boolean changed = !now.equals(seen);
        seen = now;
        return changed;
    }

    private List<String> look() {
        if (!Files.isDirectory(source)) {
            return List.of(stamp(source));
        }
        List<String> stamps = new ArrayList<>();
        try {
            Manifest manifest = Manifest.read(source).orThrow();
            for (String name : SourceHash.files(source, manifest).orThrow()) {
                stamps.add(name + " " + stamp(source.resolve(name)));
            }
            return stamps;
        } catch (RefusedException | UncheckedIOException e) {
            return List.of(stamp(source.resolve(Manifest.FILE)), e.toString()); // being edited
        }
    }

    private static String stamp(Path file) {
        try {
            FileTime time = Files.getLastModifiedTime(file);
            return time + " " + Files.size(file);
        } catch (IOException e) {
            return "gone";
        }
    }
}
