package orb.host.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UplinkDecoderTest {
    /** What reading some bytes in one piece or in many gives: the frames, and how it ended. */
    private static List<String> read(byte[] bytes, Random cuts) {
        List<String> frames = new ArrayList<>();
        UplinkDecoder decoder =
                new UplinkDecoder((kind, exchange, payload) ->
                        frames.add(kind + ":" + exchange + ":" + ByteBufUtil.hexDump(payload)));
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        try {
            while (in.isReadable()) {
                decoder.read(in.readSlice(1 + cuts.nextInt(in.readableBytes())));
            }
        } catch (RefusedException e) {
            assertThat(e.refusal().code()).isEqualTo(ErrorCode.MALFORMED_BYTES);
            frames.add("refused");
        }
        return frames;
    }

    private static byte[] stream(Random random) {
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < 20; i++) {
            byte[] payload = new byte[random.nextInt(random.nextBoolean() ? 5 : 3_000)];
            random.nextBytes(payload);
            UplinkFrame.head(out, random.nextInt(256), random.nextLong(), payload.length);
            out.writeBytes(payload);
        }
        return ByteBufUtil.getBytes(out);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void framesAreTheSameHoweverTheirBytesAreCut(long seed) {
        Random random = new Random(seed);
        byte[] bytes = stream(random);
        List<String> whole = read(bytes, new Random(0));
        assertThat(whole).hasSize(20);
        for (int i = 0; i < 50; i++) {
            assertThat(read(bytes, random)).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void damagedBytesAreReadOrRefusedTheSameHoweverTheyAreCut(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = stream(random);
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            assertThat(read(bytes, random)).isEqualTo(read(bytes, random));
        }
    }

    static Stream<byte[]> samples() {
        return Stream.of(
                new byte[0],
                new byte[] {0, 0, 0, 9, 4, 0, 0, 0, 0, 0, 0, 0, 1},
                new byte[] {-1, -1, -1, -1},
                stream(new Random(99)));
    }

    @MethodSource("samples")
    @FuzzTest(maxDuration = "20s")
    void anyBytesAreFramesOrRefused(byte[] data) {
        assertThat(read(data, new Random(1))).isEqualTo(read(data, new Random(2)));
    }
}
