package orb.sandbox;

import java.util.SplittableRandom;
import orb.kernel.Bytes;
import orb.sandbox.fuel.Layout;

/**
 * Valid modules from a seed: nested blocks, loops, branches, branch tables, calls, memory and
 * arithmetic that may trap.
 *
 * <p>Loops may run for ever; fuel ends them. Every body leaves what it computed in memory, and the
 * handler returns the first 64 bytes.
 */
final class RandomModule {
    private static final int FUNCTIONS = 4;
    private static final int LOCALS = 4;
    private static final int TWOFOLD = 4;
    private static final int SINGLE = 5;

    private final SplittableRandom random;
    private int functions;
    private int budget;

    private RandomModule(long seed) {
        this.random = new SplittableRandom(seed);
    }

    static Bytes of(long seed) {
        return new RandomModule(seed).module();
    }

    private Bytes module() {
        TestModule module = TestModule.handler(1 + random.nextInt(2));
        module.table(4, 4);
        int type = module.type(TestModule.params(TestModule.I32, TestModule.I32), TestModule.I32);
        int[] locals = {TestModule.I32, TestModule.I32, Layout.F64, Layout.F32};
        for (functions = 0; functions < FUNCTIONS; functions++) {
            budget = 10 + random.nextInt(60);
            Asm body = new Asm();
            statements(body, 0);
            expression(body, 3);
            module.function(type, locals, body);
        }
        module.elements(0, 0, 1, 2, 3);
        Asm handle = new Asm();
        for (int i = 0; i < FUNCTIONS; i++) {
            handle.i32(i * 8).get(1).i32(random.nextInt()).call(i).with(0x36, 2).op(0);
        }
        if (random.nextBoolean()) {
            initialise(module);
        }
        return module.handling(handle.output(0, 64));
    }

    /** What runs before the handler, and leaves its marks in memory and table. */
    private void initialise(TestModule module) {
        Asm work = new Asm();
        for (int i = 0; i < 2; i++) {
            int callee = random.nextInt(FUNCTIONS);
            work.i32(64 + i * 4).i32(random.nextInt()).i32(random.nextInt()).call(callee);
            work.with(0x36, 2).op(0);
        }
        int[] none = TestModule.none();
        module.export("_initialize", 0, module.function(none, none, none, work));
    }

    private void statements(Asm out, int depth) {
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count && budget > 0; i++) {
            budget--;
            statement(out, depth);
        }
    }

    private void statement(Asm out, int depth) {
        switch (random.nextInt(depth > 6 ? 3 : 13)) {
            case 0, 1 -> {
                expression(out, 4);
                out.set(random.nextInt(LOCALS));
            }
            case 2 -> {
                address(out);
                expression(out, 3);
                out.op(0x36, 2, 0);
            }
            case 3 -> nested(out.block(), depth);
            case 4, 5 -> loop(out, depth);
            case 6 -> {
                expression(out, 2);
                out.op(0x04, 0x40);
                statements(out, depth + 1);
                if (random.nextBoolean()) {
                    out.op(0x05);
                    statements(out, depth + 1);
                }
                out.end();
            }
            case 7 -> {
                expression(out, 2);
                // a branch out of the function would need its result
                if (depth > 0) {
                    out.brIf(random.nextInt(depth));
                } else {
                    out.op(0x1a);
                }
            }
            case 8 -> table(out, depth);
            case 9 -> {
                boolean isSingle = random.nextBoolean();
                number(out, 3, isSingle);
                out.set(isSingle ? SINGLE : TWOFOLD);
            }
            case 10 -> {
                boolean isSingle = random.nextBoolean();
                address(out);
                number(out, 2, isSingle);
                out.op(isSingle ? 0x38 : 0x39, 2, 0);
            }
            case 11 -> bulk(out);
            default -> {
                expression(out, 2);
                out.op(0x04, 0x40);
                expression(out, 1);
                out.op(0x0f).end();
            }
        }
    }

    private void bulk(Asm out) {
        switch (random.nextInt(4)) {
            case 0 -> {
                address(out);
                out.i32(random.nextInt()).i32(random.nextInt(300)).op(0xfc, 0x0b, 0);
            }
            case 1 -> {
                address(out);
                address(out);
                out.i32(random.nextInt(300)).op(0xfc, 0x0a, 0, 0);
            }
            case 2 -> out.i32(random.nextInt(2)).op(0x40, 0, 0x1a);
            default -> {
                out.i32(random.nextInt(2)).op(0xd0, 0x70).i32(random.nextInt(3));
                out.op(0xfc, 0x11, 0);
            }
        }
    }

    /** A float of 32 or 64 bits, a NaN of any kind more often than life would have it. */
    private void number(Asm out, int depth, boolean isSingle) {
        switch (depth == 0 ? random.nextInt(3) : random.nextInt(9)) {
            case 0 -> constant(out, isSingle);
            case 1 -> out.get(isSingle ? SINGLE : TWOFOLD);
            case 2 -> {
                address(out);
                out.op(isSingle ? 0x2a : 0x2b, 2, 0);
            }
            case 3 -> {
                expression(out, depth - 1);
                out.op((isSingle ? 0xb2 : 0xb7) + random.nextInt(2));
            }
            case 4 -> {
                number(out, depth - 1, !isSingle);
                out.op(isSingle ? 0xb6 : 0xbb);
            }
            case 5 -> {
                number(out, depth - 1, isSingle);
                out.op((isSingle ? 0x8b : 0x99) + random.nextInt(7));
            }
            default -> {
                number(out, depth - 1, isSingle);
                number(out, depth - 1, isSingle);
                out.op((isSingle ? 0x92 : 0xa0) + random.nextInt(7));
            }
        }
    }

    private void constant(Asm out, boolean isSingle) {
        double value =
                switch (random.nextInt(6)) {
                    case 0 -> Double.longBitsToDouble(random.nextLong() | 0x7ff0_0000_0000_0000L);
                    case 1 -> random.nextBoolean() ? Double.NEGATIVE_INFINITY : -0.0;
                    default -> random.nextDouble(-100, 100);
                };
        long bits = isSingle ? Float.floatToRawIntBits((float) value) : bits(value);
        out.op(isSingle ? 0x43 : 0x44);
        for (int i = 0; i < (isSingle ? 4 : 8); i++) {
            out.op((int) (bits >>> (8 * i)) & 0xff);
        }
    }

    private static long bits(double value) {
        return Double.doubleToRawLongBits(value);
    }

    /** What of a float a program can see as an integer. */
    private void seen(Asm out, int depth) {
        boolean isSingle = random.nextBoolean();
        number(out, depth - 1, isSingle);
        switch (random.nextInt(3)) {
            case 0 -> out.op(0xfc, (isSingle ? 0 : 2) + random.nextInt(2));
            case 1 -> {
                number(out, depth - 1, isSingle);
                out.op((isSingle ? 0x5b : 0x61) + random.nextInt(6));
            }
            default -> {
                if (isSingle) {
                    out.op(0xbc);
                } else {
                    out.op(0xbd).i64(29).op(0x88, 0xa7);
                }
            }
        }
    }

    private void nested(Asm out, int depth) {
        statements(out, depth + 1);
        out.end();
    }

    /** Counts a local down, or goes on for as long as an expression says. */
    private void loop(Asm out, int depth) {
        int counter = random.nextInt(LOCALS);
        out.i32(random.nextInt(5)).set(counter).loop();
        statements(out, depth + 1);
        out.get(counter).i32(1).op(0x6b).with(0x22, counter).i32(0).op(0x4a);
        if (random.nextInt(40) == 0) {
            expression(out, 2);
            out.op(0x72);
        }
        out.brIf(0).end();
    }

    private void table(Asm out, int depth) {
        out.block().block().block();
        expression(out, 2);
        out.op(0x0e, 2, 0, 1, 2);
        out.end();
        statements(out, depth + 2);
        out.end();
        statements(out, depth + 1);
        out.end();
    }

    private void address(Asm out) {
        expression(out, 2);
        out.i32(random.nextInt(40) == 0 ? -1 : 0x3ffc).op(0x71);
    }

    private void expression(Asm out, int depth) {
        switch (depth == 0 ? random.nextInt(2) : random.nextInt(10)) {
            case 0 -> out.i32(random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(100));
            case 1 -> out.get(random.nextInt(LOCALS));
            case 2 -> {
                address(out);
                out.op(0x28, 2, 0);
            }
            case 3 -> call(out, depth);
            case 4 -> {
                expression(out, depth - 1);
                out.op(0xac);
                expression(out, depth - 1);
                out.op(0xad).op(0x7c + random.nextInt(3)).op(0xa7);
            }
            case 5 -> {
                expression(out, depth - 1);
                expression(out, depth - 1);
                expression(out, depth - 1);
                out.op(0x1b);
            }
            case 6 -> {
                expression(out, depth - 1);
                out.op(0x45 + (random.nextBoolean() ? 0 : 0x22));
            }
            case 7 -> seen(out, depth);
            default -> {
                expression(out, depth - 1);
                expression(out, depth - 1);
                int[] safe = {0x6a, 0x6b, 0x6c, 0x71, 0x72, 0x73, 0x74, 0x75, 0x48, 0x4d};
                boolean divides = random.nextInt(150) == 0;
                out.op(divides ? 0x6d + random.nextInt(4) : safe[random.nextInt(safe.length)]);
            }
        }
    }

    private void call(Asm out, int depth) {
        expression(out, depth - 1);
        expression(out, depth - 1);
        if (functions > 0 && random.nextInt(8) > 0) {
            out.call(random.nextInt(functions));
        } else if (random.nextInt(4) > 0) {
            out.op(0x6a);
        } else {
            expression(out, 0);
            out.i32(random.nextInt(20) == 0 ? 7 : 3).op(0x71).op(0x11, 0, 0);
        }
    }
}
