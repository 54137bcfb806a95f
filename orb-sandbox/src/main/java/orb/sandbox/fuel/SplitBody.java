package orb.sandbox.fuel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** One large body with pieces taken out of it, as {@link Regions} found them. Not thread-safe. */
final class SplitBody {
    private static final int VOID = 0x40;

    private final LargeBody whole;
    private final Code code;
    private final Layout.Body body;
    private final Pieces pieces;
    private final NavigableMap<Integer, Edit> edits = new TreeMap<>();

    /** Openers around regions and tables, outermost first. */
    private final NavigableMap<Integer, List<Integer>> openers = new TreeMap<>();

    private boolean hasNumber;

    /** What stands in the place of some instructions. */
    private record Edit(int to, WasmSink text) {}

    /** Where pieces become functions of the module. */
    interface Pieces {
        /**
         * Adds a piece.
         *
         * @param table for cases of a table, the region of each number, or -1
         */
        Piece.Called add(Piece piece, List<Integer> table);
    }

    SplitBody(LargeBody whole, Pieces pieces) {
        this.whole = whole;
        this.code = whole.code();
        this.body = whole.body();
        this.pieces = pieces;
    }

    /** The body without the regions. */
    WasmSink without(List<Regions.Region> regions) {
        findOpeners(regions);
        NavigableMap<Integer, List<Regions.Region>> tables = new TreeMap<>();
        for (Regions.Region region : regions) {
            if (isCase(region, regions)) {
                tables.computeIfAbsent(region.table(), t -> new ArrayList<>()).add(region);
            } else {
                single(region);
            }
        }
        tables.forEach(this::table);
        WasmSink out = new WasmSink(body.to() - body.localsFrom());
        locals(out);
        int copied = body.codeFrom();
        for (Map.Entry<Integer, Edit> each : edits.entrySet()) {
            out.raw(code.layout.bytes, copied, code.start[each.getKey()]);
            out.append(each.getValue().text);
            copied = code.start[each.getValue().to];
        }
        return out.raw(code.layout.bytes, copied, body.to());
    }

    /** Whether numbers of a table lead to a region, and nothing else, and it stays where it is. */
    private boolean isCase(Regions.Region region, List<Regions.Region> regions) {
        int table = region.table();
        if (table < 0) {
            return false;
        }
        int[] labels = code.labels[table];
        return labels[labels.length - 1] != block(region)
                && regions.stream().noneMatch(r -> r.from() <= table && table < r.to());
    }

    /** The opener of the block behind which a region stands. */
    private int block(Regions.Region region) {
        return code.match[region.from() - 1];
    }

    /** A region that becomes a function by itself. */
    private void single(Regions.Region region) {
        Piece piece = new Piece(whole, List.of(region));
        if (piece.isCheap()) {
            WasmSink text = new WasmSink(64);
            List<Integer> open = openers.getOrDefault(region.from(), List.of());
            piece.call(text, pieces.add(piece, List.of()), open, 0, () -> {});
            edits.put(region.from(), new Edit(region.to(), text));
        }
    }

    private record Group(
            Piece piece, List<Regions.Region> regions, int least, Piece.Called called) {}

    /** Cases of one table: some of them share a function, which is called where the table was. */
    private void table(int table, List<Regions.Region> cases) {
        int[] labels = code.labels[table];
        Map<Integer, Integer> first = new TreeMap<>();
        for (int i = labels.length - 1; i >= 0; i--) {
            first.put(labels[i], i);
        }
        List<Regions.Region> sorted = new ArrayList<>(cases);
        sorted.sort(Comparator.comparingInt(each -> first.getOrDefault(block(each), 0)));
        List<Group> groups = new ArrayList<>();
        List<Regions.Region> next = new ArrayList<>();
        int bytes = 0;
        for (Regions.Region each : sorted) {
            if (bytes + each.bytes() > GasSchedule.SPLIT_GROUP_BYTES) {
                group(table, next, groups);
                next = new ArrayList<>();
                bytes = 0;
            }
            next.add(each);
            bytes += each.bytes();
        }
        group(table, next, groups);
        if (!groups.isEmpty()) {
            edits.put(table, new Edit(table + 1, dispatch(table, groups)));
        }
    }

    private void group(int table, List<Regions.Region> cases, List<Group> groups) {
        if (cases.size() < 2) {
            cases.forEach(this::single);
            return;
        }
        Piece piece = new Piece(whole, cases);
        if (!piece.isCheap()) {
            cases.forEach(this::single);
            return;
        }
        int[] labels = code.labels[table];
        Map<Integer, Integer> byBlock = new TreeMap<>();
        cases.forEach(each -> byBlock.put(block(each), byBlock.size()));
        int[] numbers =
                IntStream.range(0, labels.length)
                        .filter(i -> byBlock.containsKey(labels[i]))
                        .toArray();
        int least = numbers[0];
        List<Integer> regions =
                IntStream.rangeClosed(least, numbers[numbers.length - 1])
                        .map(i -> byBlock.getOrDefault(labels[i], -1))
                        .boxed()
                        .toList();
        groups.add(new Group(piece, cases, least, pieces.add(piece, regions)));
        for (Regions.Region each : cases) {
            edits.put(each.from(), new Edit(each.to(), new WasmSink(1).one(CodeScan.UNREACHABLE)));
        }
    }

    private WasmSink dispatch(int table, List<Group> groups) {
        List<Integer> open = openers.getOrDefault(table, List.of());
        int[] labels = code.labels[table];
        int number = whole.types().length;
        hasNumber = true;
        WasmSink text = new WasmSink(labels.length * 2 + 64);
        text.one(CodeScan.LOCAL_SET).u32(number);
        groups.forEach(each -> text.one(CodeScan.BLOCK).one(VOID));
        text.one(CodeScan.LOCAL_GET).u32(number).one(CodeScan.BR_TABLE).u32(labels.length - 1);
        Map<Integer, Integer> depths = depths(open, groups);
        for (int label : labels) {
            text.u32(depths.getOrDefault(label, groups.size() + open.size()));
        }
        for (int i = groups.size() - 1; i >= 0; i--) {
            Group group = groups.get(i);
            text.one(CodeScan.END);
            group.piece.call(
                    text,
                    group.called,
                    open,
                    i,
                    () -> {
                        text.one(CodeScan.LOCAL_GET).u32(number);
                        text.one(0x41).signed(group.least).one(0x6b);
                    });
        }
        return text;
    }

    /** How far out labels are within the blocks of all groups, of which the first is outermost. */
    private Map<Integer, Integer> depths(List<Integer> open, List<Group> groups) {
        Map<Integer, Integer> depths = new TreeMap<>();
        for (int i = 0; i < open.size(); i++) {
            depths.put(open.get(i), groups.size() + open.size() - 1 - i);
        }
        for (int i = 0; i < groups.size(); i++) {
            for (Regions.Region each : groups.get(i).regions) {
                depths.put(block(each), groups.size() - 1 - i);
            }
        }
        return depths;
    }

    private void findOpeners(List<Regions.Region> regions) {
        Set<Integer> wanted = new TreeSet<>();
        for (Regions.Region each : regions) {
            wanted.add(each.from());
            wanted.add(each.table());
        }
        Nesting open = whole.inside();
        open.clear();
        for (int i = 0; i < code.count; i++) {
            if (wanted.contains(i)) {
                openers.put(i, open.openers());
            }
            open.step(code.opcode[i], i);
        }
    }

    /** Declarations as they were, and that of the number that a table was given. */
    private void locals(WasmSink out) {
        WasmSource source = new WasmSource(code.layout.bytes, body.localsFrom(), body.codeFrom());
        int groups = source.u32();
        out.u32(groups + (hasNumber ? 1 : 0));
        out.raw(code.layout.bytes, source.position(), body.codeFrom());
        if (hasNumber) {
            out.one(1).one(Layout.I32);
        }
    }
}
