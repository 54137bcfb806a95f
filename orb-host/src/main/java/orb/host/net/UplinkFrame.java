package orb.host.net;

import io.netty.buffer.ByteBuf;

/**
 * The frames of the uplink, the one long-lived stream that carries the dialler's own questions.
 *
 * <p>A frame is, big-endian: {@code u32} length of the rest; {@code u8} kind; {@code u64} exchange;
 * payload. See {@code docs/protocol/transport.md}.
 */
final class UplinkFrame {
    /** Opens a question: {@code u32} milliseconds to answer in, {@code u32} length, first bytes. */
    static final int ASK = 1;

    /** Opens an answer: {@code u32} length, first bytes. */
    static final int ANSWER = 2;

    /** Further bytes of the question or answer of this exchange. */
    static final int MORE = 3;

    /** The asker no longer waits; no payload. */
    static final int CANCEL = 4;

    /** Message bytes in one frame at most; small enough that others are not held up behind it. */
    static final int PIECE_MAX = 32 << 10;

    static final int LENGTH_FIELD = 4;
    static final int HEAD = 1 + 8;
    static final int ASK_HEAD = 4 + 4;
    static final int ANSWER_HEAD = 4;
    static final int REST_MAX = HEAD + ASK_HEAD + PIECE_MAX;

    private UplinkFrame() {}

    /** Writes everything in front of the payload. */
    static void head(ByteBuf out, int kind, long exchange, int payload) {
        out.writeInt(HEAD + payload).writeByte(kind).writeLong(exchange);
    }

    /** What is done with a frame that was read; the payload is valid during the call only. */
    interface Reader {
        void frame(int kind, long exchange, ByteBuf payload);
    }
}
