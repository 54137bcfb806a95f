package orb.sandbox.fuel;

import java.util.Arrays;

/**
 * One valid function body, decoded: its instructions in order, with every label resolved.
 *
 * <p>Parallel arrays rather than one object each, because a module has a million of them. Written
 * while reading, then only read.
 */
final class Code {
    private static final int[] NONE = {};

    final Layout layout;
    int count;
    int[] opcode = new int[64];
    int[] start = new int[64];
    int[] immediate = new int[64];
    int[] second = new int[64];

    /** For blocks and ifs the index of their {@code end}; for an {@code end} that of its opener. */
    int[] match = new int[64];

    /** For an {@code if} the index of its {@code else}, or -1. */
    int[] otherwise = new int[64];

    /** For branches the index of the opener that each label names; -1 names the function. */
    int[][] labels = new int[64][];

    /** Openers that a branch names. */
    boolean[] isTarget = new boolean[64];

    /** Openers that a {@code br_table} names. */
    boolean[] isCase = new boolean[64];

    boolean hasCalls;
    boolean hasLoops;
    boolean hasBulk;

    /** Whether it has an operation that may yield a NaN. */
    boolean hasFloats;

    private int[] open = new int[64];
    private int depth;

    private Code(Layout layout) {
        this.layout = layout;
    }

    static Code of(Layout layout, Layout.Body body) {
        Code code = new Code(layout);
        CodeScan scan =
                new CodeScan(layout, new WasmSource(layout.bytes, body.codeFrom(), body.to()));
        while (!scan.isAtEnd()) {
            scan.advance();
            code.add(scan);
        }
        return code;
    }

    /** Offset behind an instruction. */
    int endOf(int index, Layout.Body body) {
        return index + 1 < count ? start[index + 1] : body.to();
    }

    /** Whether nothing that follows an instruction is reached from it. */
    static boolean endsFlow(int opcode) {
        return opcode == CodeScan.BR
                || opcode == CodeScan.BR_TABLE
                || opcode == CodeScan.RETURN
                || opcode == CodeScan.UNREACHABLE;
    }

    private void add(CodeScan scan) {
        grow();
        int index = count++;
        opcode[index] = scan.opcode;
        start[index] = scan.start;
        immediate[index] = scan.immediate;
        second[index] = scan.second;
        otherwise[index] = -1;
        labels[index] = NONE;
        match[index] = -1;
        hasFloats |= Nans.isOpen(scan.opcode);
        switch (scan.opcode) {
            case CodeScan.BLOCK, CodeScan.IF -> push(index);
            case CodeScan.LOOP -> {
                push(index);
                hasLoops = true;
            }
            case CodeScan.ELSE -> {
                otherwise[open[depth - 1]] = index;
                match[index] = open[depth - 1];
            }
            case CodeScan.END -> {
                if (depth > 0) {
                    match[index] = open[--depth];
                    match[match[index]] = index;
                }
            }
            case CodeScan.BR, CodeScan.BR_IF -> branch(index, new int[] {scan.immediate}, false);
            case CodeScan.BR_TABLE -> branch(index, scan.targets, true);
            case CodeScan.CALL, CodeScan.CALL_INDIRECT -> hasCalls = true;
            case CodeScan.MEMORY_GROW,
                    CodeScan.MEMORY_INIT,
                    CodeScan.MEMORY_COPY,
                    CodeScan.MEMORY_FILL,
                    CodeScan.TABLE_INIT,
                    CodeScan.TABLE_COPY,
                    CodeScan.TABLE_FILL,
                    CodeScan.TABLE_GROW ->
                    hasBulk = true;
            default -> otherwise[index] = -1;
        }
    }

    private void push(int index) {
        if (depth == open.length) {
            open = Arrays.copyOf(open, depth * 2);
        }
        open[depth++] = index;
    }

    private void branch(int index, int[] depths, boolean isTable) {
        int[] openers = new int[depths.length];
        for (int i = 0; i < depths.length; i++) {
            int opener = depths[i] < depth ? open[depth - 1 - depths[i]] : -1;
            openers[i] = opener;
            if (opener >= 0) {
                isTarget[opener] = true;
                isCase[opener] |= isTable;
            }
        }
        labels[index] = openers;
    }

    private void grow() {
        if (count == opcode.length) {
            int size = count * 2;
            opcode = Arrays.copyOf(opcode, size);
            start = Arrays.copyOf(start, size);
            immediate = Arrays.copyOf(immediate, size);
            second = Arrays.copyOf(second, size);
            match = Arrays.copyOf(match, size);
            otherwise = Arrays.copyOf(otherwise, size);
            labels = Arrays.copyOf(labels, size);
            isTarget = Arrays.copyOf(isTarget, size);
            isCase = Arrays.copyOf(isCase, size);
        }
    }
}
