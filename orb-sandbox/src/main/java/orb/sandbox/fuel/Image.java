package orb.sandbox.fuel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;
import run.endive.wasm.types.Value;

/**
 * What memory and tables hold when an instance starts: the active segments, laid out once.
 *
 * <p>Instantiation of the core specification (section 4.5.4), done at admission: a segment that
 * does not fit refuses the module instead of trapping each call. Immutable by convention; nobody
 * writes its arrays.
 */
public final class Image {
    public final byte[] memory;
    public final int pages;
    public final int pagesMax;
    public final List<int[]> tables;

    public Image(byte[] memory, int pages, int pagesMax, List<int[]> tables) {
        this.memory = memory;
        this.pages = pages;
        this.pagesMax = pagesMax;
        this.tables = tables;
    }

    public static Image of(Layout layout) {
        Layout.Pages pages = layout.memory.orElse(new Layout.Pages(0, 0));
        List<int[]> tables = new ArrayList<>();
        for (Layout.Table table : layout.tables) {
            int[] entries = new int[table.min()];
            Arrays.fill(entries, Value.REF_NULL_VALUE);
            tables.add(entries);
        }
        for (Layout.Elements segment : layout.elements) {
            if (segment.mode() == Layout.Mode.ACTIVE) {
                layOut(layout, segment, tables.get(segment.table()));
            }
        }
        return new Image(memory(layout, pages.min()), pages.min(), pages.max(), tables);
    }

    private static byte[] memory(Layout layout, int pages) {
        long size = (long) pages << 16;
        long used = 0;
        for (Layout.Data segment : layout.data) {
            if (segment.mode() == Layout.Mode.ACTIVE) {
                long to = offset(layout, segment.offset()) + segment.to() - segment.from();
                if (to > size) {
                    throw outside("data", to, size);
                }
                used = Math.max(used, to);
            }
        }
        byte[] memory = new byte[(int) used];
        for (Layout.Data segment : layout.data) {
            if (segment.mode() == Layout.Mode.ACTIVE) {
                int length = segment.to() - segment.from();
                int at = (int) offset(layout, segment.offset());
                System.arraycopy(layout.bytes, segment.from(), memory, at, length);
            }
        }
        return memory;
    }

    private static void layOut(Layout layout, Layout.Elements segment, int[] entries) {
        long at = offset(layout, segment.offset());
        if (at + segment.items().size() > entries.length) {
            throw outside("element", at + segment.items().size(), entries.length);
        }
        for (Layout.Constant item : segment.items()) {
            entries[(int) at++] = (int) value(layout, item);
        }
    }

    private static long offset(Layout layout, Layout.Constant offset) {
        return value(layout, offset) & 0xffff_ffffL;
    }

    private static long value(Layout layout, Layout.Constant constant) {
        return switch (constant) {
            case Layout.Constant.Number(long bits) -> bits;
            case Layout.Constant.Function(int index) -> index;
            case Layout.Constant.Null() -> Value.REF_NULL_VALUE;
            // a constant names only globals before its own, so this ends
            case Layout.Constant.OfGlobal(int index) ->
                    value(layout, layout.globals.get(index).init());
        };
    }

    private static RefusedException outside(String what, long to, long size) {
        return new RefusedException(
                ErrorCode.INVALID_MODULE,
                "an active " + what + " segment reaches to " + to + " of " + size);
    }
}
