package orb.host.build;

import java.util.ArrayList;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Header;
import orb.kernel.Request;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/** A request as canonical CBOR: method, path, query, headers as pairs of name and value, body. */
final class SampleCodec {
    private static final DecodeLimits LIMITS =
            new DecodeLimits(Request.BODY_MAX + (1 << 20), 3, 1_000);

    private SampleCodec() {}

    static Bytes encode(Request request) {
        List<Value> headers = new ArrayList<>();
        for (Header header : request.headers()) {
            headers.add(Value.array(Value.of(header.name()), Value.of(header.value())));
        }
        return Cbor.encode(
                Value.array(
                        Value.of(request.method()),
                        Value.of(request.path()),
                        Value.of(request.query()),
                        Value.array(headers),
                        Value.of(request.body())));
    }

    /** Throws {@link orb.kernel.RefusedException} for bytes that are no request. */
    static Request decode(Bytes bytes) {
        Fields f = Fields.of(Cbor.decodeOrThrow(bytes, LIMITS), "the sample");
        Request request =
                Fields.checked(
                        "the sample",
                        () ->
                                new Request(
                                        f.text(16),
                                        f.text(Request.PATH_MAX),
                                        f.text(Request.PATH_MAX),
                                        f.list(Request.HEADERS_MAX, SampleCodec::header),
                                        f.bytes(Request.BODY_MAX)));
        f.end();
        return request;
    }

    private static Header header(Value value) {
        Fields f = Fields.of(value, "a header");
        String name = f.text(Header.NAME_MAX);
        String text = f.text(Header.VALUE_MAX);
        f.end();
        return new Header(name, text);
    }
}
