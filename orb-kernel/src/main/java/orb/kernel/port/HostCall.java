package orb.kernel.port;

import static orb.kernel.Require.require;

import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Header;
import orb.kernel.Request;

/** What a run asks of its node; docs/protocol/capabilities.md. */
public sealed interface HostCall {
    int KEY_MAX = 256;
    int VALUE_MAX = 64 << 10;
    int BODY_MAX = 1 << 20;
    int URL_MAX = 4096;

    /** Calls that one run may make; those beyond are refused with {@code ORB-0224}. */
    int CALLS_MAX = 100;

    /** The value under a key; {@link HostReply.Found} or {@link HostReply.Missing}. */
    record KvGet(Bytes key) implements HostCall {
        public KvGet {
            requireKey(key);
        }
    }

    /** Puts a value, of at most {@link #VALUE_MAX}, under a key; {@link HostReply.Done}. */
    record KvSet(Bytes key, Bytes value) implements HostCall {
        public KvSet {
            requireKey(key);
            require(
                    value.length() <= VALUE_MAX,
                    "a value has at most %d bytes, not %d",
                    VALUE_MAX,
                    value.length());
        }
    }

    /** Takes a key out; {@link HostReply.Done} or {@link HostReply.Missing}. */
    record KvDelete(Bytes key) implements HostCall {
        public KvDelete {
            requireKey(key);
        }
    }

    /**
     * Sends an HTTP request; {@link HostReply.Answered}.
     *
     * @param method GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS
     * @param url absolute, at most {@link #URL_MAX} visible ASCII characters
     * @param headers at most {@link Request#HEADERS_MAX}
     * @param body at most {@link #BODY_MAX}
     */
    record Fetch(String method, String url, List<Header> headers, Bytes body) implements HostCall {
        private static final List<String> METHODS =
                List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

        public Fetch {
            require(METHODS.contains(method), "a method is one of %s, not %s", METHODS, method);
            require(
                    url.length() <= URL_MAX && url.chars().allMatch(c -> c > ' ' && c < 0x7f),
                    "a URL has at most %d visible ASCII characters",
                    URL_MAX);
            require(
                    headers.size() <= Request.HEADERS_MAX,
                    "a request has at most %d headers",
                    Request.HEADERS_MAX);
            require(
                    body.length() <= BODY_MAX,
                    "a body has at most %d bytes, not %d",
                    BODY_MAX,
                    body.length());
            headers = List.copyOf(headers);
        }
    }

    /** A secret of the function; {@link HostReply.Found}. */
    record Secret(String name) implements HostCall {
        public Secret {
            require(
                    !name.isEmpty() && name.length() <= 64,
                    "a secret's name has 1..64 characters, not %d",
                    name.length());
        }
    }

    private static void requireKey(Bytes key) {
        require(
                !key.isEmpty() && key.length() <= KEY_MAX,
                "a key has 1..%d bytes, not %d",
                KEY_MAX,
                key.length());
    }
}
