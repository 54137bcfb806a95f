package orb.sandbox.capability;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Header;
import orb.kernel.Response;
import orb.kernel.port.HostCall;
import orb.kernel.port.HostCalls;
import orb.kernel.port.HostReply;

/**
 * What a guest asks of its node, and the last answer; docs/protocol/capabilities.md.
 *
 * <p>A call answers with a number: 0 or the length of a result, -1 for a key that is not there, or
 * the negative number of an error code, whose reason is then the result. Knows nothing of memories:
 * those who call it have read the arguments and hand out the result. Belongs to one invocation and
 * its thread.
 */
public final class Capabilities {
    public static final int MISSING = -1;

    /** The longest text of a request: its head and its body. */
    public static final int REQUEST_MAX = HostCall.BODY_MAX + (64 << 10);

    private final HostCalls calls;
    private int made;
    private Bytes result = Bytes.EMPTY;

    public Capabilities(HostCalls calls) {
        this.calls = calls;
    }

    /** What the last call left. */
    public Bytes result() {
        return result;
    }

    /**
     * @throws InterruptedException if the run's time is up
     */
    public int get(Bytes key) throws InterruptedException {
        return ask(() -> new HostCall.KvGet(key));
    }

    /**
     * @throws InterruptedException if the run's time is up
     */
    public int set(Bytes key, Bytes value) throws InterruptedException {
        return ask(() -> new HostCall.KvSet(key, value));
    }

    /**
     * @throws InterruptedException if the run's time is up
     */
    public int delete(Bytes key) throws InterruptedException {
        return ask(() -> new HostCall.KvDelete(key));
    }

    /**
     * @throws InterruptedException if the run's time is up
     */
    public int secret(Bytes name) throws InterruptedException {
        return ask(() -> new HostCall.Secret(name.utf8()));
    }

    /**
     * Sends a request, written as {@code METHOD URL}, lines {@code name: value}, an empty line and
     * the body; lines end with a line feed.
     *
     * @throws InterruptedException if the run's time is up
     */
    public int fetch(Bytes request) throws InterruptedException {
        return ask(() -> request(request));
    }

    /** An argument that is longer than any may be, which is refused unread. */
    public int tooLong() {
        return refused(ErrorCode.BAD_HOST_CALL, "an argument is longer than allowed");
    }

    private int ask(Supplier<HostCall> call) throws InterruptedException {
        HostCall asked;
        try {
            asked = call.get();
        } catch (IllegalArgumentException e) {
            return refused(ErrorCode.BAD_HOST_CALL, String.valueOf(e.getMessage()));
        }
        if (made >= HostCall.CALLS_MAX) {
            return refused(
                    ErrorCode.HOST_CALLS_SPENT,
                    "a run makes at most " + HostCall.CALLS_MAX + " host calls");
        }
        made++;
        return switch (calls.call(asked)) {
            case HostReply.Found(var value) -> gave(value);
            case HostReply.Answered(var response) -> gave(text(response));
            case HostReply.Missing() -> {
                result = Bytes.EMPTY;
                yield MISSING;
            }
            case HostReply.Done() -> gave(Bytes.EMPTY);
            case HostReply.Refused(var refusal) -> refused(refusal.code(), refusal.what());
        };
    }

    private int gave(Bytes value) {
        result = value;
        return value.length();
    }

    private int refused(ErrorCode code, String why) {
        result = Bytes.utf8(code.code() + ": " + why);
        return -code.number();
    }

    private static HostCall request(Bytes text) {
        int end = headEnd(text);
        String[] lines = text.slice(0, end).utf8().split("\n", -1);
        int space = lines[0].indexOf(' ');
        if (space < 0) {
            throw new IllegalArgumentException("a request begins with METHOD URL");
        }
        List<Header> headers = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon < 0) {
                throw new IllegalArgumentException("header line " + i + " has no colon");
            }
            headers.add(
                    new Header(
                            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                            lines[i].substring(colon + 1).strip()));
        }
        return new HostCall.Fetch(
                lines[0].substring(0, space),
                lines[0].substring(space + 1),
                headers,
                text.slice(Math.min(end + 2, text.length()), text.length()));
    }

    /** Where the empty line begins; the end of a text without one. */
    private static int headEnd(Bytes text) {
        for (int i = 0; i + 1 < text.length(); i++) {
            if (text.at(i) == '\n' && text.at(i + 1) == '\n') {
                return i;
            }
        }
        int length = text.length();
        return length > 0 && text.at(length - 1) == '\n' ? length - 1 : length;
    }

    private static Bytes text(Response response) {
        StringBuilder head = new StringBuilder().append(response.status()).append('\n');
        for (Header header : response.headers()) {
            head.append(header.name()).append(": ").append(header.value()).append('\n');
        }
        return Bytes.utf8(head.append('\n').toString()).concat(response.body());
    }
}
