package orb.cli.accept;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Modules by hand, so that hostile ones need no compiler; bytes as in the WebAssembly core spec.
 */
final class Wasm {
    private static final int I32 = 0x7f;
    private static final int LOOP = 0x03;
    private static final int VOID = 0x40;
    private static final int END = 0x0b;

    private Wasm() {}

    /** A command that counts down from this number and ends. */
    static byte[] countDown(int from) {
        return command(
                new Code()
                        .add(0x41) // local = from
                        .add(leb(from))
                        .add(0x21, 0, LOOP, VOID, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, END));
    }

    /** A command that never ends. */
    static byte[] endless() {
        return command(new Code().add(LOOP, VOID, 0x0c, 0, END));
    }

    /** A command that stops with a trap. */
    static byte[] trap() {
        return command(new Code().add(0x00));
    }

    /** A command that calls itself for ever. */
    static byte[] recursion() {
        return command(new Code().add(0x10, 0));
    }

    /** A command that grows its memory page by page and traps when no page is left. */
    static byte[] growth() {
        return command(
                new Code()
                        .add(LOOP, VOID, 0x41, 1, 0x40, 0, 0x41, 0x7f, 0x46)
                        .add(0x04, VOID, 0x00, END, 0x0c, 0, END));
    }

    /** A module that declares this many table elements. */
    static byte[] table(int elements) {
        return module(new Code().add(1, 0x70, 0).add(leb(elements)), new Code().add(0, END));
    }

    /** A function that declares this many local variables. */
    static byte[] locals(int count) {
        return module(new Code(), new Code().add(1).add(leb(count)).add(I32, END));
    }

    /** A command that imports one function. */
    static byte[] importing(String from, String name) {
        Code imported =
                new Code().add(1).add(leb(from.length())).add(ascii(from)).add(leb(name.length()));
        return assemble(imported.add(ascii(name)).add(0, 0), new Code(), new Code().add(0, END));
    }

    private static byte[] command(Code code) {
        return module(new Code(), new Code().add(1, 1, I32).add(code.bytes()).add(END));
    }

    private static byte[] module(Code table, Code body) {
        return assemble(new Code(), table, body);
    }

    private static byte[] assemble(Code imported, Code table, Code body) {
        Code module = new Code().add(0, 'a', 's', 'm', 1, 0, 0, 0);
        module.section(1, new Code().add(1, 0x60, 0, 0));
        if (imported.bytes().length > 0) {
            module.section(2, imported);
        }
        module.section(3, new Code().add(1, 0));
        if (table.bytes().length > 0) {
            module.section(4, table);
        }
        module.section(5, new Code().add(1, 0, 1));
        module.section(
                7,
                new Code()
                        .add(2, 6)
                        .add(ascii("_start"))
                        .add(0, imported.bytes().length > 0 ? 1 : 0, 6)
                        .add(ascii("memory"))
                        .add(2, 0));
        module.section(10, new Code().add(1).add(leb(body.bytes().length)).add(body.bytes()));
        return module.bytes();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] leb(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long rest = Integer.toUnsignedLong(value);
        while (rest >= 0x40) { // one bit more than needed, so that signed readers agree
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return out.toByteArray();
    }

    /** Bytes being put together. */
    private static final class Code {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Code add(int... bytes) {
            for (int each : bytes) {
                out.write(each);
            }
            return this;
        }

        Code add(byte[] bytes) {
            out.writeBytes(bytes);
            return this;
        }

        void section(int id, Code content) {
            add(id).add(leb(content.bytes().length)).add(content.bytes());
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
