package orb.kernel.codec;

import com.code_intelligence.jazzer.junit.FuzzTest;
import orb.kernel.Bytes;

/** Whatever comes in, the decoder answers, and accepts nothing but canonical bytes. */
final class CborFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void anyBytesAreRefusedOrCanonical(byte[] input) {
        CborTest.acceptsOnlyCanonical(Bytes.of(input));
    }
}
