package orb.ledger.proof;

import static orb.kernel.Require.require;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Result;

/**
 * Names one static file of the log, in the layout of C2SP tlog-tiles: hashes of the tree, or
 * entries. Immutable.
 *
 * @param level 0..7 for hashes, {@link #ENTRIES} for entries
 * @param index which tile of the level, from 0
 * @param width how many hashes or entries are in it, 1..{@link #WIDTH}; fewer than all at the right
 *     edge of a tree
 */
public record TilePath(int level, long index, int width) {
    /** Hashes in a full tile, and entries in a full bundle. */
    public static final int WIDTH = 256;

    /** The level that stands for entries instead of hashes. */
    public static final int ENTRIES = -1;

    /** No tree of fewer than 2^62 entries has a tile above it. */
    public static final int LEVEL_MAX = 7;

    private static final int HEIGHT = 8; // of a tile
    private static final long INDEX_MAX = 999_999_999_999L;
    private static final Pattern SHAPE =
            Pattern.compile(
                    "tile/(entries|[0-7])/((?:x[0-9]{3}/){0,3}[0-9]{3})"
                            + "(?:\\.p/([1-9][0-9]{0,2}))?");

    public TilePath {
        require(level >= ENTRIES && level <= LEVEL_MAX, "there is no level %d", level);
        require(index >= 0 && index <= INDEX_MAX, "there is no tile %d", index);
        require(width >= 1 && width <= WIDTH, "a tile has 1..%d hashes, not %d", WIDTH, width);
    }

    /** The tile of this level that holds hash {@code place}, in a tree of this many entries. */
    public static TilePath holding(int level, long place, long size) {
        long index = place / WIDTH;
        long all = level == ENTRIES ? size : size >> HEIGHT * level;
        return new TilePath(level, index, (int) Math.min(WIDTH, all - index * WIDTH));
    }

    public boolean isFull() {
        return width == WIDTH;
    }

    /** The same tile once it is full. */
    public TilePath filled() {
        return new TilePath(level, index, WIDTH);
    }

    /** Place on its level of the first hash, or index of the first entry. */
    public long first() {
        return index * WIDTH;
    }

    /** Length of the file's content if it holds hashes. */
    public int length() {
        return width * Digest.LENGTH;
    }

    /**
     * Reads a path below the log's own, strictly: {@code BAD_ARGUMENT} for any other text.
     *
     * @param text such as {@code tile/0/x001/x234/067.p/12}
     */
    public static Result<TilePath> parse(String text) {
        Matcher m = SHAPE.matcher(text);
        if (m.matches()) {
            int level = m.group(1).equals("entries") ? ENTRIES : Integer.parseInt(m.group(1));
            long index = Long.parseLong(m.group(2).replaceAll("[x/]", ""));
            int width = m.group(3) == null ? WIDTH : Integer.parseInt(m.group(3));
            boolean isPartial = m.group(3) != null && width < WIDTH;
            if ((isPartial || m.group(3) == null)
                    && new TilePath(level, index, width).toString().equals(text)) {
                return Result.ok(new TilePath(level, index, width));
            }
        }
        return Result.refused(ErrorCode.BAD_ARGUMENT, "no tile has this path");
    }

    /** The path, without a slash before it. */
    @Override
    public String toString() {
        StringBuilder digits = new StringBuilder(24);
        long rest = index;
        do {
            String three = String.format(Locale.ROOT, "%03d", rest % 1000);
            digits.insert(0, digits.isEmpty() ? three : "x" + three + "/");
            rest /= 1000;
        } while (rest > 0);
        String place = level == ENTRIES ? "entries" : Integer.toString(level);
        return "tile/" + place + "/" + digits + (isFull() ? "" : ".p/" + width);
    }
}
