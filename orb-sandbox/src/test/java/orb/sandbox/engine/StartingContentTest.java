package orb.sandbox.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What an earlier guest left in a memory's room never shows in the next one. */
final class StartingContentTest {
    @Test
    void everyByteIsWritten() {
        for (int length : new int[] {0, 1, 4095, 4096, 4097, 8192, 65_536}) {
            check(new byte[length]);
            byte[] full = new byte[length];
            Arrays.fill(full, (byte) 7);
            check(full);
        }
        SplittableRandom random = new SplittableRandom(20);
        for (int turn = 0; turn < 300; turn++) {
            byte[] image = new byte[random.nextInt(65_536)];
            for (int stretch = random.nextInt(6); stretch > 0 && image.length > 0; stretch--) {
                int from = random.nextInt(image.length);
                int to = Math.min(image.length, from + 1 + random.nextInt(9_000));
                for (int i = from; i < to; i++) {
                    image[i] = (byte) random.nextInt();
                }
            }
            check(image);
        }
    }

    private static void check(byte[] image) {
        byte[] room = new byte[65_536];
        Arrays.fill(room, (byte) 0xaa);
        new StartingContent(image).layOut(room);
        assertArrayEquals(Arrays.copyOf(image, room.length), room);
    }
}
