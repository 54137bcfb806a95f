package orb.kernel;

import static orb.kernel.Require.require;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/**
 * An immutable sequence of bytes, compared as unsigned bytes in lexicographic order.
 *
 * <p>Thread-safe. {@link #of} and {@link #toArray} copy; {@link #wrap} and {@link #array} do not,
 * and are for code that has just made the array or only reads it.
 */
public final class Bytes implements Comparable<Bytes> {
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] array;

    private Bytes(byte[] array) {
        this.array = array;
    }

    /** A copy of the array's content. */
    public static Bytes of(byte... array) {
        return array.length == 0 ? EMPTY : new Bytes(array.clone());
    }

    /** Takes the array over without a copy; the caller must not write to it again. */
    public static Bytes wrap(byte[] array) {
        return array.length == 0 ? EMPTY : new Bytes(array);
    }

    public static Bytes utf8(String text) {
        return wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads lower- or upper-case hexadecimal digits.
     *
     * @throws IllegalArgumentException if the text is not an even number of hexadecimal digits
     */
    public static Bytes hex(String digits) {
        return wrap(HexFormat.of().parseHex(digits));
    }

    public int length() {
        return array.length;
    }

    public boolean isEmpty() {
        return array.length == 0;
    }

    public byte at(int index) {
        return array[index];
    }

    /** The bytes from {@code from} (inclusive) to {@code to} (exclusive), copied. */
    public Bytes slice(int from, int to) {
        Objects.checkFromToIndex(from, to, array.length);
        return from == 0 && to == array.length ? this : wrap(Arrays.copyOfRange(array, from, to));
    }

    public Bytes concat(Bytes other) {
        byte[] joined = Arrays.copyOf(array, array.length + other.array.length);
        System.arraycopy(other.array, 0, joined, array.length, other.array.length);
        return wrap(joined);
    }

    public byte[] toArray() {
        return array.clone();
    }

    /** The content itself, not a copy: read it, never write it. */
    public byte[] array() {
        return array;
    }

    public String hex() {
        return HexFormat.of().formatHex(array);
    }

    /** The bytes as text; malformed UTF-8 shows as replacement characters. */
    public String utf8() {
        return new String(array, StandardCharsets.UTF_8);
    }

    /** These bytes, which must be exactly as many. */
    public Bytes exactly(int length, String what) {
        require(array.length == length, "%s is %d bytes, not %d", what, length, array.length);
        return this;
    }

    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(array, other.array);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && Arrays.equals(array, that.array);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(array);
    }

    @Override
    public String toString() {
        return array.length <= 32
                ? hex()
                : hex().substring(0, 64) + "..(" + array.length + " bytes)";
    }
}
