package orb.sandbox;

import orb.sandbox.fuel.WasmSink;

/** Writes instructions for tests: opcodes by number, as the specification lists them. */
final class Asm {
    private final WasmSink out = new WasmSink(64);

    /** Bytes as they are: opcodes and small immediates. */
    Asm op(int... bytes) {
        for (int one : bytes) {
            out.one(one);
        }
        return this;
    }

    Asm i32(int value) {
        out.one(0x41).signed(value);
        return this;
    }

    Asm i64(long value) {
        out.one(0x42).signed(value);
        return this;
    }

    Asm get(int local) {
        out.one(0x20).u32(local);
        return this;
    }

    Asm set(int local) {
        out.one(0x21).u32(local);
        return this;
    }

    Asm call(int function) {
        out.one(0x10).u32(function);
        return this;
    }

    /** An opcode with one index behind it. */
    Asm with(int opcode, int index) {
        out.one(opcode).u32(index);
        return this;
    }

    Asm block() {
        return op(0x02, 0x40);
    }

    Asm loop() {
        return op(0x03, 0x40);
    }

    Asm br(int label) {
        return with(0x0c, label);
    }

    Asm brIf(int label) {
        return with(0x0d, label);
    }

    Asm end() {
        return op(0x0b);
    }

    /** {@code ptr << 32 | len} as handlers return it. */
    Asm output(int pointer, int length) {
        return i64((long) pointer << 32 | length);
    }

    WasmSink sink() {
        return out;
    }
}
