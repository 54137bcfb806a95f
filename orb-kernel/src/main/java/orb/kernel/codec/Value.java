package orb.kernel.codec;

import static orb.kernel.Require.require;

import java.math.BigInteger;
import java.util.List;
import orb.kernel.Bytes;

/** A CBOR data item (RFC 8949) as a tree; what canonical bytes say. */
public sealed interface Value {
    Value TRUE = new Simple(21);
    Value FALSE = new Simple(20);
    Value NULL = new Simple(22);
    Value UNDEFINED = new Simple(23);

    /** A whole number that fits 64 signed bits (major types 0 and 1). */
    record Int(long value) implements Value {}

    /** A whole number of major type 0 or 1 that does not fit 64 signed bits. */
    record Huge(BigInteger value) implements Value {
        public Huge {
            require(
                    value.bitLength() > 63 && value.bitLength() <= 64,
                    "a huge number needs exactly 64 bits: %s",
                    value);
        }
    }

    /** A byte string. */
    record Blob(Bytes value) implements Value {}

    /** A text string; the encoder writes an unpaired surrogate, which UTF-8 lacks, as {@code ?}. */
    record Text(String value) implements Value {}

    /** An array. */
    record Array(List<Value> items) implements Value {
        public Array {
            items = List.copyOf(items);
        }
    }

    /** A map; the encoder puts its pairs in canonical order and refuses equal keys. */
    record Dict(List<Pair> pairs) implements Value {
        public Dict {
            pairs = List.copyOf(pairs);
        }
    }

    /** A key and its value in a {@link Dict}. */
    record Pair(Value key, Value value) {}

    /** A tagged item. */
    record Tagged(long tag, Value value) implements Value {
        public Tagged {
            require(tag >= 0, "a tag is not negative: %d", tag);
        }
    }

    /** A floating-point number; every NaN is the same one. */
    record Float(double value) implements Value {}

    /** A simple value: 20 false, 21 true, 22 null, 23 undefined; 24..31 do not exist. */
    record Simple(int value) implements Value {
        public Simple {
            require(
                    value >= 0 && value <= 255 && (value < 24 || value > 31),
                    "there is no simple value %d",
                    value);
        }
    }

    static Value of(long number) {
        return new Int(number);
    }

    static Value of(String text) {
        return new Text(text);
    }

    static Value of(Bytes bytes) {
        return new Blob(bytes);
    }

    static Value of(boolean truth) {
        return truth ? TRUE : FALSE;
    }

    static Value array(Value... items) {
        return new Array(List.of(items));
    }

    static Value array(List<Value> items) {
        return new Array(items);
    }
}
