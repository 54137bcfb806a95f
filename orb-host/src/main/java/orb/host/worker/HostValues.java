package orb.host.worker;

import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.message.CallValues;
import orb.kernel.port.HostCall;
import orb.kernel.port.HostReply;

/**
 * Host calls and their answers as CBOR, as {@link WorkerCodec} carries them. Readers refuse with
 * {@code ORB-0001} what is out of bounds or left over. Thread-safe.
 */
final class HostValues {
    private static final int GET = 0;
    private static final int SET = 1;
    private static final int DELETE = 2;
    private static final int FETCH = 3;
    private static final int SECRET = 4;

    private HostValues() {}

    static Value of(HostCall call) {
        return switch (call) {
            case HostCall.KvGet(var key) -> Value.array(Value.of(GET), Value.of(key));
            case HostCall.KvSet(var key, var value) ->
                    Value.array(Value.of(SET), Value.of(key), Value.of(value));
            case HostCall.KvDelete(var key) -> Value.array(Value.of(DELETE), Value.of(key));
            case HostCall.Fetch(var method, var url, var headers, var body) ->
                    Value.array(
                            Value.of(FETCH),
                            Value.of(method),
                            Value.of(url),
                            CallValues.headers(headers),
                            Value.of(body));
            case HostCall.Secret(var name) -> Value.array(Value.of(SECRET), Value.of(name));
        };
    }

    static HostCall call(Fields f) {
        HostCall call =
                Fields.checked(
                        "HostCall",
                        () ->
                                switch (f.smallNumber(GET, SECRET)) {
                                    case GET -> new HostCall.KvGet(f.bytes(HostCall.KEY_MAX));
                                    case SET ->
                                            new HostCall.KvSet(
                                                    f.bytes(HostCall.KEY_MAX),
                                                    f.bytes(HostCall.VALUE_MAX));
                                    case DELETE -> new HostCall.KvDelete(f.bytes(HostCall.KEY_MAX));
                                    case FETCH ->
                                            new HostCall.Fetch(
                                                    f.text(16),
                                                    f.text(HostCall.URL_MAX),
                                                    CallValues.headers(f),
                                                    f.bytes(HostCall.BODY_MAX));
                                    default -> new HostCall.Secret(f.text(64));
                                });
        f.end();
        return call;
    }

    static Value of(HostReply reply) {
        return switch (reply) {
            case HostReply.Found(var value) -> Value.array(Value.of(0), Value.of(value));
            case HostReply.Missing() -> Value.array(Value.of(1));
            case HostReply.Done() -> Value.array(Value.of(2));
            case HostReply.Answered(var response) ->
                    Value.array(Value.of(3), CallValues.response(response));
            case HostReply.Refused(var refusal) ->
                    Value.array(Value.of(4), CallValues.refusal(refusal));
        };
    }

    static HostReply reply(Fields f) {
        HostReply reply =
                Fields.checked(
                        "HostReply",
                        () ->
                                switch (f.smallNumber(0, 4)) {
                                    case 0 -> new HostReply.Found(f.bytes(HostCall.VALUE_MAX));
                                    case 1 -> new HostReply.Missing();
                                    case 2 -> new HostReply.Done();
                                    case 3 ->
                                            new HostReply.Answered(
                                                    CallValues.response(f.fields("Response")));
                                    default ->
                                            new HostReply.Refused(
                                                    CallValues.refusal(f.fields("Refusal")));
                                });
        f.end();
        return reply;
    }
}
