package orb.kernel.identity;

import static orb.kernel.Require.require;

import java.nio.charset.StandardCharsets;
import orb.kernel.Bytes;

/**
 * What a signature is for. The name stands before what is signed, so that a signature given for one
 * purpose can never be shown for another.
 */
public enum Domain {
    ENTRY("orb/entry/1"),
    FUNCTION_VERSION("orb/function-version/1"),
    NODE_RECORD("orb/node-record/1"),
    RECEIPT_BATCH("orb/receipt-batch/1"),
    VOUCHER("orb/voucher/1"),
    PACKAGE("orb/package/1"),
    NODE_BINDING("orb/node-binding/1"),
    LINK("orb/link/1"),
    SLICE("orb/slice/1"),
    TRACKER_KEYS("orb/tracker-keys/1"),
    SEED_RECORD("orb/seed-record/1"),
    DISCOVERY("orb/discovery/1"),
    DIRECT_CALL("orb/direct-call/1"),
    /**
     * A signed note (C2SP signed-note), which has nothing before it. It is text with no control
     * character but the newline, and every other domain's message has a zero byte: so neither can
     * be shown for the other.
     */
    NOTE;

    private final byte[] prefix;

    Domain(String name) {
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        prefix = new byte[text.length + 1]; // ends with a zero byte: no name is a prefix of another
        System.arraycopy(text, 0, prefix, 0, text.length);
    }

    Domain() {
        prefix = new byte[0];
    }

    byte[] over(Bytes message) {
        if (this == NOTE) {
            for (byte each : message.array()) {
                require(each < 0 || each >= ' ' || each == '\n', "a note has no byte %d", each);
            }
        }
        byte[] signed = new byte[prefix.length + message.length()];
        System.arraycopy(prefix, 0, signed, 0, prefix.length);
        System.arraycopy(message.array(), 0, signed, prefix.length, message.length());
        return signed;
    }
}
