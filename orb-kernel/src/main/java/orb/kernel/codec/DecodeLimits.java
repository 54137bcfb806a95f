package orb.kernel.codec;

import static orb.kernel.Require.require;

/**
 * Bounds on what a decoder accepts from outside.
 *
 * @param bytesMax length of the input in bytes
 * @param depthMax nesting of arrays, maps and tags
 * @param itemsMax number of data items in the whole input; bounds memory to some fifty bytes each
 */
public record DecodeLimits(int bytesMax, int depthMax, int itemsMax) {
    /** For messages between peers. */
    public static final DecodeLimits MESSAGE = new DecodeLimits(40 << 20, 12, 100_000);

    /** For entries of the ledger and other small signed things. */
    public static final DecodeLimits ENTRY = new DecodeLimits(16 << 10, 8, 1_000);

    public DecodeLimits {
        require(bytesMax > 0, "bytesMax must be positive: %d", bytesMax);
        require(depthMax > 0 && depthMax <= 64, "depthMax is 1..64: %d", depthMax);
        require(itemsMax > 0, "itemsMax must be positive: %d", itemsMax);
    }
}
