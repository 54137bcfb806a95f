package orb.overlay.dht;

import java.util.Comparator;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.RefusedException;

/**
 * A point of 256 bits: where a record lies is where the peers are whose ids differ from it in the
 * lowest bits (Maymounkov and Mazieres, "Kademlia", 2002). A peer's own record lies at its id.
 *
 * @param point the bits
 */
public record Key(Digest point) implements Comparable<Key> {
    /** How a node's key starts where a person writes it. */
    public static final String NODE = "node:";

    /** How a function's key starts where a person writes it. */
    public static final String FUNCTION = "fn:";

    private static final Bytes SALT = Bytes.utf8("orb/dht/function/1\0");

    /** Where a peer's record lies. */
    public static Key of(NodeId peer) {
        return new Key(peer.digest());
    }

    /** Where the records of those lie that seed a function. */
    public static Key of(FunctionName function) {
        return new Key(Digest.of(SALT.concat(Bytes.utf8(function.toString()))));
    }

    /**
     * The key that a person means: {@code node:ID} or {@code fn:OWNER/NAME}.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static Key parse(String text) {
        try {
            if (text.startsWith(NODE)) {
                return of(NodeId.parse(text.substring(NODE.length())));
            }
            if (text.startsWith(FUNCTION)) {
                return of(FunctionName.parse(text.substring(FUNCTION.length())));
            }
        } catch (RefusedException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        throw new IllegalArgumentException("a key is node:ID or fn:OWNER/NAME, not " + text);
    }

    /** How many leading bits the two share, 0..256: the more, the nearer. */
    public int sharedBits(NodeId peer) {
        byte[] one = point.bytes().array();
        byte[] other = peer.digest().bytes().array();
        for (int i = 0; i < one.length; i++) {
            int differs = (one[i] ^ other[i]) & 0xff;
            if (differs != 0) {
                return 8 * i + Integer.numberOfLeadingZeros(differs) - 24;
            }
        }
        return 8 * one.length;
    }

    /** Nearest first; no two peers are equally near. */
    public Comparator<NodeId> nearestFirst() {
        return (left, right) -> {
            byte[] mine = point.bytes().array();
            byte[] one = left.digest().bytes().array();
            byte[] other = right.digest().bytes().array();
            for (int i = 0; i < mine.length; i++) {
                int order = ((mine[i] ^ one[i]) & 0xff) - ((mine[i] ^ other[i]) & 0xff);
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        };
    }

    @Override
    public int compareTo(Key other) {
        return point.compareTo(other.point);
    }

    @Override
    public String toString() {
        return point.hex();
    }
}
