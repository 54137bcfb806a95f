package orb.sandbox.engine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDateTime;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;

/** Makes the JAR of a compiled module anew. */
public final class Jars {
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private Jars() {}

    /** What becomes of one entry. */
    public interface Change {
        /** The new content of the entry of this name. */
        byte[] changed(String name, byte[] content);
    }

    /**
     * The same entries in their order, changed, all of one time: the same content, the same JAR.
     */
    public static byte[] changed(byte[] jar, Change change) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(jar.length);
        try (JarInputStream from = new JarInputStream(new ByteArrayInputStream(jar));
                JarOutputStream to = new JarOutputStream(out)) {
            for (JarEntry each = from.getNextJarEntry();
                    each != null;
                    each = from.getNextJarEntry()) {
                JarEntry same = new JarEntry(each.getName());
                same.setTimeLocal(NO_TIME);
                to.putNextEntry(same);
                to.write(change.changed(each.getName(), from.readAllBytes()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing but memory is read and written
        }
        return out.toByteArray();
    }
}
