package orb.cli.accept;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Stands between a client and a listener on this machine, and keeps what the client says. */
final class Tap implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream(); // it locks itself
    private final int target;

    Tap(int target) throws IOException {
        this.target = target;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** All that clients said so far, a character for each byte. */
    String heard() {
        return heard.toString(StandardCharsets.ISO_8859_1);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                Thread.ofVirtual().start(() -> carry(client, server, heard));
                Thread.ofVirtual()
                        .start(() -> carry(server, client, OutputStream.nullOutputStream()));
            }
        } catch (IOException e) {
            // closed, or nobody listens there: clients see their connection end
        }
    }

    private static void carry(Socket from, Socket to, OutputStream copy) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            byte[] buffer = new byte[8192];
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                copy.write(buffer, 0, count);
                to.getOutputStream().write(buffer, 0, count);
            }
        } catch (IOException e) {
            // one of the two has closed, and so both are
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
