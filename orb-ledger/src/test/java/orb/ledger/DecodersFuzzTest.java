package orb.ledger;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.stream.Stream;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever bytes come, a decoder reads canonical ones or refuses, and never throws. */
final class DecodersFuzzTest {
    static Stream<byte[]> samples() {
        return Samples.everything().values().stream().map(Bytes::toArray);
    }

    @MethodSource("samples")
    @FuzzTest(maxDuration = "20s")
    void decodersReadCanonicalBytesOrRefuse(byte[] data) {
        Bytes bytes = Bytes.of(data);
        for (Result<Bytes> decoding : Samples.decodings(bytes)) {
            switch (decoding) {
                case Result.Ok<Bytes>(var again) -> must(again.equals(bytes), "not canonical");
                case Result.Refused<Bytes>(var refusal) ->
                        must(refusal.code() == ErrorCode.MALFORMED_BYTES, refusal.toString());
            }
        }
    }

    @MethodSource("samples")
    @FuzzTest(maxDuration = "20s")
    void aLedgerGivesAnyBytesTheirPlaceAndKeepsItsBooks(byte[] data) {
        Ledger ledger = new Ledger(Town.GENESIS);
        ledger.apply(0, Instant.parse("2030-01-01T00:00:00Z"), Bytes.of(data));
        ledger.check();
        must(ledger.next() == 1, "no place in the log");
    }

    private static void must(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}
