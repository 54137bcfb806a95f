package orb.sandbox.fuel;

import orb.kernel.ErrorCode;

/**
 * Steps through the instructions of one body (WebAssembly core specification, section 5.4) and
 * names every instruction that no sandbox has.
 *
 * <p>After {@link #advance} the fields tell the instruction that was read. Opcodes behind the
 * prefix 0xFC are {@code 0xFC00 | number}. Not thread-safe.
 */
final class CodeScan {
    static final int UNREACHABLE = 0x00;
    static final int BLOCK = 0x02;
    static final int LOOP = 0x03;
    static final int IF = 0x04;
    static final int ELSE = 0x05;
    static final int END = 0x0b;
    static final int BR = 0x0c;
    static final int BR_IF = 0x0d;
    static final int BR_TABLE = 0x0e;
    static final int RETURN = 0x0f;
    static final int CALL = 0x10;
    static final int CALL_INDIRECT = 0x11;
    static final int SELECT_TYPED = 0x1c;
    static final int LOCAL_GET = 0x20;
    static final int LOCAL_SET = 0x21;
    static final int LOCAL_TEE = 0x22;
    static final int GLOBAL_GET = 0x23;
    static final int GLOBAL_SET = 0x24;
    static final int REF_FUNC = 0xd2;
    static final int MEMORY_GROW = 0x40;
    static final int MEMORY_INIT = 0xfc08;
    static final int DATA_DROP = 0xfc09;
    static final int MEMORY_COPY = 0xfc0a;
    static final int MEMORY_FILL = 0xfc0b;
    static final int TABLE_INIT = 0xfc0c;
    static final int ELEM_DROP = 0xfc0d;
    static final int TABLE_COPY = 0xfc0e;
    static final int TABLE_GROW = 0xfc0f;
    static final int TABLE_SIZE = 0xfc10;
    static final int TABLE_FILL = 0xfc11;

    private static final int[] NONE = {};

    private final Layout layout;
    private final WasmSource in;

    /** Offset of the instruction's first byte. */
    int start;

    int opcode;

    /** Label depth, index, or the block's type; for memory accesses the constant offset. */
    int immediate;

    /** A second index: the table of an indirect call, init or copy; the alignment of an access. */
    int second;

    /** The labels of a {@code br_table}, the default last. */
    int[] targets = NONE;

    CodeScan(Layout layout, WasmSource in) {
        this.layout = layout;
        this.in = in;
    }

    /** Reads a whole body and refuses what cannot be run. */
    static void check(Layout layout, WasmSource in) {
        CodeScan scan = new CodeScan(layout, in);
        int depth = 1;
        while (depth > 0) {
            scan.advance();
            if (scan.opcode == BLOCK || scan.opcode == LOOP || scan.opcode == IF) {
                depth++;
                if (depth > Bounds.NESTING) {
                    throw in.bomb("blocks nested deeper than %d", Bounds.NESTING);
                }
            } else if (scan.opcode == END) {
                depth--;
            }
        }
        if (!in.isAtEnd()) {
            throw in.invalid("code behind the end of a function");
        }
    }

    /** Offset behind the instruction. */
    int next() {
        return in.position();
    }

    boolean isAtEnd() {
        return in.isAtEnd();
    }

    void advance() {
        start = in.position();
        opcode = in.next();
        immediate = 0;
        second = 0;
        if (opcode >= 0x28 && opcode <= 0x3e) {
            memoryAccess();
        } else if (opcode >= 0x45 && opcode <= 0xc4) {
            immediate = 0;
        } else if (opcode >= 0xfb) {
            prefixed();
        } else {
            plain();
        }
    }

    private void memoryAccess() {
        second = in.u32();
        if ((second & 0x40) != 0) {
            throw in.proposal("more than one memory");
        }
        immediate = in.u32();
    }

    private void plain() {
        switch (opcode) {
            case UNREACHABLE, 0x01, ELSE, END, RETURN, 0x1a, 0x1b, 0xd1 -> immediate = 0;
            case BLOCK, LOOP, IF -> blockType();
            case BR, BR_IF -> immediate = label();
            case BR_TABLE -> branchTable();
            case CALL, REF_FUNC -> immediate = index(layout.functionCount(), "function");
            case CALL_INDIRECT -> {
                immediate = index(layout.types.size(), "type");
                second = index(layout.tables.size(), "table");
            }
            case SELECT_TYPED -> {
                int count = in.count(1, "results of a select");
                for (int i = 0; i < count; i++) {
                    SectionScan.checkedType(in, in.next());
                }
            }
            case LOCAL_GET, LOCAL_SET, LOCAL_TEE -> immediate = in.u32();
            case GLOBAL_GET, GLOBAL_SET -> immediate = index(layout.globals.size(), "global");
            case 0x25, 0x26 -> immediate = index(layout.tables.size(), "table");
            case 0x3f, MEMORY_GROW -> memoryIndex();
            case 0x41 -> in.signed(32);
            case 0x42 -> in.signed(64);
            case 0x43 -> in.skip(4);
            case 0x44 -> in.skip(8);
            case 0xd0 -> SectionScan.checkedType(in, in.next());
            default -> throw unknown();
        }
    }

    private RuntimeException unknown() {
        return switch (opcode) {
            case 0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f ->
                    in.proposal("exception handling");
            case 0x12, 0x13, 0x15 -> in.proposal("tail calls");
            case 0x14, 0xd3, 0xd4, 0xd5, 0xd6 -> in.proposal("typed function references");
            default -> in.invalid("the unknown opcode 0x%x", opcode);
        };
    }

    private void prefixed() {
        switch (opcode) {
            case 0xfb -> throw in.proposal("garbage collection");
            case 0xfd ->
                    throw in.refuse(
                            ErrorCode.SIMD_REFUSED,
                            "has a SIMD instruction: compile without SIMD (clang: -mno-simd128)");
            case 0xfe ->
                    throw in.refuse(
                            ErrorCode.THREADS_REFUSED,
                            "has an atomic instruction: compile without threads");
            case 0xfc -> bulk(in.u32());
            default -> throw in.invalid("the unknown opcode 0x%x", opcode);
        }
    }

    private void bulk(int number) {
        if (number < 0 || number > 0x11) {
            throw in.proposal("an unknown instruction 0xfc " + Integer.toUnsignedString(number));
        }
        opcode = 0xfc00 | number;
        switch (opcode) {
            case MEMORY_INIT -> {
                immediate = dataIndex();
                memoryIndex();
            }
            case DATA_DROP -> immediate = dataIndex();
            case MEMORY_COPY -> {
                memoryIndex();
                memoryIndex();
            }
            case MEMORY_FILL -> memoryIndex();
            case TABLE_INIT, TABLE_COPY -> {
                immediate = in.u32();
                second = in.u32();
            }
            case ELEM_DROP, TABLE_GROW, TABLE_SIZE, TABLE_FILL -> immediate = in.u32();
            default -> immediate = 0;
        }
    }

    /** Code stands before data, so the index is checked against the data count section. */
    private int dataIndex() {
        return index(layout.dataCount.orElse(0), "data segment");
    }

    private void memoryIndex() {
        if (in.next() != 0) {
            throw in.proposal("more than one memory");
        }
    }

    private void blockType() {
        long type = in.signed(33);
        if (type >= 0) {
            if (type >= layout.types.size()) {
                throw in.invalid("a block of an unknown type");
            }
        } else if (type != -64) {
            SectionScan.checkedType(in, (int) type & 0x7f);
        }
        immediate = (int) type;
    }

    private int label() {
        return index(Bounds.NESTING, "label");
    }

    private void branchTable() {
        int count = in.count(Bounds.BRANCH_TARGETS, "targets of a br_table");
        targets = new int[count + 1];
        for (int i = 0; i <= count; i++) {
            targets[i] = label();
        }
    }

    private int index(int count, String what) {
        int index = in.u32();
        if (index < 0 || index >= count) {
            throw in.invalid("an unknown %s %s", what, Integer.toUnsignedString(index));
        }
        return index;
    }
}
