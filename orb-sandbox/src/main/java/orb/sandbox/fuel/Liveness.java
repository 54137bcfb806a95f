package orb.sandbox.fuel;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Which locals of a valid body may still be read, before each of its instructions.
 *
 * <p>The usual backward analysis (Aho, Lam, Sethi and Ullman, Compilers, section 9.2.5) over
 * structured code: one pass from the end settles everything but what a loop carries around, so
 * passes are repeated until none changes anything.
 */
final class Liveness {
    /** Words that one pass goes over at most; beyond that nothing is analysed. */
    private static final int WORDS_MAX = 4 << 20;

    /** Passes of one analysis, however often it goes on. */
    private static final int PASSES_MAX = 40;

    private final Code code;
    private final IntPredicate isUse;
    private final int words;
    private final long[] live;
    private int passes;

    private Liveness(Code code, int words, IntPredicate isUse) {
        this.code = code;
        this.words = words;
        this.isUse = isUse;
        this.live = new long[(code.count + 1) * words];
    }

    /** Empty if the body is so large or so nested that the analysis would take too long. */
    static Optional<Liveness> of(Code code, int locals) {
        return of(code, locals, get -> true);
    }

    /**
     * As above, for some uses only.
     *
     * @param isUse whether the {@code local.get} of this index counts; it may come to count more
     *     between one {@link #settle} and the next, never less
     */
    static Optional<Liveness> of(Code code, int locals, IntPredicate isUse) {
        int words = locals / 64 + 1;
        long ways = 1L + code.count;
        for (int i = 0; i < code.count; i++) {
            ways += code.labels[i].length;
        }
        if (words * ways > WORDS_MAX) {
            return Optional.empty();
        }
        Liveness liveness = new Liveness(code, words, isUse);
        return liveness.settle() ? Optional.of(liveness) : Optional.empty();
    }

    /** Goes on with what has come to count; false if that would take too long. */
    boolean settle() {
        while (passes < PASSES_MAX) {
            passes++;
            if (!pass()) {
                return true;
            }
        }
        return false;
    }

    boolean isLive(int before, int local) {
        return (live[before * words + local / 64] & 1L << local) != 0;
    }

    private boolean pass() {
        boolean changed = false;
        long[] set = new long[words];
        for (int i = code.count - 1; i >= 0; i--) {
            Arrays.fill(set, 0);
            behind(i, set);
            int local = code.immediate[i];
            switch (code.opcode[i]) {
                case CodeScan.LOCAL_GET -> {
                    if (isUse.test(i)) {
                        set[local / 64] |= 1L << local;
                    }
                }
                case CodeScan.LOCAL_SET, CodeScan.LOCAL_TEE -> set[local / 64] &= ~(1L << local);
                default -> {}
            }
            for (int word = 0; word < words; word++) {
                changed |= live[i * words + word] != set[word];
                live[i * words + word] = set[word];
            }
        }
        return changed;
    }

    /** Adds what is live where control may go from an instruction. */
    private void behind(int index, long[] set) {
        int opcode = code.opcode[index];
        if (opcode == CodeScan.ELSE) {
            add(code.match[code.match[index]], set);
            return;
        }
        if (!Code.endsFlow(opcode)) {
            add(index + 1, set);
        }
        if (opcode == CodeScan.IF) {
            int otherwise = code.otherwise[index];
            add(otherwise >= 0 ? otherwise + 1 : code.match[index], set);
        }
        for (int opener : code.labels[index]) {
            if (opener >= 0) {
                add(target(opener), set);
            }
        }
    }

    /** The instruction at which a branch to an opener's label goes on. */
    private int target(int opener) {
        return code.opcode[opener] == CodeScan.LOOP ? opener : code.match[opener];
    }

    private void add(int before, long[] set) {
        for (int word = 0; word < words; word++) {
            set[word] |= live[before * words + word];
        }
    }
}
