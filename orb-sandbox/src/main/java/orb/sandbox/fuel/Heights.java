package orb.sandbox.fuel;

import java.util.Arrays;

/**
 * How high the operand stack of a valid body gets, in values.
 *
 * <p>Follows the validation algorithm of the WebAssembly core specification (appendix A.3) with
 * heights in place of types; in code that cannot be reached the height means nothing and is put
 * right at the next {@code end}.
 */
final class Heights {
    private final Code code;
    private final Layout layout;
    private int[] bases = new int[64];
    private int depth;
    private int height;
    private int highest;

    Heights(Code code) {
        this.code = code;
        this.layout = code.layout;
    }

    static int highest(Code code) {
        Heights heights = new Heights(code);
        for (int i = 0; i < code.count; i++) {
            heights.step(i);
        }
        return heights.highest;
    }

    /**
     * Values above the base of the block that is open; means nothing in code that is not reached.
     */
    int inBlock() {
        return depth == 0 ? height : height - bases[depth - 1];
    }

    /** Goes over one instruction; they come in order. */
    void step(int index) {
        int opcode = code.opcode[index];
        switch (opcode) {
            case CodeScan.BLOCK, CodeScan.LOOP -> open(params(code, index));
            case CodeScan.IF -> {
                move(-1);
                open(params(code, index));
            }
            case CodeScan.ELSE -> height = bases[depth - 1] + params(code, code.match[index]);
            case CodeScan.END -> {
                if (depth > 0) {
                    height = bases[--depth];
                    move(results(code, code.match[index]));
                }
            }
            case CodeScan.CALL -> call(layout.signature(code.immediate[index]));
            case CodeScan.CALL_INDIRECT -> {
                move(-1);
                call(layout.types.get(code.immediate[index]));
            }
            default -> move(change(opcode));
        }
    }

    private void open(int params) {
        if (depth == bases.length) {
            bases = Arrays.copyOf(bases, depth * 2);
        }
        bases[depth++] = height - params;
    }

    private void call(Layout.Signature type) {
        move(-type.params().length());
        move(type.results().length());
    }

    private void move(int change) {
        height += change;
        highest = Math.max(highest, height);
    }

    /** How many values a block takes. */
    static int params(Code code, int opener) {
        int type = code.immediate[opener];
        return type >= 0 ? code.layout.types.get(type).params().length() : 0;
    }

    /** How many values a block leaves. */
    static int results(Code code, int opener) {
        int type = code.immediate[opener];
        return type >= 0 ? code.layout.types.get(type).results().length() : type == -64 ? 0 : 1;
    }

    /** By how much an instruction that is neither a call nor a block changes the height. */
    static int change(int opcode) {
        return switch (opcode) {
            case CodeScan.BR_IF, CodeScan.BR_TABLE, 0x1a, 0x21, 0x24 -> -1;
            case 0x1b, CodeScan.SELECT_TYPED, 0x26 -> -2;
            case 0x20, 0x23, 0x3f, 0x41, 0x42, 0x43, 0x44, 0xd0, CodeScan.REF_FUNC -> 1;
            case CodeScan.TABLE_SIZE -> 1;
            case CodeScan.MEMORY_INIT,
                    CodeScan.MEMORY_COPY,
                    CodeScan.MEMORY_FILL,
                    CodeScan.TABLE_INIT,
                    CodeScan.TABLE_COPY,
                    CodeScan.TABLE_FILL ->
                    -3;
            case CodeScan.TABLE_GROW -> -1;
            default -> numeric(opcode);
        };
    }

    private static int numeric(int opcode) {
        if (opcode >= 0x36 && opcode <= 0x3e) {
            return -2;
        }
        boolean comparison =
                (opcode >= 0x46 && opcode <= 0x4f) || (opcode >= 0x51 && opcode <= 0x66);
        boolean arithmetic =
                (opcode >= 0x6a && opcode <= 0x78)
                        || (opcode >= 0x7c && opcode <= 0x8a)
                        || (opcode >= 0x92 && opcode <= 0x98)
                        || (opcode >= 0xa0 && opcode <= 0xa6);
        return comparison || arithmetic ? -1 : 0;
    }
}
