package orb.host.gateway;

import io.netty.buffer.ByteBuf;
import orb.host.net.Gathering;
import orb.host.net.MemoryBudget;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import org.jspecify.annotations.Nullable;

/** A request's body while it is being received, with its length told or in chunks. */
final class RequestBody {
    private final Gathering gathering;
    private final long length;
    private final @Nullable ChunkedBody chunks;

    /**
     * A body of which nothing has come.
     *
     * @param length as told, or {@link HttpHead#CHUNKED}
     * @throws RefusedException {@code ORB-0003} if it is told to be too large, before a byte of it
     *     is taken
     */
    RequestBody(long length, MemoryBudget budget) {
        if (length > Request.BODY_MAX) {
            throw tooLarge("of " + length + " bytes");
        }
        this.length = length;
        gathering = new Gathering(budget, Request.BODY_MAX);
        chunks = length == HttpHead.CHUNKED ? new ChunkedBody() : null;
    }

    /**
     * Takes what belongs to the body; whether it is whole.
     *
     * @throws RefusedException {@code ORB-0003} beyond the bound, {@code ORB-0002} for wrong
     *     chunks, {@code ORB-0207} if no memory is left
     */
    boolean read(ByteBuf in) {
        if (chunks == null) {
            add(in, (int) Math.min(length - gathering.length(), in.readableBytes()));
            return gathering.length() == length;
        }
        int ready = chunks.next(in);
        while (ready > 0) {
            add(in, ready);
            chunks.took(ready);
            ready = chunks.next(in);
        }
        return chunks.isEnded();
    }

    private void add(ByteBuf in, int bytes) {
        switch (gathering.add(in.readSlice(bytes))) {
            case YES -> {}
            case TOO_LARGE -> throw tooLarge("in chunks that go on");
            case NO_MEMORY ->
                    throw new RefusedException(
                            new Refusal(
                                    ErrorCode.BUSY,
                                    "no memory is left for bodies that are being received",
                                    "try again in a moment"));
        }
    }

    private static RefusedException tooLarge(String how) {
        return new RefusedException(
                new Refusal(
                        ErrorCode.BODY_TOO_LARGE,
                        "a body %s; at most %d bytes are taken".formatted(how, Request.BODY_MAX),
                        "split the input, or pass a place where the function can find it"));
    }

    Bytes finish() {
        return gathering.finish();
    }

    void drop() {
        gathering.drop();
    }
}
