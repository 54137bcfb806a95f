package orb.sim;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;

/** Everything that happened, as one digest; two runs of a seed have to give the same. */
final class Trace {
    private final MessageDigest digest = Digest.newSha256();
    private final Optional<Consumer<String>> reader;
    private long lines;

    /** A trace that somebody may read along. */
    Trace(Optional<Consumer<String>> reader) {
        this.reader = reader;
    }

    void add(Instant at, String peer, Object what) {
        String line = at + " " + peer + " " + what;
        digest.update(line.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
        lines++;
        reader.ifPresent(each -> each.accept(line));
    }

    /** For readers alone: what follows from the line before, so the digest need not have it. */
    void explain(Object what) {
        reader.ifPresent(each -> each.accept("    -> " + what));
    }

    long lines() {
        return lines;
    }

    /** The digest of all lines; what is added afterwards belongs to nothing. */
    Digest end() {
        return new Digest(Bytes.wrap(digest.digest()));
    }
}
