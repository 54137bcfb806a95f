package orb.node;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.NavigableMap;
import orb.kernel.Bytes;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.port.Notice;
import orb.kernel.port.Table;
import orb.node.turn.Turn;

/**
 * What happened to functions as seen from here, with times: told to whoever follows, and the last
 * {@link NodeConfig.Bounds#trailMax} notices kept in {@link Table#TRAIL} by their running number.
 */
final class Trail {
    private static final int TEXT_MAX = 4000;

    private final Turn turn;
    private final int countMax;
    private final ArrayDeque<Kept> notices = new ArrayDeque<>();
    private long next;

    private record Kept(long number, Notice notice) {}

    Trail(Turn turn, int countMax) {
        this.turn = turn;
        this.countMax = countMax;
    }

    /** Takes up the notices that were kept. */
    void start(NavigableMap<Bytes, Bytes> kept) {
        kept.forEach((key, value) -> {
            long number = ByteBuffer.wrap(key.array()).getLong();
            notices.add(new Kept(number, decode(value)));
            next = number + 1;
        });
    }

    void add(String kind, String subject, String detail) {
        Notice notice = turn.notice(kind, subject, cut(detail));
        turn.tell(notice);
        while (notices.size() >= countMax) {
            turn.erase(Table.TRAIL, key(notices.removeFirst().number));
        }
        notices.add(new Kept(next, notice));
        turn.save(Table.TRAIL, key(next), encode(notice));
        next++;
    }

    /** Notices about one subject, oldest first. */
    List<Notice> about(String subject) {
        return notices.stream()
                .map(Kept::notice)
                .filter(notice -> notice.subject().equals(subject))
                .toList();
    }

    private static String cut(String detail) {
        return detail.length() > TEXT_MAX ? detail.substring(0, TEXT_MAX) : detail;
    }

    private static Bytes key(long number) {
        return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
    }

    private static Bytes encode(Notice notice) {
        return Cbor.encode(
                Value.array(
                        Value.of(notice.at().toEpochMilli()),
                        Value.of(notice.kind()),
                        Value.of(notice.subject()),
                        Value.of(notice.detail())));
    }

    private static Notice decode(Bytes bytes) {
        Fields f = Fields.of(Cbor.decodeOrThrow(bytes, DecodeLimits.ENTRY), "Notice");
        Notice notice =
                new Notice(
                        Instant.ofEpochMilli(f.number(0, Long.MAX_VALUE)),
                        f.text(100),
                        f.text(TEXT_MAX),
                        f.text(TEXT_MAX));
        f.end();
        return notice;
    }
}
