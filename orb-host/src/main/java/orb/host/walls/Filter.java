package orb.host.walls;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import orb.kernel.Bytes;

/**
 * Assembles the seccomp program that a worker's system calls pass: a list of what a JVM needs, and
 * an error for all else.
 *
 * <p>Classic BPF over {@code struct seccomp_data} (see seccomp(2)): the number at offset 0, the
 * architecture at 4, the low word of argument n at 16 + 8n. Every block tests one number and either
 * returns or leaves the number loaded for the next block, so no jump leads further than its block.
 */
final class Filter {
    private static final int LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private static final int AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
    private static final int IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private static final int IF_AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
    private static final int RETURN = 0x06; // BPF_RET | BPF_K

    private static final int NUMBER = 0;
    private static final int ARCHITECTURE = 4;
    private static final int ARGUMENTS = 16;

    private static final int ALLOW = 0x7fff_0000;
    private static final int KILL = 0x8000_0000;
    private static final int FAIL = 0x0005_0000;
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;

    /** Numbers from here on are calls of x32, an ABI that nothing here uses. */
    private static final int X32 = 0x4000_0000;

    private final List<long[]> program = new ArrayList<>();

    private Filter() {}

    /** The program for this table, as the kernel reads it: eight bytes an instruction. */
    static Bytes of(SystemCalls calls) {
        Filter filter = new Filter();
        filter.add(LOAD, ARCHITECTURE);
        filter.test(IF_EQUAL, calls.architecture(), 1, 0);
        filter.add(RETURN, KILL);
        filter.add(LOAD, NUMBER);
        filter.test(IF_AT_LEAST, X32, 0, 1);
        filter.add(RETURN, KILL);
        calls.allowed().forEach(filter::allow);
        calls.masked().forEach(filter::allowMasked);
        calls.chosen().forEach(filter::allowChosen);
        calls.unknown().forEach(filter::pretendUnknown);
        filter.add(RETURN, FAIL | EPERM);
        return filter.bytes();
    }

    private void allow(int number) {
        test(IF_EQUAL, number, 0, 1);
        add(RETURN, ALLOW);
    }

    /** For what libraries try first and do without: they then fall back to what can be judged. */
    private void pretendUnknown(int number) {
        test(IF_EQUAL, number, 0, 1);
        add(RETURN, FAIL | ENOSYS);
    }

    /** Allowed if these bits of an argument have this value. */
    private void allowMasked(SystemCalls.Masked rule) {
        test(IF_EQUAL, rule.number(), 0, 5);
        add(LOAD, ARGUMENTS + 8 * rule.argument());
        add(AND, rule.mask());
        test(IF_EQUAL, rule.value(), 0, 1);
        add(RETURN, ALLOW);
        add(RETURN, FAIL | EPERM);
    }

    /** Allowed if an argument is one of these. */
    private void allowChosen(SystemCalls.Chosen rule) {
        int choices = rule.values().size();
        test(IF_EQUAL, rule.number(), 0, 2 * choices + 2);
        add(LOAD, ARGUMENTS + 8 * rule.argument());
        for (int value : rule.values()) {
            test(IF_EQUAL, value, 0, 1);
            add(RETURN, ALLOW);
        }
        add(RETURN, FAIL | EPERM);
    }

    private void add(int code, int operand) {
        test(code, operand, 0, 0);
    }

    private void test(int code, int operand, int ifTrue, int ifFalse) {
        program.add(new long[] {code, ifTrue, ifFalse, operand});
    }

    private Bytes bytes() {
        ByteBuffer out = ByteBuffer.allocate(8 * program.size()).order(ByteOrder.nativeOrder());
        for (long[] each : program) {
            out.putShort((short) each[0]).put((byte) each[1]).put((byte) each[2]);
            out.putInt((int) each[3]);
        }
        return Bytes.wrap(out.array());
    }
}
