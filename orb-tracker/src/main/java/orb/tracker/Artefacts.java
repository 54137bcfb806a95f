package orb.tracker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.message.Seeding;
import orb.kernel.port.Effect;

/**
 * Hands out executables in chunks; those asked for last are held in memory, up to a bound, so that
 * a transfer reads the disk once.
 */
final class Artefacts {
    private final Turn turn;
    private final int fetchesMax;
    private final long bytesMax;
    private final Map<Digest, Bytes> held = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Digest, List<Wanted>> wanted = new LinkedHashMap<>();
    private long heldBytes;
    private int waiting;

    private record Wanted(Asker asker, Seeding.Fetch fetch) {}

    Artefacts(Turn turn, TrackerConfig.Bounds bounds) {
        this.turn = turn;
        fetchesMax = bounds.fetchesMax();
        bytesMax = bounds.artefactBytesMax();
    }

    void fetch(Asker asker, Seeding.Fetch fetch) {
        Bytes content = held.get(fetch.artefact());
        if (content != null) {
            answer(asker, fetch, content);
        } else if (waiting >= fetchesMax) {
            turn.refuse(
                    asker,
                    ErrorCode.BUSY,
                    waiting + " chunks wait for the disk",
                    "fetch it again in a moment, or from a node that serves it");
        } else {
            waiting++;
            List<Wanted> others = wanted.get(fetch.artefact());
            if (others == null) {
                wanted.put(fetch.artefact(), new ArrayList<>(List.of(new Wanted(asker, fetch))));
                turn.add(new Effect.LoadBlob(fetch.artefact()));
            } else {
                others.add(new Wanted(asker, fetch));
            }
        }
    }

    void loaded(Digest artefact, Optional<Bytes> content) {
        content.ifPresent(bytes -> hold(artefact, bytes));
        List<Wanted> askers = wanted.remove(artefact);
        if (askers == null) {
            return;
        }
        waiting -= askers.size();
        for (Wanted each : askers) {
            if (content.isPresent()) {
                answer(each.asker(), each.fetch(), content.get());
            } else {
                turn.refuse(
                        each.asker(),
                        ErrorCode.HASH_MISMATCH,
                        "the artefact " + artefact + " is not here, or damaged",
                        "fetch it from a node that serves it");
            }
        }
    }

    /** Holds what was just deployed: nodes will ask for it. */
    void hold(Digest artefact, Bytes content) {
        if (content.length() > bytesMax || held.putIfAbsent(artefact, content) != null) {
            return;
        }
        heldBytes += content.length();
        while (heldBytes > bytesMax) {
            Map.Entry<Digest, Bytes> oldest = held.entrySet().iterator().next();
            heldBytes -= oldest.getValue().length();
            held.remove(oldest.getKey());
        }
    }

    private void answer(Asker asker, Seeding.Fetch fetch, Bytes content) {
        if (fetch.offset() > content.length()) {
            turn.refuse(
                    asker,
                    ErrorCode.BAD_ARGUMENT,
                    "offset " + fetch.offset() + " is beyond its " + content.length() + " bytes",
                    "");
            return;
        }
        int from = (int) fetch.offset();
        int to = Math.min(content.length(), from + fetch.length());
        turn.answer(asker, new Seeding.Chunk(content.slice(from, to), content.length()));
    }
}
