package orb.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BytesTest {
    static java.util.Set<String> names() {
        return Samples.everything().keySet();
    }

    /**
     * The golden file holds each sample in hexadecimal. A change there is a change of the protocol:
     * it forks every swarm that runs.
     */
    @ParameterizedTest
    @MethodSource("names")
    void theBytesAreTheOnesOfTheGoldenFile(String name) throws IOException {
        Properties golden = new Properties();
        try (InputStream file = BytesTest.class.getResourceAsStream("/ledger-golden.properties")) {
            golden.load(new java.io.InputStreamReader(file, StandardCharsets.UTF_8));
        }
        assertThat(Samples.everything().get(name).hex()).isEqualTo(golden.getProperty(name));
    }

    @Test
    void everyEntryIsReadAsItWasWritten() {
        for (Map.Entry<String, Entry> sample : Samples.entries().entrySet()) {
            SignedEntry signed = Samples.signed(sample.getValue());
            assertThat(SignedEntry.decode(signed.encoded()).orThrow()).isEqualTo(signed);
            SignedEntry.Checked checked = SignedEntry.check(signed.encoded());
            assertThat(checked.result().orThrow()).as(sample.getKey()).isEqualTo(signed);
            assertThat(checked.digest()).isEqualTo(signed.digest());
        }
        Genesis genesis = Genesis.standard("orb");
        assertThat(Genesis.decode(genesis.encoded()).orThrow()).isEqualTo(genesis);
    }

    @Test
    void noBitOfASignedEntryCanChangeUnnoticed() {
        for (Entry entry : Samples.entries().values()) {
            byte[] bytes = Samples.signed(entry).encoded().toArray();
            // every byte, and in each another bit
            for (int i = 0; i < bytes.length; i++) {
                byte flip = (byte) (1 << i % 8);
                bytes[i] ^= flip;
                assertThat(Town.code(SignedEntry.check(Bytes.of(bytes)).result()))
                        .isIn(ErrorCode.MALFORMED_BYTES, ErrorCode.BAD_SIGNATURE);
                bytes[i] ^= flip;
            }
        }
    }

    @Test
    void decodersReadOnlyCanonicalBytesWhateverIsMutated() {
        Random random = new Random(11);
        int read = 0;
        for (Bytes sample : Samples.everything().values()) {
            for (int i = 0; i < 800; i++) {
                Bytes mutant = mutated(sample, random);
                for (Result<Bytes> decoding : Samples.decodings(mutant)) {
                    if (decoding instanceof Result.Ok<Bytes>(var again)) {
                        assertThat(again).isEqualTo(mutant);
                        read++;
                    } else {
                        assertThat(Town.code(decoding)).isEqualTo(ErrorCode.MALFORMED_BYTES);
                    }
                }
            }
        }
        assertThat(read).as("mutants that are well-formed").isPositive();
    }

    private static Bytes mutated(Bytes sample, Random random) {
        byte[] bytes = sample.toArray();
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        int cut = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
        return Bytes.of(java.util.Arrays.copyOf(bytes, cut));
    }
}
