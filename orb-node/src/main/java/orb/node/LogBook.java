package orb.node;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.FunctionName;

/**
 * The last lines that each function wrote here; in memory only, bounded per function and in all.
 */
final class LogBook {
    /** A longer line is cut. */
    static final int LINE_MAX = 1000;

    private final Turn turn;
    private final NodeConfig.Bounds bounds;
    private final Map<FunctionName, ArrayDeque<NodeReply.LogLine>> lines = new LinkedHashMap<>();

    LogBook(Turn turn, NodeConfig.Bounds bounds) {
        this.turn = turn;
        this.bounds = bounds;
    }

    /** Keeps what an invocation wrote; most write nothing. */
    void write(FunctionName function, Digest call, Bytes written) {
        if (written.isEmpty()) {
            return;
        }
        ArrayDeque<NodeReply.LogLine> ring = lines.get(function);
        if (ring == null) {
            if (lines.size() >= bounds.functionsMax()) {
                lines.remove(lines.keySet().iterator().next());
            }
            ring = new ArrayDeque<>();
            lines.put(function, ring);
        }
        for (String line : written.utf8().split("\n", -1)) {
            if (line.isBlank()) {
                continue;
            }
            if (ring.size() >= bounds.logLinesMax()) {
                ring.removeFirst();
            }
            String cut = line.length() > LINE_MAX ? line.substring(0, LINE_MAX) : line;
            ring.add(new NodeReply.LogLine(turn.now(), call, cut));
        }
    }

    NodeReply.Logs read(FunctionName function) {
        ArrayDeque<NodeReply.LogLine> ring = lines.get(function);
        return new NodeReply.Logs(ring == null ? List.of() : List.copyOf(ring));
    }
}
