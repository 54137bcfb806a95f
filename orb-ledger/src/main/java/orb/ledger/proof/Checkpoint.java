package orb.ledger.proof;

import static orb.kernel.Require.require;

import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.ledger.MerkleTree;

/**
 * What is said of the ledger at one size of its log: the text of a C2SP tlog-checkpoint with one
 * extension line for the state. Immutable.
 *
 * @param network the swarm
 * @param size entries in the log
 * @param root of the tree over them
 * @param stateRoot of the state that follows from them
 */
public record Checkpoint(Digest network, long size, Digest root, Digest stateRoot) {
    private static final String ORIGIN = "orb.ledger/";
    private static final String STATE = "state ";
    private static final Pattern SHAPE =
            Pattern.compile(
                    """
                    orb\\.ledger/([0-9a-f]{64})
                    (0|[1-9][0-9]{0,18})
                    ([A-Za-z0-9+/]{43}=)
                    state ([A-Za-z0-9+/]{43}=)
                    """);

    public Checkpoint {
        require(size >= 0, "a log has no %d entries", size);
    }

    /** The log's name, which is its swarm's. */
    public static String origin(Digest network) {
        return ORIGIN + network.hex();
    }

    public String origin() {
        return origin(network);
    }

    public MerkleTree.Head head() {
        return new MerkleTree.Head(size, root);
    }

    /** The text that is signed: four lines. */
    public String text() {
        return String.join(
                "\n", origin(), Long.toString(size), base64(root), STATE + base64(stateRoot), "");
    }

    private static String base64(Digest digest) {
        return Base64.getEncoder().encodeToString(digest.bytes().array());
    }

    /** Reads such a text, strictly; {@code ORB-0001} for anything else. */
    public static Result<Checkpoint> parse(String text) {
        Matcher m = SHAPE.matcher(text);
        if (m.matches()) {
            try {
                Checkpoint read =
                        new Checkpoint(
                                Digest.parse(m.group(1)),
                                Long.parseLong(m.group(2)),
                                digest(m.group(3)),
                                digest(m.group(4)));
                if (read.text().equals(text)) {
                    return Result.ok(read);
                }
            } catch (IllegalArgumentException e) { // beyond 64 bits, or spare bits in base64
                return Result.refused(
                        ErrorCode.MALFORMED_BYTES, "no checkpoint: " + e.getMessage());
            }
        }
        return Result.refused(ErrorCode.MALFORMED_BYTES, "this is no checkpoint of a ledger");
    }

    private static Digest digest(String base64) {
        return new Digest(Bytes.wrap(Base64.getDecoder().decode(base64)));
    }
}
