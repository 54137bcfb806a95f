package orb.sandbox.engine;

import java.util.Arrays;

/**
 * What memories of a module start with: an image, of which long stretches are zeros and need not be
 * read again for each memory. An engine's stack is most of its image.
 *
 * <p>Immutable and thread-safe.
 */
public final class StartingContent {
    private static final int BLOCK = 4096;
    private static final byte[] ZEROS = new byte[BLOCK];

    private final byte[] image;

    /** Where stretches with content begin and end, in turn. */
    private final int[] edges;

    /**
     * @param image the content up to its last byte that is not zero, or further; not written from
     *     now on
     */
    public StartingContent(byte[] image) {
        this.image = image;
        int[] found = new int[image.length / BLOCK + 2];
        int count = 0;
        for (int at = 0; at < image.length; at += BLOCK) {
            int end = Math.min(image.length, at + BLOCK);
            boolean isOpen = count % 2 == 1;
            if (isOpen == Arrays.equals(image, at, end, ZEROS, 0, end - at)) {
                found[count++] = at;
            }
        }
        if (count % 2 == 1) {
            found[count++] = image.length;
        }
        this.edges = Arrays.copyOf(found, count);
    }

    /**
     * Writes every byte of a memory.
     *
     * @param room at least as long as the image
     */
    void layOut(byte[] room) {
        int at = 0;
        for (int i = 0; i < edges.length; i += 2) {
            int from = edges[i];
            int to = edges[i + 1];
            Arrays.fill(room, at, from, (byte) 0);
            System.arraycopy(image, from, room, from, to - from);
            at = to;
        }
        Arrays.fill(room, at, room.length, (byte) 0);
    }
}
