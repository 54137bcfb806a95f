package orb.sim;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;

/** Everything that happened, as one digest; two runs of a seed have to give the same. */
final class Trace {
    private final MessageDigest digest = Digest.newSha256();
    private final Consumer<String> reader;
    private long lines;

    /** A trace that somebody reads along. */
    Trace(Consumer<String> reader) {
        this.reader = reader;
    }

    void add(Instant at, String peer, Object what) {
        String line = at + " " + peer + " " + what;
        digest.update(line.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
        lines++;
        reader.accept(line);
    }

    long lines() {
        return lines;
    }

    /** The digest of all lines; nothing can be added afterwards. */
    Digest end() {
        return new Digest(Bytes.wrap(digest.digest()));
    }
}
