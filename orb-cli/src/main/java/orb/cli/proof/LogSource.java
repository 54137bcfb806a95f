package orb.cli.proof;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.identity.PublicKey;
import orb.ledger.Genesis;
import orb.ledger.proof.LogRoster;
import orb.ledger.proof.NoteKey;
import orb.ledger.proof.TilePath;
import orb.ledger.proof.TileSource;

/**
 * The static files of a ledger's log, on a tracker or in a folder. Nothing in them is believed
 * here. Not thread-safe.
 */
public final class LogSource implements TileSource {
    /** 256 entries of 16 KiB, and their lengths. */
    private static final int FILE_MAX = 8 << 20;

    private static final int CONNECT_MILLIS = 5_000;
    private static final int READ_MILLIS = 30_000;

    private final String from;
    private final Optional<Path> kept;

    private LogSource(String from, Optional<Path> kept) {
        this.from = from;
        this.kept = kept;
    }

    /**
     * The log at this place.
     *
     * @param from an address such as {@code http://host:port/log}, or a folder
     */
    public static LogSource of(String from) {
        return new LogSource(
                from.endsWith("/") ? from.substring(0, from.length() - 1) : from, Optional.empty());
    }

    /**
     * The same, and every file that is read is kept in a folder, from which it can be read again.
     */
    public LogSource keepingIn(Path folder) {
        return new LogSource(from, Optional.of(folder));
    }

    /** What the swarm agreed on. */
    public Genesis genesis() {
        return Genesis.decode(need("genesis")).orThrow();
    }

    /** The trackers whose cosignatures count, as this place names them. */
    public LogRoster roster(Genesis genesis) {
        List<PublicKey> keys = new ArrayList<>();
        need("keys")
                .utf8()
                .lines()
                .limit(LogRoster.KEYS_MAX + 1L)
                .forEach(line -> keys.add(NoteKey.parse(line).orThrow().key()));
        return new LogRoster(genesis.network(), keys);
    }

    /** The newest final checkpoint. */
    public Bytes checkpoint() {
        return file("checkpoint")
                .orElseThrow(() ->
                        new RefusedException(
                                new Refusal(
                                        ErrorCode.NOT_FINAL,
                                        from + " has no final checkpoint yet",
                                        "wait a few seconds and try again")));
    }

    @Override
    public Optional<Bytes> read(TilePath path) {
        return file(path.toString());
    }

    private Bytes need(String name) {
        return file(name)
                .orElseThrow(() ->
                        new RefusedException(
                                new Refusal(
                                        ErrorCode.LOG_BROKEN,
                                        from + " has no file " + name,
                                        "name the address or folder of a ledger's log, such as"
                                                + " http://host:port/log")));
    }

    private Optional<Bytes> file(String name) {
        try {
            Optional<Bytes> content =
                    from.startsWith("http://") || from.startsWith("https://")
                            ? fetched(name)
                            : found(name);
            if (kept.isPresent() && content.isPresent()) {
                Path file = kept.get().resolve(name);
                Files.createDirectories(file.getParent());
                Files.write(file, content.get().array());
            }
            return content;
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + from + "/" + name, e);
        }
    }

    private Optional<Bytes> fetched(String name) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(from + "/" + name).toURL().openConnection();
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        int status = connection.getResponseCode();
        if (status == 404) {
            return Optional.empty();
        }
        if (status != 200) {
            throw new IOException("HTTP status " + status);
        }
        try (InputStream in = connection.getInputStream()) {
            return Optional.of(bounded(in));
        }
    }

    private Optional<Bytes> found(String name) throws IOException {
        try (InputStream in = Files.newInputStream(Path.of(from).resolve(name))) {
            return Optional.of(bounded(in));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static Bytes bounded(InputStream in) throws IOException {
        byte[] content = in.readNBytes(FILE_MAX + 1);
        if (content.length > FILE_MAX) {
            throw new IOException("longer than " + FILE_MAX + " bytes");
        }
        return Bytes.wrap(content);
    }
}
