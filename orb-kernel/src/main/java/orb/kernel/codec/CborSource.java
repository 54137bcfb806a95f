package orb.kernel.codec;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/** Reads canonical bytes and refuses all others; not thread-safe. */
final class CborSource {
    private final byte[] input;
    private final DecodeLimits limits;
    private int position;
    private int items;

    CborSource(byte[] input, DecodeLimits limits) {
        this.input = input;
        this.limits = limits;
    }

    /** The one item that the whole input is. */
    Value only() {
        if (input.length > limits.bytesMax()) {
            throw refuse("%d bytes are more than %d", input.length, limits.bytesMax());
        }
        Value value = item(limits.depthMax());
        if (position != input.length) {
            throw refuse("%d bytes are left over", input.length - position);
        }
        return value;
    }

    private Value item(int depth) {
        if (++items > limits.itemsMax()) {
            throw refuse("more than %d items", limits.itemsMax());
        }
        int start = next();
        int major = start >>> 5;
        int info = start & 31;
        if (major == 7) {
            return simpleOrFloat(info);
        }
        long argument = argument(info);
        return switch (major) {
            case 0 -> whole(argument, false);
            case 1 -> whole(argument, true);
            case 2 -> new Value.Blob(Bytes.wrap(take(argument)));
            case 3 -> new Value.Text(text(take(argument)));
            case 4 -> array(argument, deeper(depth));
            case 5 -> dict(argument, deeper(depth));
            default -> tagged(argument, deeper(depth));
        };
    }

    private int deeper(int depth) {
        if (depth == 0) {
            throw refuse("nested deeper than %d", limits.depthMax());
        }
        return depth - 1;
    }

    private long argument(int info) {
        if (info < 24) {
            return info;
        }
        if (info > 27) {
            throw refuse(info == 31 ? "indefinite length" : "reserved head %d", info);
        }
        int width = 1 << (info - 24);
        long argument = fixed(width);
        boolean shortest =
                switch (info) {
                    case 24 -> argument >= 24;
                    case 25 -> argument >= 1 << 8;
                    case 26 -> argument >= 1 << 16;
                    default -> argument < 0 || argument >= 1L << 32;
                };
        if (!shortest) {
            throw refuse("a head of %d bytes where a shorter one serves", width);
        }
        return argument;
    }

    private static Value whole(long argument, boolean negative) {
        if (argument >= 0) {
            return new Value.Int(negative ? ~argument : argument);
        }
        BigInteger unsigned = new BigInteger(Long.toUnsignedString(argument));
        return new Value.Huge(negative ? unsigned.not() : unsigned);
    }

    private Value array(long count, int depth) {
        int size = count(count, 1);
        List<Value> read = new ArrayList<>(Math.min(size, 64));
        for (int i = 0; i < size; i++) {
            read.add(item(depth));
        }
        return new Value.Array(read);
    }

    private Value dict(long count, int depth) {
        int size = count(count, 2);
        List<Value.Pair> read = new ArrayList<>(Math.min(size, 64));
        int previousFrom = 0;
        int previousTo = 0;
        for (int i = 0; i < size; i++) {
            int from = position;
            Value key = item(depth);
            int to = position;
            if (i > 0
                    && Arrays.compareUnsigned(input, previousFrom, previousTo, input, from, to)
                            >= 0) {
                throw refuse("map keys are equal or out of order");
            }
            previousFrom = from;
            previousTo = to;
            read.add(new Value.Pair(key, item(depth)));
        }
        return new Value.Dict(read);
    }

    private Value tagged(long tag, int depth) {
        if (tag < 0) {
            throw refuse("a tag beyond 63 bits");
        }
        return new Value.Tagged(tag, item(depth));
    }

    private Value simpleOrFloat(int info) {
        return switch (info) {
            case 24 -> {
                int simple = next();
                if (simple < 32) {
                    throw refuse("simple value %d in two bytes", simple);
                }
                yield new Value.Simple(simple);
            }
            case 25 -> half((short) fixed(2));
            case 26 -> single(java.lang.Float.intBitsToFloat((int) fixed(4)));
            case 27 -> twice(Double.longBitsToDouble(fixed(8)));
            case 28, 29, 30, 31 -> throw refuse("reserved or indefinite item %d", info);
            default -> new Value.Simple(info);
        };
    }

    private Value half(short bits) {
        float number = java.lang.Float.float16ToFloat(bits);
        if (java.lang.Float.isNaN(number) && bits != 0x7e00) {
            throw refuse("a NaN other than the canonical one");
        }
        return new Value.Float(number);
    }

    private Value single(float number) {
        if (java.lang.Float.isNaN(number) || Cbor.isHalf(number)) {
            throw refuse("a float of 4 bytes where 2 serve");
        }
        return new Value.Float(number);
    }

    private Value twice(double number) {
        if (Double.isNaN(number) || (float) number == number) {
            throw refuse("a float of 8 bytes where fewer serve");
        }
        return new Value.Float(number);
    }

    private String text(byte[] utf8) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw refuse("text is not UTF-8");
        }
    }

    private int count(long count, int itemsEach) {
        // every item needs a byte, so a count beyond the rest is a lie and allocates nothing
        if (count < 0 || count > (input.length - position) / itemsEach) {
            throw refuse(
                    "a count of %s with %d bytes left", unsigned(count), input.length - position);
        }
        return (int) count;
    }

    private byte[] take(long length) {
        if (length < 0 || length > input.length - position) {
            throw refuse(
                    "a length of %s with %d bytes left", unsigned(length), input.length - position);
        }
        position += (int) length;
        return Arrays.copyOfRange(input, position - (int) length, position);
    }

    private long fixed(int width) {
        if (width > input.length - position) {
            throw refuse("cut off in a head");
        }
        long value = 0;
        for (int i = 0; i < width; i++) {
            value = value << 8 | input[position++] & 0xff;
        }
        return value;
    }

    private int next() {
        if (position >= input.length) {
            throw refuse("cut off");
        }
        return input[position++] & 0xff;
    }

    private static String unsigned(long value) {
        return Long.toUnsignedString(value);
    }

    private RefusedException refuse(String what, Object... values) {
        return new RefusedException(
                ErrorCode.MALFORMED_BYTES,
                "CBOR at byte " + position + ": " + String.format(Locale.ROOT, what, values));
    }
}
