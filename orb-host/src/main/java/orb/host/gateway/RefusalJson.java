package orb.host.gateway;

import orb.kernel.Bytes;
import orb.kernel.Refusal;

/**
 * An error as HTTP callers see it: {@code {"code":"ORB-0301","what":..,"next":..,"page":..}} (RFC
 * 8259).
 */
public final class RefusalJson {
    private RefusalJson() {}

    public static Bytes of(Refusal refusal) {
        StringBuilder json = new StringBuilder(160);
        json.append("{\"code\":");
        quote(json, refusal.code().code());
        json.append(",\"what\":");
        quote(json, refusal.what());
        json.append(",\"next\":");
        quote(json, refusal.next());
        json.append(",\"page\":");
        quote(json, "docs/errors/" + refusal.code().code() + ".md");
        return Bytes.utf8(json.append("}\n").toString());
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c) || c == 0x7f) {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
