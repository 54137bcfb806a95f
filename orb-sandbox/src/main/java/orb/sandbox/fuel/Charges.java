package orb.sandbox.fuel;

/**
 * Decides where a body is charged and how much, for both ways of charging.
 *
 * <p><em>Exact</em>: every straight-line segment is charged where it begins, so fuel is the cost of
 * the instructions that ran. A segment begins at the body's start, behind {@code loop}, {@code if},
 * {@code else} and {@code br_if}, and behind each {@code end} that is reached in more than one way.
 *
 * <p><em>Longest way</em>, for bodies that with a charge at each segment would outgrow a JVM method
 * (64 KiB): only the start, loop heads and the targets of {@code br_table} are charging points, and
 * each charges the costliest way from it to the next point. That is never less than the cost of
 * what ran. Every cycle goes through a loop head, so both ways bound the work between two checks.
 *
 * <p>Code that cannot be reached costs nothing.
 */
final class Charges {
    /** What is charged before an instruction, by its index. */
    final long[] before;

    private final Code code;

    private Charges(Code code) {
        this.code = code;
        this.before = new long[code.count];
    }

    static Charges exact(Code code) {
        Charges charges = new Charges(code);
        charges.segments();
        return charges;
    }

    static Charges longestWay(Code code) {
        Charges charges = new Charges(code);
        charges.ways();
        return charges;
    }

    /** Whether so little is charged in so simple a body that one charge at its start is all. */
    boolean isSingle() {
        for (int i = 1; i < before.length; i++) {
            if (before[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private void segments() {
        boolean live = true;
        int segment = 0;
        for (int i = 0; i < code.count; i++) {
            if (i > 0) {
                int previous = code.opcode[i - 1];
                live =
                        switch (previous) {
                            case CodeScan.ELSE -> true;
                            case CodeScan.END -> live || joins(code.match[i - 1]);
                            default -> live && !Code.endsFlow(previous);
                        };
                if (startsSegment(i - 1)) {
                    segment = i;
                }
            }
            if (live) {
                before[segment] += GasSchedule.cost(code.opcode[i]);
            }
        }
    }

    private boolean startsSegment(int previous) {
        return switch (code.opcode[previous]) {
            case CodeScan.LOOP, CodeScan.IF, CodeScan.ELSE, CodeScan.BR_IF -> true;
            case CodeScan.BR, CodeScan.BR_TABLE, CodeScan.RETURN, CodeScan.UNREACHABLE -> true;
            case CodeScan.END -> joins(code.match[previous]);
            default -> false;
        };
    }

    /** Whether the end of this block is reached in another way than by falling into it. */
    private boolean joins(int opener) {
        return opener >= 0
                && (code.opcode[opener] == CodeScan.IF
                        || (code.opcode[opener] == CodeScan.BLOCK && code.isTarget[opener]));
    }

    /** Longest ways, backwards: labels ahead are known when a branch to them is met. */
    private void ways() {
        long[] from = new long[code.count + 1];
        for (int i = code.count - 1; i >= 0; i--) {
            long next = isPoint(i + 1) ? 0 : from[i + 1];
            long ahead =
                    switch (code.opcode[i]) {
                        case CodeScan.RETURN, CodeScan.UNREACHABLE -> 0;
                        case CodeScan.BR, CodeScan.BR_TABLE -> branches(i, from);
                        case CodeScan.BR_IF -> Math.max(next, branches(i, from));
                        case CodeScan.IF -> Math.max(next, notTaken(i, from));
                        case CodeScan.ELSE -> behind(code.match[code.match[i]], from);
                        default -> next;
                    };
            from[i] = ahead + GasSchedule.cost(code.opcode[i]);
        }
        for (int i = 0; i < code.count; i++) {
            if (isPoint(i)) {
                before[i] = from[i];
            }
        }
    }

    private boolean isPoint(int index) {
        if (index == 0) {
            return true;
        }
        if (index >= code.count) {
            return false;
        }
        int opener = code.match[index - 1];
        return code.opcode[index - 1] == CodeScan.LOOP
                || (code.opcode[index - 1] == CodeScan.END && opener >= 0 && code.isCase[opener]);
    }

    private long branches(int index, long[] from) {
        long longest = 0;
        for (int opener : code.labels[index]) {
            if (opener >= 0 && code.opcode[opener] != CodeScan.LOOP) {
                longest = Math.max(longest, behind(code.match[opener], from));
            }
        }
        return longest;
    }

    private long notTaken(int index, long[] from) {
        int otherwise = code.otherwise[index];
        return otherwise >= 0 ? from[otherwise + 1] : behind(code.match[index], from);
    }

    private long behind(int end, long[] from) {
        return isPoint(end + 1) ? 0 : from[end + 1];
    }
}
