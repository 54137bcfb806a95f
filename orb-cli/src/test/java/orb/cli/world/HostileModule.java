package orb.cli.world;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Smallest commands that never end of themselves, as bytes of the WebAssembly core spec. */
final class HostileModule {
    private HostileModule() {}

    static byte[] endless() {
        return command(0x03, 0x40, 0x0c, 0, 0x0b);
    }

    /** Counts to 2^26, which takes an interpreter half a minute, and ends. */
    static byte[] counting() {
        return command(
                0x03, 0x40, 0x41, 0, 0x41, 0, 0x28, 2, 0, 0x41, 1, 0x6a, // loop, 0, [0] + 1
                0x41, 0xff, 0xff, 0xff, 0x1f, 0x71, 0x36, 2, 0, // and 2^26 - 1, store
                0x41, 0, 0x28, 2, 0, 0x0d, 0, 0x0b); // again unless 0
    }

    static byte[] recursion() {
        return command(0x10, 0);
    }

    /** Grows its memory page by page, and traps when it is given no more. */
    static byte[] growth() {
        return command(
                0x03, 0x40, 0x41, 1, 0x40, 0, 0x41, 0x7f, 0x46, 0x04, 0x40, 0, 0x0b, 0x0c, 0, 0x0b);
    }

    private static byte[] command(int... code) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0});
        out.writeBytes(new byte[] {3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 19, 2, 6});
        out.writeBytes("_start".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(new byte[] {0, 0, 6});
        out.writeBytes("memory".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(
                new byte[] {2, 0, 10, (byte) (code.length + 4), 1, (byte) (code.length + 2)});
        out.write(0); // no locals
        for (int each : code) {
            out.write(each);
        }
        out.write(0x0b);
        return out.toByteArray();
    }
}
