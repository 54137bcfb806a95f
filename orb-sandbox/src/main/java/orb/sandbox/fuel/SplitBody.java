package orb.sandbox.fuel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** One large body with pieces taken out of it, as {@link Regions} found them. Not thread-safe. */
final class SplitBody {
    private static final int VOID = 0x40;

    private final Code code;
    private final Layout.Body body;
    private final int[] types;
    private final Liveness live;
    private final Pieces pieces;
    private final NavigableMap<Integer, Edit> edits = new TreeMap<>();
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

    /**
     * @param types of parameters and locals
     */
    SplitBody(Code code, Layout.Body body, int[] types, Liveness live, Pieces pieces) {
        this.code = code;
        this.body = body;
        this.types = types;
        this.live = live;
        this.pieces = pieces;
    }

    /** The body without the regions. */
    WasmSink without(List<Regions.Region> regions) {
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
        Piece piece = new Piece(code, body, List.of(region), types, live);
        if (piece.isCheap()) {
            WasmSink text = new WasmSink(64);
            piece.call(text, pieces.add(piece, List.of()), region.open(), 0, () -> {});
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
        Piece piece = new Piece(code, body, cases, types, live);
        if (!piece.isCheap()) {
            cases.forEach(this::single);
            return;
        }
        int[] labels = code.labels[table];
        List<Integer> blocks = cases.stream().map(this::block).toList();
        int[] numbers =
                IntStream.range(0, labels.length).filter(i -> blocks.contains(labels[i])).toArray();
        int least = numbers[0];
        List<Integer> regions =
                IntStream.rangeClosed(least, numbers[numbers.length - 1])
                        .map(i -> blocks.indexOf(labels[i]))
                        .boxed()
                        .toList();
        groups.add(new Group(piece, cases, least, pieces.add(piece, regions)));
        for (Regions.Region each : cases) {
            edits.put(each.from(), new Edit(each.to(), new WasmSink(1).one(CodeScan.UNREACHABLE)));
        }
    }

    private WasmSink dispatch(int table, List<Group> groups) {
        List<Integer> open = openers(table);
        int[] labels = code.labels[table];
        int number = types.length;
        hasNumber = true;
        WasmSink text = new WasmSink(labels.length * 2 + 64);
        text.one(CodeScan.LOCAL_SET).u32(number);
        groups.forEach(each -> text.one(CodeScan.BLOCK).one(VOID));
        text.one(CodeScan.LOCAL_GET).u32(number).one(CodeScan.BR_TABLE).u32(labels.length - 1);
        for (int label : labels) {
            text.u32(depth(label, open, groups));
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

    /** Within the blocks of all groups, the first one's outermost. */
    private int depth(int label, List<Integer> open, List<Group> groups) {
        for (int i = 0; i < groups.size(); i++) {
            if (groups.get(i).regions.stream().anyMatch(each -> block(each) == label)) {
                return groups.size() - 1 - i;
            }
        }
        return groups.size() + open.size() - 1 - open.indexOf(label);
    }

    /** Openers of the blocks around an instruction, outermost first. */
    private List<Integer> openers(int index) {
        List<Integer> open = new ArrayList<>();
        for (int i = 0; i < index; i++) {
            switch (code.opcode[i]) {
                case CodeScan.BLOCK, CodeScan.LOOP, CodeScan.IF -> open.add(i);
                case CodeScan.END -> open.removeLast();
                default -> {}
            }
        }
        return open;
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
