package orb.ledger;

import java.util.Arrays;
import orb.kernel.Bytes;
import orb.kernel.Digest;

/**
 * The hash over the whole state, kept up to date item by item.
 *
 * <p>Idea: a binary trie over 256-bit keys in which a fork stands only where two keys part (a
 * crit-bit tree: Bernstein, 2004; PATRICIA: Morrison, 1968). Its shape follows from the set of keys
 * alone, whatever the order they came in, so equal states have equal roots. Hashes are computed
 * when the root is asked for, and only along paths that changed: a checkpoint costs by what changed
 * since the last, not by the size of the state. A leaf is {@code SHA-256(0x00 || key || value)}, a
 * fork {@code SHA-256(0x01 || bit as two bytes || left || right)}, the empty tree the digest of
 * nothing. Not thread-safe.
 */
final class StateTree {
    private static final int KEY_BITS = Digest.LENGTH * 8;
    private static final byte[] LEAF = {0};
    private static final byte[] STALE = {};
    private static final byte[] EMPTY = Digest.of(Bytes.EMPTY).bytes().array();

    private sealed interface Part permits None, Leaf, Fork {}

    private record None() implements Part {}

    private record Leaf(byte[] key, byte[] hash) implements Part {}

    private static final class Fork implements Part {
        private final int bit;
        private Part left;
        private Part right;
        private byte[] hash = STALE;

        private Fork(int bit, Part left, Part right) {
            this.bit = bit;
            this.left = left;
            this.right = right;
        }
    }

    private Part top = new None();

    /** Sets the value of a key. */
    void put(Digest key, Bytes value) {
        byte[] bits = key.bytes().array();
        Leaf leaf = new Leaf(bits, Digest.sha256(LEAF, bits, value.array()).bytes().array());
        top = place(top, leaf, firstDifference(top, bits));
    }

    /** Takes a key out; nothing happens if it is not there. */
    void remove(Digest key) {
        byte[] bits = key.bytes().array();
        if (firstDifference(top, bits) == KEY_BITS) {
            top = without(top, bits);
        }
    }

    Digest root() {
        return new Digest(Bytes.wrap(hash(top)));
    }

    /** The first bit in which the key differs from the one nearest to it; 256 if it is there. */
    private static int firstDifference(Part from, byte[] key) {
        Part part = from;
        while (part instanceof Fork fork) {
            part = isSet(key, fork.bit) ? fork.right : fork.left;
        }
        if (!(part instanceof Leaf leaf)) {
            return 0;
        }
        int at = Arrays.mismatch(leaf.key, key);
        return at < 0
                ? KEY_BITS
                : at * 8 + Integer.numberOfLeadingZeros((leaf.key[at] ^ key[at]) & 0xff) - 24;
    }

    private static Part place(Part part, Leaf leaf, int bit) {
        if (part instanceof None) {
            return leaf;
        }
        if (part instanceof Fork fork && fork.bit < bit) {
            fork.hash = STALE;
            if (isSet(leaf.key, fork.bit)) {
                fork.right = place(fork.right, leaf, bit);
            } else {
                fork.left = place(fork.left, leaf, bit);
            }
            return fork;
        }
        if (bit == KEY_BITS) {
            return leaf;
        }
        return isSet(leaf.key, bit) ? new Fork(bit, part, leaf) : new Fork(bit, leaf, part);
    }

    private static Part without(Part part, byte[] key) {
        if (!(part instanceof Fork fork)) {
            return new None();
        }
        boolean goesRight = isSet(key, fork.bit);
        Part shorter = without(goesRight ? fork.right : fork.left, key);
        if (shorter instanceof None) {
            return goesRight ? fork.left : fork.right;
        }
        fork.hash = STALE;
        if (goesRight) {
            fork.right = shorter;
        } else {
            fork.left = shorter;
        }
        return fork;
    }

    private static byte[] hash(Part part) {
        return switch (part) {
            case None _ -> EMPTY;
            case Leaf leaf -> leaf.hash;
            case Fork fork -> {
                if (fork.hash.length == 0) {
                    byte[] start = {1, (byte) (fork.bit >> 8), (byte) fork.bit};
                    fork.hash =
                            Digest.sha256(start, hash(fork.left), hash(fork.right)).bytes().array();
                }
                yield fork.hash;
            }
        };
    }

    private static boolean isSet(byte[] key, int bit) {
        return (key[bit >> 3] >> (7 - (bit & 7)) & 1) == 1;
    }
}
