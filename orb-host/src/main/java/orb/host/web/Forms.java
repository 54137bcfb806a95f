package orb.host.web;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.multipart.Attribute;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.FileUpload;
import io.netty.handler.codec.http.multipart.HttpPostMultipartRequestDecoder;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/** Reads {@code multipart/form-data} (RFC 7578), all in memory, by Netty's decoder. */
public final class Forms {
    private static final int FIELDS_MAX = 32;
    private static final int BUFFERED_MAX = 1 << 20;

    private Forms() {}

    /**
     * The fields of a form by name; files give their content.
     *
     * @throws RefusedException with {@code ORB-0005} if the body is not such a form
     */
    public static Map<String, Bytes> read(String contentType, Bytes body) {
        DefaultFullHttpRequest request =
                new DefaultFullHttpRequest(
                        HttpVersion.HTTP_1_1,
                        HttpMethod.POST,
                        "/",
                        Unpooled.wrappedBuffer(body.array()));
        request.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
        try {
            HttpPostMultipartRequestDecoder decoder =
                    new HttpPostMultipartRequestDecoder(
                            new DefaultHttpDataFactory(false),
                            request,
                            java.nio.charset.StandardCharsets.UTF_8,
                            FIELDS_MAX,
                            BUFFERED_MAX);
            try {
                Map<String, Bytes> fields = new LinkedHashMap<>();
                for (InterfaceHttpData data : decoder.getBodyHttpDatas()) {
                    fields.put(data.getName(), content(data));
                }
                return fields;
            } finally {
                decoder.destroy();
            }
        } catch (HttpPostRequestDecoder.ErrorDataDecoderException
                | HttpPostRequestDecoder.TooManyFormFieldsException
                | HttpPostRequestDecoder.TooLongFormFieldException
                | IllegalArgumentException
                | IOException e) {
            throw new RefusedException(
                    ErrorCode.BAD_ARGUMENT, "the form cannot be read: " + e.getMessage());
        }
    }

    private static Bytes content(InterfaceHttpData data) throws IOException {
        return switch (data) {
            case FileUpload file -> Bytes.wrap(file.get());
            case Attribute attribute -> Bytes.wrap(attribute.get());
            default -> Bytes.EMPTY;
        };
    }
}
