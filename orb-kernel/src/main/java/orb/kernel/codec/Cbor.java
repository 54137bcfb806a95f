package orb.kernel.codec;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.RefusedException;
import orb.kernel.Result;

/**
 * Canonical bytes: deterministically encoded CBOR (RFC 8949 section 4.2.1).
 *
 * <p>One value has one encoding: shortest heads, shortest floats that keep the value, definite
 * lengths, map keys in bytewise order of their encodings. The decoder refuses everything else, so
 * that equal meaning is equal bytes and a digest of the bytes names the value. Thread-safe.
 */
public final class Cbor {
    private Cbor() {}

    /**
     * The canonical bytes of a value.
     *
     * @throws IllegalArgumentException if a map has two equal keys
     */
    public static Bytes encode(Value value) {
        CborSink sink = new CborSink();
        write(sink, value);
        return sink.bytes();
    }

    /** The value that these canonical bytes say, or the refusal that names what is wrong where. */
    public static Result<Value> decode(Bytes bytes, DecodeLimits limits) {
        return Result.catching(() -> decodeOrThrow(bytes, limits));
    }

    /**
     * As {@link #decode}, for use inside a larger decoder.
     *
     * @throws RefusedException with {@code ORB-0001} if the bytes are not canonical
     */
    public static Value decodeOrThrow(Bytes bytes, DecodeLimits limits) {
        return new CborSource(bytes.array(), limits).only();
    }

    private static void write(CborSink sink, Value value) {
        switch (value) {
            case Value.Int(var number) ->
                    sink.head(number < 0 ? 1 : 0, number < 0 ? ~number : number);
            case Value.Huge(var number) -> writeHuge(sink, number);
            case Value.Blob(var blob) -> {
                sink.head(2, blob.length());
                sink.raw(blob.array());
            }
            case Value.Text(var text) -> {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                sink.head(3, utf8.length);
                sink.raw(utf8);
            }
            case Value.Array(var items) -> {
                sink.head(4, items.size());
                for (int i = 0; i < items.size(); i++) { // no iterator: this is all that encodes
                    write(sink, items.get(i));
                }
            }
            case Value.Dict(var pairs) -> writeDict(sink, pairs);
            case Value.Tagged(var tag, var tagged) -> {
                sink.head(6, tag);
                write(sink, tagged);
            }
            case Value.Float(var number) -> writeFloat(sink, number);
            case Value.Simple(var simple) -> {
                if (simple < 24) {
                    sink.one(0xe0 | simple);
                } else {
                    sink.one(0xf8);
                    sink.one(simple);
                }
            }
        }
    }

    private static void writeHuge(CborSink sink, BigInteger number) {
        boolean negative = number.signum() < 0;
        long bits = (negative ? number.not() : number).longValue();
        sink.one(negative ? 0x3b : 0x1b);
        sink.fixed(bits, 8);
    }

    private static void writeDict(CborSink sink, List<Value.Pair> pairs) {
        List<byte[][]> encoded = new ArrayList<>(pairs.size());
        for (Value.Pair pair : pairs) {
            encoded.add(new byte[][] {encode(pair.key()).array(), encode(pair.value()).array()});
        }
        encoded.sort((left, right) -> Arrays.compareUnsigned(left[0], right[0]));
        sink.head(5, encoded.size());
        byte[] previous = null;
        for (byte[][] pair : encoded) {
            if (previous != null && Arrays.equals(previous, pair[0])) {
                throw new IllegalArgumentException("a map has two equal keys");
            }
            sink.raw(pair[0]);
            sink.raw(pair[1]);
            previous = pair[0];
        }
    }

    private static void writeFloat(CborSink sink, double number) {
        if (Double.isNaN(number)) {
            sink.one(0xf9);
            sink.fixed(0x7e00, 2);
        } else if ((float) number != number) {
            sink.one(0xfb);
            sink.fixed(Double.doubleToRawLongBits(number), 8);
        } else if (isHalf((float) number)) {
            sink.one(0xf9);
            sink.fixed(java.lang.Float.floatToFloat16((float) number), 2);
        } else {
            sink.one(0xfa);
            sink.fixed(java.lang.Float.floatToRawIntBits((float) number), 4);
        }
    }

    static boolean isHalf(float number) {
        return java.lang.Float.float16ToFloat(java.lang.Float.floatToFloat16(number)) == number;
    }
}
