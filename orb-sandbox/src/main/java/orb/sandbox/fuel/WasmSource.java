package orb.sandbox.fuel;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/**
 * Reads the primitives of the WebAssembly binary format (core specification, section 5.2) within
 * bounds.
 *
 * <p>Reading past the end refuses with {@code ORB-0102}; an over-long LEB128 number or text that is
 * not UTF-8 with {@code ORB-0110}. Nothing is allocated before its bytes are known to be there. Not
 * thread-safe.
 */
final class WasmSource {
    private static final int NAME_MAX = 4096;

    private final byte[] bytes;
    private final int end;
    private int position;

    WasmSource(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.position = from;
        this.end = to;
    }

    int position() {
        return position;
    }

    int end() {
        return end;
    }

    boolean isAtEnd() {
        return position >= end;
    }

    int next() {
        if (position >= end) {
            throw truncated();
        }
        return bytes[position++] & 0xff;
    }

    /** Unsigned 32 bits, LEB128; beyond 2^31 the int is negative. */
    int u32() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int read = next();
            if (shift == 28 && read > 0x0f) {
                throw invalid("a number of more than 32 bits");
            }
            value |= (read & 0x7f) << shift;
            if (read < 0x80) {
                return value;
            }
        }
        throw invalid("a number of more than 5 bytes");
    }

    /** Signed LEB128 of at most so many bits. */
    long signed(int bits) {
        long value = 0;
        for (int shift = 0; shift < bits; shift += 7) {
            int read = next();
            value |= (long) (read & 0x7f) << shift;
            if (shift + 7 > bits) {
                int rest = (byte) (read << 1) >> (bits - shift);
                if (read >= 0x80 || (rest != 0 && rest != -1)) {
                    throw invalid("a number of more than " + bits + " bits");
                }
            }
            if (read < 0x80) {
                int used = Math.min(shift + 7, 64);
                return used == 64 ? value : value << (64 - used) >> (64 - used);
            }
        }
        throw invalid("a number that does not end");
    }

    /** A count of things that take at least one byte each, so that a lie allocates nothing. */
    int count(int max, String what) {
        int count = u32();
        if (Integer.compareUnsigned(count, max) > 0) {
            throw bomb(
                    "%s %s, and at most %d are admitted",
                    Integer.toUnsignedString(count), what, max);
        }
        if (count > end - position) {
            throw truncated();
        }
        return count;
    }

    /** A length of bytes that follow. */
    int length() {
        int length = u32();
        if (Integer.compareUnsigned(length, end - position) > 0) {
            throw truncated();
        }
        return length;
    }

    void skip(int count) {
        if (count > end - position) {
            throw truncated();
        }
        position += count;
    }

    String name() {
        int length = length();
        if (length > NAME_MAX) {
            throw bomb("a name of %d bytes, and at most %d are admitted", length, NAME_MAX);
        }
        position += length;
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, position - length, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw invalid("a name that is not UTF-8");
        }
    }

    RefusedException truncated() {
        return refuse(ErrorCode.TRUNCATED_WASM, "ends where more must follow");
    }

    RefusedException invalid(String what, Object... values) {
        return refuse(ErrorCode.INVALID_MODULE, "has " + what, values);
    }

    RefusedException bomb(String what, Object... values) {
        return refuse(ErrorCode.MODULE_BOMB, "declares " + what, values);
    }

    RefusedException proposal(String name) {
        return refuse(ErrorCode.PROPOSAL_REFUSED, "uses the proposal: %s", name);
    }

    RefusedException refuse(ErrorCode code, String what, Object... values) {
        String text = values.length == 0 ? what : String.format(Locale.ROOT, what, values);
        return new RefusedException(code, "at byte " + position + " the module " + text);
    }
}
