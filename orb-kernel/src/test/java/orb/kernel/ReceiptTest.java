package orb.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReceiptTest {
    private static final Digest A = Digest.of(Bytes.utf8("a"));
    private static final Lane LANE = new Lane(A, new NodeId(A), new FunctionId(A));
    private static final Credits PRICE = new Credits(250);
    private static final Receipt FIRST =
            receipt(new Stated(1, Digest.ZERO, Receipt.Ending.COMPLETED, PRICE, PRICE, 5));
    private static final Receipt SECOND =
            receipt(new Stated(2, FIRST.digest(), Receipt.Ending.TRAPPED, Credits.ZERO, PRICE, 6));

    @Test
    void aReceiptComesBackFromItsBytes() {
        for (Receipt receipt : List.of(FIRST, SECOND)) {
            assertThat(Receipt.decode(receipt.encoded())).isEqualTo(Result.ok(receipt));
            assertThat(receipt.digest()).isEqualTo(Digest.of(receipt.encoded()));
        }
        assertThat(FIRST.digest()).isNotEqualTo(SECOND.digest());
    }

    @Test
    void everyTruncationIsRefused() {
        Bytes bytes = SECOND.encoded();
        for (int length = 0; length < bytes.length(); length++) {
            assertThat(accepts(bytes.slice(0, length))).isFalse();
        }
    }

    @Test
    void aChargeForACallThatDidNotCompleteIsRefused() {
        for (Receipt.Ending ending : Receipt.Ending.values()) {
            boolean charged = ending == Receipt.Ending.COMPLETED;
            if (!charged) {
                refuses(new Stated(1, Digest.ZERO, ending, PRICE, PRICE, 5));
            }
        }
    }

    @Test
    void aChainThatDoesNotHoldIsRefused() {
        refuses(new Stated(0, Digest.ZERO, Receipt.Ending.COMPLETED, PRICE, PRICE, 5));
        refuses(new Stated(1, A, Receipt.Ending.COMPLETED, PRICE, PRICE, 5));
        refuses(new Stated(2, Digest.ZERO, Receipt.Ending.COMPLETED, PRICE, PRICE, 5));
        refuses(new Stated(1, Digest.ZERO, Receipt.Ending.COMPLETED, PRICE, Credits.whole(1), 5));
        refuses(new Stated(2, A, Receipt.Ending.COMPLETED, PRICE, new Credits(249), 5));
        refuses(new Stated(2, A, Receipt.Ending.COMPLETED, new Credits(-1), PRICE, 5));
        refuses(new Stated(2, A, Receipt.Ending.COMPLETED, PRICE, PRICE, -1));
        refuses(new Stated(2, A, Receipt.Ending.COMPLETED, PRICE, PRICE, Receipt.AT_MAX + 1));
    }

    @Test
    void onlyACallThatWasStartedHasAnEnding() {
        Refusal refusal = new Refusal(ErrorCode.BUSY, "no place");
        Response response = Response.ok(Bytes.EMPTY);

        assertThat(Receipt.Ending.of(new Outcome.Completed(response, Fuel.ZERO)))
                .isEqualTo(Receipt.Ending.COMPLETED);
        assertThat(Receipt.Ending.of(new Outcome.OutOfFuel(Fuel.ZERO)))
                .isEqualTo(Receipt.Ending.OUT_OF_FUEL);
        assertThat(Receipt.Ending.of(new Outcome.Trapped(TrapCode.EXIT, "1", Fuel.ZERO)))
                .isEqualTo(Receipt.Ending.TRAPPED);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Receipt.Ending.of(new Outcome.Refused(refusal)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aMutatedReceiptIsRefusedOrIsTheOneEncodingOfAnother(long seed) {
        SplittableRandom chance = new SplittableRandom(seed);
        int accepted = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = SECOND.encoded().toArray();
            bytes[chance.nextInt(bytes.length)] = (byte) chance.nextInt(256);
            accepted += accepts(Bytes.wrap(bytes)) ? 1 : 0;
        }
        assertThat(accepted).as("mutations that still decode").isPositive();
    }

    @FuzzTest(maxDuration = "60s")
    void anyBytesAreRefusedOrAReceipt(byte[] input) {
        accepts(Bytes.of(input));
    }

    private static boolean accepts(Bytes bytes) {
        return switch (Receipt.decode(bytes)) {
            case Result.Ok<Receipt>(var receipt) -> {
                assertThat(receipt.encoded()).isEqualTo(bytes);
                yield true;
            }
            case Result.Refused<Receipt>(var refusal) -> {
                assertThat(refusal.code()).isEqualTo(ErrorCode.MALFORMED_BYTES);
                yield false;
            }
        };
    }

    /** What differs between the receipts of this test. */
    private record Stated(
            long sequence,
            Digest previous,
            Receipt.Ending ending,
            Credits price,
            Credits amount,
            long at) {}

    private static void refuses(Stated stated) {
        assertThatIllegalArgumentException().isThrownBy(() -> receipt(stated));
    }

    private static Receipt receipt(Stated stated) {
        return new Receipt(
                LANE,
                A,
                1,
                stated.sequence(),
                stated.previous(),
                A,
                A,
                stated.ending(),
                new Fuel(9),
                1,
                stated.price(),
                A,
                stated.amount(),
                A,
                stated.at());
    }
}
