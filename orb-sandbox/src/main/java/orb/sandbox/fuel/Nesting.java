package orb.sandbox.fuel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The blocks that are open while a body is gone over, and how far out the label of each is. Every
 * question but {@link #openers} costs the same however deep it is. Not thread-safe.
 */
final class Nesting {
    /** Where an opener stands among the open ones. */
    private final int[] places;

    private int[] openers = new int[64];

    /** Blocks that were added around the first so many open ones. */
    private int[] added = new int[65];

    private int depth;

    /**
     * @param instructions of the body, whose openers are named by their indices
     */
    Nesting(int instructions) {
        places = new int[instructions];
    }

    /** Closes all. */
    void clear() {
        depth = 0;
    }

    /** Goes over an instruction, whatever it is; no blocks are added around it. */
    void step(int opcode, int index) {
        switch (opcode) {
            case CodeScan.BLOCK, CodeScan.LOOP, CodeScan.IF -> open(index, 0);
            case CodeScan.END -> {
                if (depth > 0) {
                    close();
                }
            }
            default -> {}
        }
    }

    /**
     * A block opens.
     *
     * @param more blocks that are added around it
     */
    void open(int opener, int more) {
        if (depth == openers.length) {
            openers = Arrays.copyOf(openers, depth * 2);
            added = Arrays.copyOf(added, depth * 2 + 1);
        }
        places[opener] = depth;
        openers[depth++] = opener;
        added[depth] = added[depth - 1] + more;
    }

    /** The innermost block ends; its opener. */
    int close() {
        return openers[--depth];
    }

    boolean isEmpty() {
        return depth == 0;
    }

    int depth() {
        return depth;
    }

    /** How many blocks out a label is, with those that were added; -1 names the function. */
    int label(int opener) {
        int place = opener < 0 ? -1 : places[opener];
        return depth - 1 - place + added[depth] - added[place + 1];
    }

    /** The openers of the open blocks, outermost first. */
    List<Integer> openers() {
        List<Integer> list = new ArrayList<>(depth);
        for (int i = 0; i < depth; i++) {
            list.add(openers[i]);
        }
        return list;
    }
}
