package orb.host.net;

import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.AsciiString;

/** The HTTP/2 that a link speaks: its paths, header names and connection settings. */
final class LinkHttp {
    static final AsciiString POST = AsciiString.cached("POST");
    static final AsciiString HTTPS = AsciiString.cached("https");
    static final AsciiString AUTHORITY = AsciiString.cached("orb");
    static final AsciiString ASK_PATH = AsciiString.cached("/orb/ask");
    static final AsciiString UPLINK_PATH = AsciiString.cached("/orb/uplink");
    static final AsciiString TIMEOUT = AsciiString.cached("orb-timeout");
    static final AsciiString OK = AsciiString.cached("200");
    static final AsciiString NOT_FOUND = AsciiString.cached("404");
    static final AsciiString BAD_REQUEST = AsciiString.cached("400");

    /** A stream may hold this much that was sent and not read yet. */
    private static final int WINDOW = 1 << 20;

    private static final int HEADERS_MAX = 4 << 10;
    private static final int RESETS_SECONDS = 30;

    private LinkHttp() {}

    /** For the end that was dialled: it asks for streams. */
    static Http2FrameCodec client(TransportLimits limits) {
        return build(
                Http2FrameCodecBuilder.forClient(),
                Http2Settings.defaultSettings().pushEnabled(false),
                limits);
    }

    /** For the end that dialled: it serves. */
    static Http2FrameCodec server(TransportLimits limits) {
        // one stream is the uplink; as many as may be under way; the rest are on their way out
        int streams = 1 + 2 * limits.inboundAsksMax();
        return build(
                Http2FrameCodecBuilder.forServer(),
                Http2Settings.defaultSettings().maxConcurrentStreams(streams),
                limits);
    }

    private static Http2FrameCodec build(
            Http2FrameCodecBuilder builder, Http2Settings settings, TransportLimits limits) {
        // every question that times out costs a reset, so the usual bound of 200 is too low here;
        // what a peer makes this role work on is bounded by inboundAsksMax, resets or not
        int resets = 64 * limits.inboundAsksMax();
        return builder.initialSettings(
                        settings.initialWindowSize(WINDOW).maxHeaderListSize(HEADERS_MAX))
                .decoderEnforceMaxRstFramesPerWindow(resets, RESETS_SECONDS)
                .encoderEnforceMaxRstFramesPerWindow(resets, RESETS_SECONDS)
                // each call's timeout is another one: kept in the header table, each pushed
                // something useful out at both ends
                .headerSensitivityDetector((name, value) -> TIMEOUT.contentEquals(name))
                .gracefulShutdownTimeoutMillis(0)
                .build();
    }
}
