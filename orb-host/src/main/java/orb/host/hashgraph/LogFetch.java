package orb.host.hashgraph;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import orb.host.store.EntryLog;
import orb.host.store.LogTail;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.NodeId;

/**
 * Fetches the entries between two known tails from other trackers' logs, trusting none of them: a
 * tracker's rows are taken only if together they lead from the one tail to the other.
 *
 * <p>All of a gap is fetched from one tracker before any of it is taken, because only the last link
 * proves it; {@link #GAP_MAX} bounds the memory for that. Not thread-safe.
 */
final class LogFetch {
    /** Entries in the longest gap that is fetched at once. */
    static final int GAP_MAX = 1_000_000;

    private static final System.Logger LOG = System.getLogger(LogFetch.class.getName());

    private final Roster roster;
    private final NodeId self;

    LogFetch(Roster roster, NodeId self) {
        this.roster = roster;
        this.self = self;
    }

    /** The entries after {@code have} up to {@code want}; empty if no tracker gives them now. */
    List<EntryLog.Timed> missing(LogTail have, LogTail want) {
        for (Roster.Seat seat : roster.seats()) {
            if (!seat.id().equals(self)) {
                Address address = seat.keys().log();
                try {
                    return from(address, have, want);
                } catch (IOException e) {
                    LOG.log(
                            Level.WARNING,
                            "fetching entries {0}..{1} from {2}: {3}",
                            have.next(),
                            want.next() - 1,
                            address,
                            e);
                }
            }
        }
        return List.of();
    }

    private static List<EntryLog.Timed> from(Address address, LogTail have, LogTail want)
            throws IOException {
        if (want.next() - have.next() > GAP_MAX) {
            throw new IOException("more than " + GAP_MAX + " entries");
        }
        List<EntryLog.Timed> rows = new ArrayList<>();
        LogTail at = have;
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(address.host(), address.port()),
                    LogServer.TIMEOUT_MILLIS);
            socket.setSoTimeout(LogServer.TIMEOUT_MILLIS);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            DataInputStream in =
                    new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            while (at.next() < want.next()) {
                out.writeLong(at.next());
                out.flush();
                int before = rows.size();
                read(in, want.next() - at.next(), rows);
                if (rows.size() == before) {
                    throw new IOException("it has no entry " + at.next());
                }
                for (EntryLog.Timed row : rows.subList(before, rows.size())) {
                    at = at.then(row.atMillis(), row.entry());
                }
            }
        }
        if (!at.equals(want)) {
            throw new IOException("its entries do not lead to the link that the trackers signed");
        }
        return rows;
    }

    private static void read(DataInputStream in, long countMax, List<EntryLog.Timed> rows)
            throws IOException {
        long at = in.readLong();
        for (int i = 0; at >= 0; i++) {
            int length = in.readInt();
            if (i == LogServer.ROWS_MAX || length < 0 || length > Roster.ENTRY_MAX) {
                throw new IOException("it sends rows out of bounds");
            }
            byte[] entry = in.readNBytes(length);
            if (i < countMax) {
                rows.add(new EntryLog.Timed(at, Bytes.wrap(entry)));
            }
            at = in.readLong();
        }
    }
}
