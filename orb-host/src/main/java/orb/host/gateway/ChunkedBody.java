package orb.host.gateway;

import io.netty.buffer.ByteBuf;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/**
 * Takes the framing off a body in chunks (RFC 9112 section 7.1), strictly; trailers are read and
 * dropped. Not thread-safe.
 */
final class ChunkedBody {
    private static final int SIZE_DIGITS_MAX = 8;
    private static final int EXTENSIONS_MAX = 1024;
    private static final int TRAILERS_MAX = 8 << 10;

    private enum Place {
        SIZE,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILER_START,
        TRAILER,
        TRAILER_LF,
        LAST_LF,
        END
    }

    private Place place = Place.SIZE;
    private long left;
    private int digits;
    private int skipped;

    boolean isEnded() {
        return place == Place.END;
    }

    /**
     * Moves behind framing up to the next bytes of the body, and returns how many of them are
     * readable now; 0 if more input is needed or the body has ended.
     *
     * @throws RefusedException {@code ORB-0002} for wrong framing
     */
    int next(ByteBuf in) {
        while (in.isReadable() && place != Place.END) {
            if (place == Place.DATA) {
                if (left > 0) {
                    return (int) Math.min(left, in.readableBytes());
                }
                place = Place.DATA_CR;
            }
            byte c = in.readByte();
            if (place == Place.SIZE) {
                size(c);
            } else {
                framing(c);
            }
        }
        return 0;
    }

    /** That many bytes of the body were taken out. */
    void took(int bytes) {
        left -= bytes;
    }

    private void size(byte c) {
        int digit = Character.digit(c, 16);
        if (digit >= 0 && ++digits <= SIZE_DIGITS_MAX) {
            left = left << 4 | digit;
        } else if (digits > 0 && digits <= SIZE_DIGITS_MAX && c == '\r') {
            place = Place.SIZE_LF;
        } else if (digits > 0 && digits <= SIZE_DIGITS_MAX && c == ';') {
            place = Place.EXTENSION;
        } else {
            throw refuse("a chunk's size is not 1..8 hex digits");
        }
    }

    private void framing(byte c) {
        switch (place) {
            case EXTENSION -> skip(c, EXTENSIONS_MAX, Place.SIZE_LF);
            case SIZE_LF -> {
                expect(c, '\n');
                digits = 0;
                place = left == 0 ? Place.TRAILER_START : Place.DATA;
            }
            case DATA_CR -> {
                expect(c, '\r');
                place = Place.DATA_LF;
            }
            case DATA_LF -> {
                expect(c, '\n');
                place = Place.SIZE;
            }
            case TRAILER_START -> {
                if (c == '\r') {
                    place = Place.LAST_LF;
                } else {
                    skip(c, TRAILERS_MAX, Place.TRAILER_LF);
                    place = Place.TRAILER;
                }
            }
            case TRAILER -> skip(c, TRAILERS_MAX, Place.TRAILER_LF);
            case TRAILER_LF -> {
                expect(c, '\n');
                place = Place.TRAILER_START;
            }
            case LAST_LF -> {
                expect(c, '\n');
                place = Place.END;
            }
            case SIZE, DATA, END -> throw new IllegalStateException("no framing in " + place);
        }
    }

    private void skip(byte c, int max, Place onReturn) {
        if (c == '\r') {
            place = onReturn;
        } else if (c == '\n' || c == 0 || ++skipped > max) {
            throw refuse("an extension or trailer is too long or holds a control character");
        }
    }

    private static void expect(byte c, char expected) {
        if (c != expected) {
            throw refuse("a chunk does not end where it should");
        }
    }

    private static RefusedException refuse(String what) {
        return new RefusedException(
                new Refusal(
                        ErrorCode.MALFORMED_HTTP,
                        "the body's chunks are malformed: " + what,
                        "send a Content-Length, or chunks as RFC 9112 section 7.1 has them"));
    }
}
