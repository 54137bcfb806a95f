package orb.kernel.message;

import java.util.ArrayList;
import java.util.List;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Header;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.TrapCode;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * Values of a call as CBOR: request, outcome, refusal, as messages carry them.
 *
 * <p>Readers refuse with {@code ORB-0001} what is out of bounds or left over. Thread-safe.
 */
public final class CallValues {
    private static final TrapCode[] TRAPS = TrapCode.values();

    private CallValues() {}

    public static Value request(Request request) {
        return Value.array(
                Value.of(request.method()),
                Value.of(request.path()),
                Value.of(request.query()),
                headers(request.headers()),
                Value.of(request.body()));
    }

    public static Request request(Fields f) {
        Request request =
                Fields.checked(
                        "Request",
                        () ->
                                new Request(
                                        f.text(16),
                                        f.text(Request.PATH_MAX),
                                        f.text(Request.PATH_MAX),
                                        headers(f),
                                        f.bytes(Request.BODY_MAX)));
        f.end();
        return request;
    }

    public static Value outcome(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Completed(var response, var used) ->
                    Value.array(Value.of(0), response(response), Value.of(used.units()));
            case Outcome.OutOfFuel(var limit) -> Value.array(Value.of(1), Value.of(limit.units()));
            case Outcome.Trapped(var code, var detail, var used) ->
                    Value.array(
                            Value.of(2),
                            Value.of(code.ordinal()),
                            Value.of(cut(detail)),
                            Value.of(used.units()));
            case Outcome.Refused(var refusal) -> Value.array(Value.of(3), refusal(refusal));
        };
    }

    public static Outcome outcome(Fields f) {
        Outcome outcome =
                switch (f.smallNumber(0, 3)) {
                    case 0 -> new Outcome.Completed(response(f.fields("Response")), f.fuel());
                    case 1 -> new Outcome.OutOfFuel(f.fuel());
                    case 2 ->
                            new Outcome.Trapped(
                                    TRAPS[f.smallNumber(0, TRAPS.length - 1)],
                                    f.text(Refusal.TEXT_MAX),
                                    new Fuel(f.number(0, Long.MAX_VALUE)));
                    default -> new Outcome.Refused(refusal(f.fields("Refusal")));
                };
        f.end();
        return outcome;
    }

    public static Value refusal(Refusal refusal) {
        return Value.array(
                Value.of(refusal.code().number()),
                Value.of(refusal.what()),
                Value.of(refusal.next()));
    }

    public static Refusal refusal(Fields f) {
        Refusal refusal =
                Fields.checked(
                        "Refusal",
                        () ->
                                new Refusal(
                                        ErrorCode.ofNumber(f.smallNumber(1, 9999)),
                                        f.text(Refusal.TEXT_MAX),
                                        f.text(Refusal.TEXT_MAX)));
        f.end();
        return refusal;
    }

    public static Value response(Response response) {
        return Value.array(
                Value.of(response.status()),
                headers(response.headers()),
                Value.of(response.body()));
    }

    public static Response response(Fields f) {
        Response response =
                Fields.checked(
                        "Response",
                        () ->
                                new Response(
                                        f.smallNumber(200, 599),
                                        headers(f),
                                        f.bytes(Response.BODY_MAX)));
        f.end();
        return response;
    }

    /** Names and values in turn. */
    public static Value headers(List<Header> headers) {
        List<Value> flat = new ArrayList<>(headers.size() * 2);
        for (Header header : headers) {
            flat.add(Value.of(header.name()));
            flat.add(Value.of(header.value()));
        }
        return Value.array(flat);
    }

    public static List<Header> headers(Fields f) {
        List<String> flat =
                f.list(
                        Request.HEADERS_MAX * 2,
                        value -> Fields.of(Value.array(value), "Header").text(Header.VALUE_MAX));
        Fields.checked(
                "Header",
                () -> {
                    orb.kernel.Require.require(flat.size() % 2 == 0, "a name lacks its value");
                    return true;
                });
        List<Header> headers = new ArrayList<>(flat.size() / 2);
        for (int i = 0; i < flat.size(); i += 2) {
            headers.add(new Header(flat.get(i), flat.get(i + 1)));
        }
        return headers;
    }

    private static String cut(String detail) {
        return detail.length() > Refusal.TEXT_MAX ? detail.substring(0, Refusal.TEXT_MAX) : detail;
    }
}
