package orb.sandbox.fuel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Finds the parts of a large body that can become functions of their own.
 *
 * <p>A switch compiles to blocks within blocks, and each case is what stands between the {@code
 * end} of one block and the {@code end} of the next. Such a part starts and ends with nothing of
 * its own on the operand stack and is left by falling out of it, by branches to labels that take no
 * values, and by {@code return}.
 */
final class Regions {
    /** Names the way out of the function among exits, as it does in {@link Code#labels}. */
    static final int RETURN = -1;

    /** Nobody goes there, or more than one do. */
    private static final int NOBODY = -1;

    private static final int MANY = -2;

    /** What a call takes with all that is carried around it, roughly. */
    private static final int CALL_BYTES = 32;

    private static final int EXITS_MAX = 16;

    /** Of one body. */
    private static final int CHOSEN_MAX = 1_000;

    /** Instructions and labels that are looked at for exits, for each one of the body. */
    private static final int LOOKS_MAX = 16;

    private final Code code;
    private final boolean hasResult;
    private final Heights heights;
    private final List<Frame> open = new ArrayList<>();
    private final List<Region> found = new ArrayList<>();
    private final int[] comers;
    private final int above;
    private long looks;

    /**
     * Instructions from {@code from} up to {@code to}, which is an {@code end} or {@code else}.
     *
     * @param bytes its length
     * @param exits where control may go on, ascending: {@link #RETURN} and openers whose labels are
     *     branched to; falling out of the region is a branch to {@code parent}
     * @param falls whether control may fall out of it
     * @param parent the opener of the innermost block around it
     * @param table the {@code br_table} that is the only way to it, or -1
     */
    record Region(
            int from,
            int to,
            int bytes,
            List<Integer> exits,
            boolean falls,
            int parent,
            int table) {}

    /** A block that is open; {@code from} is where a region may start in it, or -1. */
    private static final class Frame {
        final int opener;
        final boolean isFlat;
        boolean isDead;
        int from = -1;
        int table = NOBODY;

        Frame(int opener, boolean isFlat) {
            this.opener = opener;
            this.isFlat = isFlat;
        }
    }

    private Regions(Code code, boolean hasResult, int above) {
        this.code = code;
        this.hasResult = hasResult;
        this.above = above;
        this.heights = new Heights(code);
        this.comers = new int[code.count];
        Arrays.fill(comers, NOBODY);
        for (int i = 0; i < code.count; i++) {
            boolean isTable = code.opcode[i] == CodeScan.BR_TABLE;
            for (int opener : code.labels[i]) {
                if (opener >= 0) {
                    boolean isFirst = comers[opener] == NOBODY || comers[opener] == i;
                    comers[opener] = isTable && isFirst ? i : MANY;
                }
            }
        }
    }

    /**
     * Disjoint regions, in order, that leave about as many bytes of the body as are to be kept, if
     * there are enough: the largest first, because what is short is often what runs most.
     */
    static List<Region> of(Code code, Layout.Body body, boolean hasResult, Splitter.Sizes sizes) {
        Regions regions = new Regions(code, hasResult, sizes.above());
        for (int i = 0; i < code.count; i++) {
            regions.step(i);
        }
        regions.found.sort(Comparator.comparingInt(Region::bytes).reversed());
        NavigableSet<Region> chosen = new TreeSet<>(Comparator.comparingInt(Region::from));
        int left = body.to() - body.codeFrom();
        for (Region each : regions.found) {
            boolean isEnough = left <= sizes.keep() || chosen.size() == CHOSEN_MAX;
            if (isEnough || each.bytes <= sizes.least()) {
                break;
            }
            if (isFree(chosen, each)) {
                chosen.add(each);
                left -= each.bytes - CALL_BYTES;
            }
        }
        return List.copyOf(chosen);
    }

    private static boolean isFree(NavigableSet<Region> chosen, Region wanted) {
        Optional<Region> before = Optional.ofNullable(chosen.floor(wanted));
        Optional<Region> after = Optional.ofNullable(chosen.ceiling(wanted));
        return before.stream().allMatch(b -> b.to <= wanted.from)
                && after.stream().allMatch(a -> wanted.to <= a.from);
    }

    private void step(int index) {
        int opcode = code.opcode[index];
        switch (opcode) {
            case CodeScan.BLOCK, CodeScan.LOOP, CodeScan.IF -> {
                heights.step(index);
                open.add(new Frame(index, isFlat(index)));
            }
            case CodeScan.ELSE -> {
                close(index);
                Frame frame = open.getLast();
                frame.isDead = false;
                frame.from = -1;
                heights.step(index);
            }
            case CodeScan.END -> {
                heights.step(index);
                if (!open.isEmpty()) {
                    close(index);
                    begin(index, open.removeLast());
                }
            }
            default -> {
                heights.step(index);
                if (!open.isEmpty()) {
                    open.getLast().isDead |= Code.endsFlow(opcode);
                }
            }
        }
    }

    /** After the first block in a block: what precedes it there is part of getting to the cases. */
    private void begin(int end, Frame ended) {
        if (open.isEmpty() || !ended.isFlat) {
            return;
        }
        Frame frame = open.getLast();
        boolean isBlock = code.opcode[ended.opener] == CodeScan.BLOCK;
        if (frame.from < 0 && isBlock && !frame.isDead && heights.inBlock() == 0) {
            frame.from = end + 1;
            frame.table = ended.isDead && comers[ended.opener] >= 0 ? comers[ended.opener] : NOBODY;
        }
    }

    private void close(int index) {
        Frame frame = open.getLast();
        if (frame.from >= 0
                && frame.from < index
                && code.start[index] - code.start[frame.from] <= above) {
            exits(frame, index)
                    .map(exits ->
                            new Region(
                                    frame.from,
                                    index,
                                    code.start[index] - code.start[frame.from],
                                    exits,
                                    !Code.endsFlow(code.opcode[index - 1]),
                                    frame.opener,
                                    frame.table))
                    .ifPresent(found::add);
        }
    }

    private Optional<List<Integer>> exits(Frame frame, int to) {
        TreeSet<Integer> exits = new TreeSet<>();
        for (int i = frame.from; i < to; i++) {
            looks += 1 + code.labels[i].length;
            if (exits.size() > EXITS_MAX || looks > (long) LOOKS_MAX * code.count) {
                return Optional.empty();
            }
            if (code.opcode[i] == CodeScan.RETURN) {
                exits.add(RETURN);
            }
            for (int opener : code.labels[i]) {
                if (opener < frame.from) {
                    boolean carries = opener < 0 ? hasResult : !takesNothing(opener);
                    if (carries && (opener >= 0 || code.opcode[i] != CodeScan.BR)) {
                        return Optional.empty();
                    }
                    exits.add(opener);
                }
            }
        }
        if (!Code.endsFlow(code.opcode[to - 1])) {
            if (!frame.isFlat || code.opcode[frame.opener] == CodeScan.LOOP) {
                return Optional.empty();
            }
            exits.add(frame.opener);
        }
        return exits.size() <= EXITS_MAX ? Optional.of(List.copyOf(exits)) : Optional.empty();
    }

    /** Whether a branch to an opener's label carries no values. */
    private boolean takesNothing(int opener) {
        return code.opcode[opener] == CodeScan.LOOP
                ? Heights.params(code, opener) == 0
                : Heights.results(code, opener) == 0;
    }

    private boolean isFlat(int opener) {
        return Heights.params(code, opener) == 0 && Heights.results(code, opener) == 0;
    }
}
