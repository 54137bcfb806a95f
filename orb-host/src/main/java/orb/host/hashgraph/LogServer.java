package orb.host.hashgraph;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.Semaphore;
import orb.host.store.EntryLog;
import orb.kernel.Address;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/**
 * Gives rows of this tracker's log to whoever asks: entries are public, and who fetches them proves
 * them by a link that it knows.
 *
 * <p>A question is 8 bytes, the index of the first row, big-endian; the answer is at most {@value
 * #ROWS_MAX} rows and at most about {@value #BYTES_MAX} bytes, each row as 8 bytes of time, 4 bytes
 * of length and the entry, and a time of -1 as the end. A link answers any number of questions, one
 * after the other. Thread-safe.
 */
final class LogServer implements AutoCloseable {
    static final int ROWS_MAX = 512;
    static final int BYTES_MAX = 1 << 20;
    static final int TIMEOUT_MILLIS = 5_000;

    private static final System.Logger LOG = System.getLogger(LogServer.class.getName());
    private static final int LINKS_MAX = 64;

    private final ServerSocket socket;
    private final EntryLog log;
    private final Semaphore links = new Semaphore(LINKS_MAX);

    private LogServer(ServerSocket socket, EntryLog log) {
        this.socket = socket;
        this.log = log;
    }

    /**
     * Listens; on loopback alone if the address is there.
     *
     * @throws RefusedException with PORT_IN_USE
     */
    static LogServer start(Address address, EntryLog log) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(
                    address.host().startsWith("127.")
                            ? new InetSocketAddress(
                                    InetAddress.getByName(address.host()), address.port())
                            : new InetSocketAddress(address.port()));
            LogServer server = new LogServer(socket, log);
            Thread.ofVirtual().name("orb-log-server").start(server::accept);
            return server;
        } catch (IOException e) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.PORT_IN_USE,
                            "listening on " + address + " for trackers that fetch entries: " + e,
                            "end the program that listens there"));
        }
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket link = socket.accept();
                if (links.tryAcquire()) {
                    Thread.ofVirtual().name("orb-log-link").start(() -> serve(link));
                } else {
                    link.close();
                }
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    LOG.log(Level.WARNING, "accepting a tracker that fetches entries", e);
                }
            }
        }
    }

    private void serve(Socket link) {
        try (link;
                DataInputStream in = new DataInputStream(link.getInputStream());
                DataOutputStream out =
                        new DataOutputStream(
                                new java.io.BufferedOutputStream(link.getOutputStream()))) {
            link.setSoTimeout(TIMEOUT_MILLIS);
            while (true) {
                answer(in.readLong(), out);
            }
        } catch (IOException | RefusedException e) {
            LOG.log(Level.DEBUG, "a tracker that fetched entries is gone: {0}", e);
        } finally {
            links.release();
        }
    }

    private void answer(long from, DataOutputStream out) throws IOException {
        List<EntryLog.Timed> rows = from < 0 ? List.of() : log.read(from, ROWS_MAX);
        int bytes = 0;
        for (EntryLog.Timed row : rows) {
            bytes += row.entry().length();
            if (bytes > BYTES_MAX) {
                break;
            }
            out.writeLong(row.atMillis());
            out.writeInt(row.entry().length());
            out.write(row.entry().array());
        }
        out.writeLong(-1);
        out.flush();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing the log's socket", e);
        }
    }
}
