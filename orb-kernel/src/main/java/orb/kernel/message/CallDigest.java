package orb.kernel.message;

import orb.kernel.Digest;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.codec.Cbor;

/**
 * The digests by which a receipt names what went into a call and what came out: SHA-256 of the same
 * canonical bytes that messages carry. Host and payer compute them, each from what it has seen.
 */
public final class CallDigest {
    private CallDigest() {}

    /** Of a request's canonical bytes. */
    public static Digest input(Request request) {
        return Digest.of(Cbor.encode(CallValues.request(request)));
    }

    /** Of an outcome's canonical bytes. */
    public static Digest output(Outcome outcome) {
        return Digest.of(Cbor.encode(CallValues.outcome(outcome)));
    }
}
