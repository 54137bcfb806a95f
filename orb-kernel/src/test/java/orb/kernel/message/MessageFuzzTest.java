package orb.kernel.message;

import com.code_intelligence.jazzer.junit.FuzzTest;
import orb.kernel.Bytes;

/** Whatever a peer sends is refused or is the one encoding of a message. */
final class MessageFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void anyBytesAreRefusedOrAMessage(byte[] input) {
        MessageTest.accepts(Bytes.of(input));
    }
}
