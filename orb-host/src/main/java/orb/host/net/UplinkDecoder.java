package orb.host.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/**
 * Cuts the uplink's bytes into frames; keeps at most one incomplete frame. Not thread-safe.
 *
 * <p>A frame that breaks the rules cannot be skipped, because nothing behind it can be found again:
 * {@link #read} throws {@link RefusedException} ({@code ORB-0001}) and the link ends.
 */
final class UplinkDecoder {
    private static final int FULL = UplinkFrame.LENGTH_FIELD + UplinkFrame.REST_MAX;

    private final UplinkFrame.Reader reader;
    private ByteBuf rest = Unpooled.EMPTY_BUFFER;

    UplinkDecoder(UplinkFrame.Reader reader) {
        this.reader = reader;
    }

    /** Reads all of the piece and hands over each frame that is complete with it. */
    void read(ByteBuf piece) {
        while (piece.isReadable()) {
            if (rest.isReadable()) {
                int missing = missing(rest);
                rest.writeBytes(piece, Math.min(missing, piece.readableBytes()));
                if (missing(rest) == 0) {
                    frame(rest);
                    rest.clear();
                }
            } else if (missing(piece) == 0) {
                frame(piece);
            } else {
                if (rest.capacity() == 0) {
                    rest = Unpooled.buffer(256, FULL);
                }
                rest.writeBytes(piece);
            }
        }
    }

    /** Bytes to wait for: of the length field first, then of the frame that it announces. */
    private static int missing(ByteBuf in) {
        int there = in.readableBytes();
        if (there < UplinkFrame.LENGTH_FIELD) {
            return UplinkFrame.LENGTH_FIELD - there;
        }
        long length = in.getUnsignedInt(in.readerIndex());
        if (length < UplinkFrame.HEAD || length > UplinkFrame.REST_MAX) {
            throw new RefusedException(
                    ErrorCode.MALFORMED_BYTES,
                    "an uplink frame is %d..%d bytes, not %d"
                            .formatted(UplinkFrame.HEAD, UplinkFrame.REST_MAX, length));
        }
        return (int) Math.max(0, UplinkFrame.LENGTH_FIELD + length - there);
    }

    private void frame(ByteBuf in) {
        int payload = in.readInt() - UplinkFrame.HEAD;
        int kind = in.readUnsignedByte();
        long exchange = in.readLong();
        int end = in.readerIndex() + payload;
        reader.frame(kind, exchange, in.slice(in.readerIndex(), payload));
        in.readerIndex(end);
    }
}
