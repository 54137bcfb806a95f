package orb.host.worker;

import com.code_intelligence.jazzer.junit.FuzzTest;
import orb.kernel.Bytes;

/** Whatever a worker or a node is told is refused or is the one encoding of a message. */
final class WorkerFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void anyBytesAreRefusedOrAMessage(byte[] input) {
        WorkerCodecTest.accepts(Bytes.of(input));
    }
}
