package orb.cli.client;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Builds {@code multipart/form-data} (RFC 7578); not thread-safe. */
public final class Form {
    // RFC 2046 wants a boundary that does not occur in the content; 128 bits of it cannot by chance
    private final String boundary = "orb-" + java.util.UUID.randomUUID();
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    /** Adds a field of text. */
    public void text(String name, String value) {
        part("name=\"" + name + "\"", value.getBytes(StandardCharsets.UTF_8), "");
    }

    /** Adds a file. */
    public void file(String name, byte[] bytes) {
        part(
                "name=\"" + name + "\"; filename=\"" + name + "\"",
                bytes,
                "Content-Type: application/octet-stream\r\n");
    }

    private void part(String disposition, byte[] bytes, String type) {
        line("--" + boundary + "\r\nContent-Disposition: form-data; " + disposition + "\r\n");
        line(type + "\r\n");
        content.writeBytes(bytes);
        line("\r\n");
    }

    private void line(String text) {
        content.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    public String type() {
        return "multipart/form-data; boundary=" + boundary;
    }

    /** The whole form; nothing can be added to what was returned. */
    public byte[] content() {
        byte[] end = ("--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] soFar = content.toByteArray();
        byte[] whole = java.util.Arrays.copyOf(soFar, soFar.length + end.length);
        System.arraycopy(end, 0, whole, soFar.length, end.length);
        return whole;
    }
}
