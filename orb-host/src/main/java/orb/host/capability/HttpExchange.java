package orb.host.capability;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import orb.kernel.Bytes;
import orb.kernel.Header;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.port.HostCall;

/**
 * One HTTP/1.1 exchange (RFC 9112) over one connection to one address that was checked before.
 *
 * <p>Its own client, because the address that was checked has to be the one that is dialled while
 * the certificate is still that of the name, which the JDK's client cannot do. Nothing is reused,
 * followed, or taken from this machine: no proxy, cookie, cache or credential. Used by one thread;
 * {@link #close} may come from another and ends what that one waits for.
 */
final class HttpExchange implements AutoCloseable {
    private static final int HEAD_MAX = 64 << 10;
    private static final int INTERIM_MAX = 4;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9][0-9])( .*)?");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,12}");
    private static final Pattern CHUNK = Pattern.compile("([0-9a-fA-F]{1,8})[ \\t]*(;.*)?");

    /** What belongs to a connection and not to its message, or is made here. */
    private static final Set<String> HOP =
            Set.of(
                    "connection",
                    "content-length",
                    "expect",
                    "host",
                    "http2-settings",
                    "keep-alive",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade");

    private final Socket socket = new Socket(Proxy.NO_PROXY);
    private final long until;
    private int headBytes;

    /**
     * @param until by {@link System#nanoTime}, after which it fails
     */
    HttpExchange(long until) {
        this.until = until;
    }

    /** Whether a function may not set this field. */
    static boolean isHop(String name) {
        return HOP.contains(name);
    }

    /**
     * Sends the request and reads the whole answer.
     *
     * @throws IOException if it cannot be reached, answers what is no HTTP, more than {@link
     *     HostCall#BODY_MAX}, or not in time
     */
    Response send(Target target, InetAddress address, HostCall.Fetch fetch) throws IOException {
        socket.connect(new InetSocketAddress(address, target.origin().port()), left());
        socket.setTcpNoDelay(true);
        Socket spoken = socket;
        if (target.origin().scheme().equals("https")) {
            spoken = secured(target);
        }
        spoken.setSoTimeout(left());
        Bytes head = Bytes.utf8(head(target, fetch));
        spoken.getOutputStream().write(head.concat(fetch.body()).array());
        spoken.getOutputStream().flush();
        return answer(new Timed(spoken), fetch.method().equals("HEAD"));
    }

    private SSLSocket secured(Target target) throws IOException {
        socket.setSoTimeout(left());
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        SSLSocket secure =
                (SSLSocket)
                        factory.createSocket(socket, target.host(), target.origin().port(), true);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        return secure;
    }

    private static String head(Target target, HostCall.Fetch fetch) {
        StringBuilder head = new StringBuilder(256);
        head.append(fetch.method()).append(' ').append(target.path()).append(target.query());
        head.append(" HTTP/1.1\r\nhost: ").append(target.authority()).append("\r\n");
        for (Header header : fetch.headers()) {
            head.append(header.name()).append(": ").append(header.value()).append("\r\n");
        }
        boolean hasBody = !fetch.body().isEmpty() || fetch.method().startsWith("P");
        if (hasBody) {
            head.append("content-length: ").append(fetch.body().length()).append("\r\n");
        }
        return head.append("connection: close\r\n\r\n").toString();
    }

    private Response answer(InputStream in, boolean headOnly) throws IOException {
        int status = status(line(in));
        List<Header> headers = headers(in);
        for (int i = 0; status < 200; i++) {
            if (status == 101 || i == INTERIM_MAX) {
                throw new IOException("it answered with status " + status);
            }
            status = status(line(in));
            headers = headers(in);
        }
        boolean empty = headOnly || status == 204 || status == 304;
        Bytes body = empty ? Bytes.EMPTY : body(in, headers);
        Set<String> dropped = new TreeSet<>(HOP);
        headers.stream()
                .filter(header -> header.name().equals("connection"))
                .flatMap(header -> List.of(header.value().split(",")).stream())
                .forEach(name -> dropped.add(name.strip().toLowerCase(Locale.ROOT)));
        return new Response(
                status, headers.stream().filter(h -> !dropped.contains(h.name())).toList(), body);
    }

    private static int status(String line) throws IOException {
        Matcher status = STATUS.matcher(line);
        if (!status.matches()) {
            throw new IOException("its answer is no HTTP/1.1");
        }
        return Integer.parseInt(status.group(1));
    }

    private List<Header> headers(InputStream in) throws IOException {
        List<Header> headers = new ArrayList<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon).toLowerCase(Locale.ROOT);
            String value = line.substring(colon + 1).strip().replaceAll("[^\\t -~]", "?");
            if (!Header.isValid(name, value) || headers.size() == Request.HEADERS_MAX) {
                throw new IOException("its answer has a malformed field, or more than 64");
            }
            headers.add(new Header(name, value));
        }
        return headers;
    }

    private Bytes body(InputStream in, List<Header> headers) throws IOException {
        List<String> codings = values(headers, "transfer-encoding");
        List<String> lengths = values(headers, "content-length");
        if (!codings.isEmpty()) {
            if (codings.size() != 1
                    || !codings.getFirst().equalsIgnoreCase("chunked")
                    || !lengths.isEmpty()) {
                throw new IOException("its answer is framed in a way that is not read");
            }
            return chunks(in);
        }
        if (lengths.isEmpty()) {
            byte[] rest = in.readNBytes(HostCall.BODY_MAX + 1);
            requireRoom(rest.length);
            return Bytes.wrap(rest);
        }
        if (lengths.stream().distinct().count() != 1
                || !LENGTH.matcher(lengths.getFirst()).matches()) {
            throw new IOException("its answer is framed in a way that is not read");
        }
        long length = Long.parseLong(lengths.getFirst());
        requireRoom(length);
        return Bytes.wrap(exactly(in, (int) length));
    }

    private Bytes chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (; ; ) {
            Matcher chunk = CHUNK.matcher(line(in));
            if (!chunk.matches()) {
                throw new IOException("its answer has a malformed chunk");
            }
            long size = Long.parseLong(chunk.group(1), 16);
            requireRoom(body.size() + size);
            if (size == 0) {
                headers(in); // trailers are read and dropped
                return Bytes.wrap(body.toByteArray());
            }
            body.writeBytes(exactly(in, (int) size));
            if (!line(in).isEmpty()) {
                throw new IOException("its answer has a malformed chunk");
            }
        }
    }

    private static void requireRoom(long length) throws IOException {
        if (length > HostCall.BODY_MAX) {
            throw new IOException("its answer is larger than " + HostCall.BODY_MAX + " bytes");
        }
    }

    private static byte[] exactly(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("its answer ends too early");
        }
        return bytes;
    }

    private static List<String> values(List<Header> headers, String name) {
        return headers.stream().filter(h -> h.name().equals(name)).map(Header::value).toList();
    }

    /** A line of the head, without its end; all lines together are bounded. */
    private String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("its answer ends too early");
            }
            if (++headBytes > HEAD_MAX) {
                throw new IOException("its answer has a head of more than " + HEAD_MAX + " bytes");
            }
            line.write(next);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /** Milliseconds that are left, at least 1. */
    private int left() throws IOException {
        long left = (until - System.nanoTime()) / 1_000_000;
        if (left < 1) {
            throw new SocketTimeoutException("no answer in time");
        }
        return (int) Math.min(left, Integer.MAX_VALUE);
    }

    /** Waits for each read no longer than is left for the whole exchange. */
    private final class Timed extends BufferedInputStream {
        private final Socket spoken;

        Timed(Socket spoken) throws IOException {
            super(spoken.getInputStream(), 8192);
            this.spoken = spoken;
        }

        @Override
        public synchronized int read() throws IOException {
            if (pos >= count) {
                spoken.setSoTimeout(left());
            }
            return super.read();
        }

        @Override
        public synchronized int read(byte[] into, int at, int length) throws IOException {
            spoken.setSoTimeout(left());
            return super.read(into, at, length);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("closing a connection", e);
        }
    }
}
