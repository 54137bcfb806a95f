package orb.kernel;

import orb.kernel.identity.PublicKey;

/**
 * Names a peer, node or tracker, by its machine key: its Orb id.
 *
 * @param digest SHA-256 of the public key
 */
public record NodeId(Digest digest) implements Comparable<NodeId> {
    public static NodeId of(PublicKey key) {
        return new NodeId(Digest.of(key.bytes()));
    }

    /**
     * Reads 64 hexadecimal digits.
     *
     * @throws IllegalArgumentException for any other text
     */
    public static NodeId parse(String hex) {
        return new NodeId(Digest.parse(hex));
    }

    /** The first eight digits, for people; never for comparing. */
    public String brief() {
        return digest.bytes().slice(0, 4).hex();
    }

    @Override
    public int compareTo(NodeId other) {
        return digest.compareTo(other.digest);
    }

    @Override
    public String toString() {
        return digest.hex();
    }
}
