package orb.host.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import orb.host.net.MemoryBudget;
import orb.kernel.Response;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever bytes come on a connection, what goes out is a sequence of proper HTTP responses. */
final class GatewayFuzzTest {
    private static final String CHUNKED =
            "POST /f/a/b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final List<String> SEEDS =
            List.of(
                    "GET /f/a/b?q=1 HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\n",
                    "POST /f/a/b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
                    CHUNKED + "5;x\r\nhello\r\n0\r\nT: 1\r\n\r\n",
                    "HEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close, x\r\n\r\n",
                    "OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n");

    private static String answers(byte[] bytes, Random cuts) {
        MemoryBudget budget = new MemoryBudget(GatewayLimits.DEFAULT.bodiesMax());
        EmbeddedChannel channel =
                new EmbeddedChannel(
                        new GatewayConnection(
                                (function, request, token, reply) ->
                                        reply.send(Response.ok(request.body())),
                                Route::of,
                                Pages.HEALTH,
                                GatewayLimits.DEFAULT,
                                budget));
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        while (in.isReadable() && channel.isActive()) {
            int length = 1 + cuts.nextInt(in.readableBytes());
            channel.writeInbound(in.readRetainedSlice(length));
        }
        channel.checkException();
        StringBuilder out = new StringBuilder();
        ByteBuf piece;
        while ((piece = channel.readOutbound()) != null) {
            out.append(piece.toString(StandardCharsets.ISO_8859_1));
            piece.release();
        }
        channel.finishAndReleaseAll();
        assertThat(budget.taken()).isZero();
        return out.toString().replaceAll("date: [^\r]*", "date: x");
    }

    private static void check(byte[] bytes) {
        String whole = answers(bytes, new Random(1));
        assertThat(whole.isEmpty() || whole.startsWith("HTTP/1.1 ")).isTrue();
        // a 100 is sent only if the body has not come yet, so it alone depends on the cuts
        String go = "HTTP/1.1 100 Continue\r\n\r\n";
        assertThat(answers(bytes, new Random(2)).replace(go, "")).isEqualTo(whole.replace(go, ""));
    }

    static Stream<byte[]> samples() {
        return SEEDS.stream().map(seed -> seed.getBytes(StandardCharsets.ISO_8859_1));
    }

    @MethodSource("samples")
    @FuzzTest(maxDuration = "20s")
    void anyBytesAreAnsweredTheSameHoweverTheyAreCut(byte[] data) {
        check(data);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void damagedRequestsAreAnsweredTheSameHoweverTheyAreCut(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            ByteBuf all = Unpooled.buffer();
            for (int j = 0; j < 3; j++) {
                all.writeCharSequence(
                        SEEDS.get(random.nextInt(SEEDS.size())), StandardCharsets.ISO_8859_1);
            }
            byte[] bytes = ByteBufUtil.getBytes(all);
            for (int j = random.nextInt(4); j > 0; j--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            check(bytes);
        }
    }
}
