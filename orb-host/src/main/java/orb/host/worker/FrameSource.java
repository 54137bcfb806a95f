package orb.host.worker;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import orb.kernel.Bytes;

/**
 * Reads frames: four bytes of length, most significant first, and as many bytes.
 *
 * <p>A length is believed only as far as bytes arrive: memory grows with what was read, not with
 * what was promised. For one thread.
 */
public final class FrameSource {
    private static final int BUFFER = 64 << 10;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private int from;
    private int to;

    public FrameSource(InputStream in) {
        this.in = in;
    }

    /**
     * The next frame; empty at the end of the stream between two frames.
     *
     * @throws IOException for a length outside 1..{@value WorkerCodec#FRAME_MAX} and for a stream
     *     that ends within a frame
     */
    public Optional<Bytes> next() throws IOException {
        if (from == to && !fill()) {
            return Optional.empty();
        }
        int length = 0;
        for (int i = 0; i < 4; i++) {
            if (from == to && !fill()) {
                throw new EOFException("the stream ended in a length");
            }
            length = length << 8 | buffer[from++] & 0xff;
        }
        if (length < 1 || length > WorkerCodec.FRAME_MAX) {
            throw new IOException("a frame of " + Integer.toUnsignedString(length) + " bytes");
        }
        return Optional.of(Bytes.wrap(body(length)));
    }

    private byte[] body(int length) throws IOException {
        byte[] frame = new byte[Math.min(length, BUFFER)];
        int have = 0;
        while (have < length) {
            if (have == frame.length) {
                frame = Arrays.copyOf(frame, (int) Math.min(length, 4L * frame.length));
            }
            int read;
            if (from < to) {
                read = Math.min(to - from, frame.length - have);
                System.arraycopy(buffer, from, frame, have, read);
                from += read;
            } else {
                read = more(frame, have);
            }
            have += read;
        }
        return frame;
    }

    /** Fills the frame itself where much is missing, else the buffer. */
    private int more(byte[] frame, int have) throws IOException {
        int read = 0;
        if (frame.length - have >= BUFFER) {
            read = in.read(frame, have, frame.length - have);
        } else if (!fill()) {
            read = -1;
        }
        if (read < 0) {
            throw new EOFException("the stream ended in a frame");
        }
        return read;
    }

    private boolean fill() throws IOException {
        from = 0;
        to = Math.max(0, in.read(buffer, 0, buffer.length));
        return to > 0;
    }
}
