package orb.sandbox.fuel;

import java.util.Arrays;
import java.util.Optional;

/**
 * Finds the floating-point operations behind which a NaN has to be made canonical.
 *
 * <p>The specification leaves the bits of a NaN that an operation yields open (section 4.3.3), and
 * processors, JVM compilers and V8 do differ. Bits show where a value is stored, reinterpreted,
 * gives its sign to another or leaves the body; arithmetic and comparisons do not tell one NaN from
 * another. So an operation is made canonical only if its result may get where bits show, on the
 * stack or through locals: a local's bits show where it is read for that, and back from there to
 * where it was written. Values that were only moved keep their bits, as the specification says.
 *
 * <p>Where ways meet on the stack, and for calls, globals and {@code select}, every value counts as
 * shown: that errs towards canonical, never away from it.
 */
final class Nans {
    /** A value whose bits are the same on every machine. */
    private static final int SAME = -1;

    private final Code code;
    private final int[] results;

    /** Operations and reads of locals whose values' bits show. */
    private final boolean[] shown;

    private final int locals;
    private int[] stack = new int[64];
    private int[] bases = new int[64];
    private int height;
    private int depth;
    private int[] moves = new int[64];
    private int moved;

    private Nans(Code code, int locals, int results) {
        this.code = code;
        this.results = new int[] {results};
        this.shown = new boolean[code.count];
        this.locals = locals;
    }

    /**
     * For each instruction whether its result, a float, has to be made canonical.
     *
     * @param locals number of parameters and locals
     * @param results number of results of the function
     */
    static boolean[] shown(Code code, int locals, int results) {
        Nans nans = new Nans(code, locals, results);
        if (code.hasFloats) {
            for (int i = 0; i < code.count; i++) {
                nans.step(i);
            }
            nans.spread();
            for (int i = 0; i < code.count; i++) {
                nans.shown[i] &= isOpen(code.opcode[i]);
            }
        }
        return nans.shown;
    }

    /** Whether an operation yields a float that is 32 bits wide. */
    static boolean isSingle(int opcode) {
        return opcode <= 0x98 || opcode == 0xb6;
    }

    /** Whether the specification leaves open which NaN an operation yields. */
    static boolean isOpen(int opcode) {
        return (opcode >= 0x8d && opcode <= 0x97)
                || (opcode >= 0x9b && opcode <= 0xa5)
                || opcode == 0xb6
                || opcode == 0xbb;
    }

    private void step(int index) {
        int opcode = code.opcode[index];
        switch (opcode) {
            case CodeScan.BLOCK, CodeScan.LOOP -> open(index);
            case CodeScan.IF -> {
                pop();
                open(index);
            }
            case CodeScan.ELSE -> {
                int opener = code.match[index];
                close(Heights.results(code, opener));
                push(Heights.params(code, opener));
            }
            case CodeScan.END -> {
                boolean isLast = depth == 0;
                int count = isLast ? results[0] : Heights.results(code, code.match[index]);
                close(count);
                if (!isLast) {
                    depth--;
                    push(count);
                }
            }
            case CodeScan.BR, CodeScan.BR_IF, CodeScan.BR_TABLE -> branch(index);
            case CodeScan.RETURN, CodeScan.UNREACHABLE -> leave();
            case CodeScan.CALL -> call(code.layout.signature(code.immediate[index]));
            case CodeScan.CALL_INDIRECT -> {
                pop();
                call(code.layout.types.get(code.immediate[index]));
            }
            case CodeScan.LOCAL_GET -> push(index, 1);
            case CodeScan.LOCAL_SET -> move(pop(), index);
            case CodeScan.LOCAL_TEE -> move(peek(), index);
            default -> other(index, opcode);
        }
    }

    private void other(int index, int opcode) {
        boolean keepsBits = opcode == 0x8b || opcode == 0x8c || opcode == 0x99 || opcode == 0x9a;
        if (isOpen(opcode)) {
            drop(1 - Heights.change(opcode));
            push(index, 1);
        } else if (opcode == 0x98 || opcode == 0xa6) {
            show(pop());
        } else if (opcode == 0xbc || opcode == 0xbd || opcode == 0x24) {
            show(pop());
            push(opcode == 0x24 ? 0 : 1);
        } else if (opcode >= 0x36 && opcode <= 0x3e) {
            show(pop());
            pop();
        } else if (opcode == 0x1b || opcode == CodeScan.SELECT_TYPED) {
            pop();
            show(pop());
            show(pop());
            push(1);
        } else if (!keepsBits) {
            int change = Heights.change(opcode);
            int pushes = yields(opcode) ? 1 : 0;
            drop(pushes - change);
            push(pushes);
        }
    }

    /** Whether an instruction that is not mentioned elsewhere leaves a value. */
    private static boolean yields(int opcode) {
        return switch (opcode) {
            case 0x23, 0x25, CodeScan.MEMORY_GROW, 0x3f, 0xd0, 0xd1, CodeScan.REF_FUNC -> true;
            case CodeScan.TABLE_GROW, CodeScan.TABLE_SIZE -> true;
            default ->
                    (opcode >= 0x28 && opcode <= 0x35)
                            || (opcode >= 0x41 && opcode <= 0xc4)
                            || (opcode >= 0xfc00 && opcode <= 0xfc07);
        };
    }

    private void open(int index) {
        int params = Heights.params(code, index);
        for (int i = 0; i < params; i++) {
            show(pop());
        }
        if (depth == bases.length) {
            bases = Arrays.copyOf(bases, depth * 2);
        }
        bases[depth++] = height;
        push(params);
    }

    /** Ends a way through a block: its results go where other ways meet. */
    private void close(int count) {
        showTop(count);
        height = base();
    }

    private void branch(int index) {
        int opcode = code.opcode[index];
        if (opcode != CodeScan.BR) {
            pop();
        }
        for (int opener : code.labels[index]) {
            if (opener < 0) {
                showTop(results[0]);
            } else if (code.opcode[opener] == CodeScan.LOOP) {
                showTop(Heights.params(code, opener));
            } else {
                showTop(Heights.results(code, opener));
            }
        }
        if (opcode != CodeScan.BR_IF) {
            height = base();
        }
    }

    private void leave() {
        showTop(results[0]);
        height = base();
    }

    private void call(Layout.Signature type) {
        for (int i = 0; i < type.params().length(); i++) {
            show(pop());
        }
        push(type.results().length());
    }

    private void showTop(int count) {
        for (int i = height - 1; i >= Math.max(base(), height - count); i--) {
            show(stack[i]);
        }
    }

    private int base() {
        return depth == 0 ? 0 : bases[depth - 1];
    }

    private void show(int origin) {
        if (origin != SAME) {
            shown[origin] = true;
        }
    }

    private void move(int origin, int write) {
        if (origin != SAME) {
            if (moved + 2 > moves.length) {
                moves = Arrays.copyOf(moves, moved * 2);
            }
            moves[moved++] = origin;
            moves[moved++] = write;
        }
    }

    /** What gets into a local whose bits show from there on is shown too. */
    private void spread() {
        Optional<Liveness> reads = Liveness.of(code, locals, read -> shown[read]);
        boolean isNew = true;
        while (isNew) {
            isNew = false;
            for (int i = 0; i < moved; i += 2) {
                int write = moves[i + 1];
                boolean shows =
                        reads.isEmpty() || reads.get().isLive(write + 1, code.immediate[write]);
                isNew |= shows && !shown[moves[i]];
                shown[moves[i]] |= shows;
            }
            if (isNew && reads.isPresent() && !reads.get().settle()) {
                reads = Optional.empty();
            }
        }
    }

    private void push(int count) {
        push(SAME, count);
    }

    private void push(int origin, int count) {
        if (height + count > stack.length) {
            stack = Arrays.copyOf(stack, (height + count) * 2);
        }
        Arrays.fill(stack, height, height + count, origin);
        height += count;
    }

    /** In code that cannot be reached there may be less than is taken. */
    private int pop() {
        return height > base() ? stack[--height] : SAME;
    }

    private int peek() {
        return height > base() ? stack[height - 1] : SAME;
    }

    private void drop(int count) {
        height = Math.max(base(), height - count);
    }
}
