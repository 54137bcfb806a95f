package orb.host.loop;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;

/**
 * What a bootstrap file says: which swarm, and which trackers to try first.
 *
 * <p>The file is text of at most 64 KiB; a line is {@code network <64 hex digits>} (at most one),
 * {@code genesis <hex digits>} (at most one), {@code tracker <orb id>@host:port} (at most 1,000, no
 * id twice), empty, or a comment after {@code #}.
 *
 * @param network digest of the swarm's genesis, absent if any swarm will do
 * @param genesis canonical bytes of the swarm's genesis, whose digest is the network
 * @param trackers in the order of the file
 */
public record Bootstrap(Optional<Digest> network, Optional<Bytes> genesis, List<Contact> trackers) {
    public static final int FILE_MAX = 64 << 10;
    public static final int TRACKERS_MAX = 1_000;

    public Bootstrap {
        trackers = List.copyOf(trackers);
    }

    /**
     * Reads a bootstrap file: {@code NO_BOOTSTRAP} if there is none, {@code BAD_ARGUMENT} with file
     * and line for anything that it may not say.
     */
    public static Result<Bootstrap> read(Path file) {
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(FILE_MAX + 1);
        } catch (IOException e) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.NO_BOOTSTRAP,
                            "reading the bootstrap file " + file + ": " + e,
                            "write the line `tracker <orb id>@host:port` into it;"
                                    + " `orb tracker start` prints that line"));
        }
        return parse(file.toString(), new String(content, StandardCharsets.UTF_8));
    }

    /** As {@link #read}, from text; {@code name} stands for the file in refusals. */
    public static Result<Bootstrap> parse(String name, String text) {
        return Result.catching(() -> parseOrThrow(name, text));
    }

    private static Bootstrap parseOrThrow(String name, String text) {
        if (text.length() > FILE_MAX) {
            throw refuse(name, 1, "the file is larger than " + FILE_MAX + " bytes");
        }
        Optional<Digest> network = Optional.empty();
        Optional<Bytes> genesis = Optional.empty();
        List<Contact> trackers = new ArrayList<>();
        String[] lines = text.split("\r?\n", -1);
        for (int i = 0; i < lines.length; i++) {
            int comment = lines[i].indexOf('#');
            String line = (comment < 0 ? lines[i] : lines[i].substring(0, comment)).strip();
            if (line.isEmpty()) {
                continue;
            }
            String[] words = line.split("[ \t]+", -1);
            if (words.length != 2) {
                throw refuse(name, i + 1, "a line is a word and its value, not: " + line);
            }
            switch (words[0]) {
                case "network" -> {
                    if (network.isPresent()) {
                        throw refuse(name, i + 1, "the network is named twice");
                    }
                    network = Optional.of(network(name, i + 1, words[1]));
                }
                case "genesis" -> {
                    if (genesis.isPresent()) {
                        throw refuse(name, i + 1, "the genesis is given twice");
                    }
                    genesis = Optional.of(genesis(name, i + 1, words[1]));
                }
                case "tracker" -> add(trackers, tracker(name, i + 1, words[1]), name, i + 1);
                default -> throw refuse(name, i + 1, "unknown word " + words[0]);
            }
        }
        Optional<Digest> digest = genesis.map(Digest::of);
        if (network.isPresent() && digest.isPresent() && !network.equals(digest)) {
            throw refuse(name, lines.length, "the genesis is not that of the network");
        }
        return new Bootstrap(network.or(() -> digest), genesis, trackers);
    }

    private static void add(List<Contact> trackers, Contact tracker, String name, int line) {
        if (trackers.stream().anyMatch(known -> known.id().equals(tracker.id()))) {
            throw refuse(name, line, "tracker " + tracker.id().brief() + " is named twice");
        }
        if (trackers.size() == TRACKERS_MAX) {
            throw refuse(name, line, "more than " + TRACKERS_MAX + " trackers");
        }
        trackers.add(tracker);
    }

    private static Digest network(String name, int line, String text) {
        try {
            return Digest.parse(text);
        } catch (IllegalArgumentException e) {
            throw refuse(name, line, "a network is 64 hex digits: " + e.getMessage());
        }
    }

    private static Bytes genesis(String name, int line, String text) {
        try {
            return Bytes.hex(text);
        } catch (IllegalArgumentException e) {
            throw refuse(name, line, "a genesis is hex digits: " + e.getMessage());
        }
    }

    private static Contact tracker(String name, int line, String text) {
        try {
            return Contact.parse(text);
        } catch (IllegalArgumentException e) {
            throw refuse(name, line, String.valueOf(e.getMessage()));
        }
    }

    private static RefusedException refuse(String name, int line, String what) {
        return new RefusedException(
                new Refusal(
                        ErrorCode.BAD_ARGUMENT,
                        name + ":" + line + ": " + what,
                        "lines are `network <64 hex digits>`, `genesis <hex>`, `tracker <orb"
                                + " id>@host:port` and `# comment`"));
    }
}
