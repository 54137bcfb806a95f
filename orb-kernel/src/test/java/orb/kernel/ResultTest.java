package orb.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results and the refusals in them. */
final class ResultTest {
    private static final Refusal REFUSAL = new Refusal(ErrorCode.BUSY, "4 of 4 places are taken");
    private static final Result<Integer> REFUSED = Result.refused(REFUSAL);

    @Test
    void aValueGoesThroughEveryStep() {
        Result<Integer> result = Result.ok(20).map(n -> n + 1).then(n -> Result.ok(n * 2));

        assertThat(result).isEqualTo(Result.ok(42));
        assertThat(result.isOk()).isTrue();
        assertThat(result.orThrow()).isEqualTo(42);
    }

    @Test
    void aRefusalStopsEveryStepAfterIt() {
        Result<Integer> result =
                REFUSED.map(_ -> failing()).then(_ -> Result.ok(failing())).map(_ -> failing());

        assertThat(result).isEqualTo(REFUSED);
        assertThat(result.isOk()).isFalse();
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(result::orThrow)
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(REFUSAL))
                .withMessage("ORB-0207: 4 of 4 places are taken");
    }

    @Test
    void aThrownRefusalIsCaughtAndAnyOtherExceptionIsNot() {
        assertThat(Result.catching(() -> 1)).isEqualTo(Result.ok(1));
        assertThat(
                        Result.catching(() -> {
                            throw new RefusedException(REFUSAL);
                        }))
                .isEqualTo(REFUSED);
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        Result.catching(() -> {
                            throw new IllegalStateException("bug");
                        }));
    }

    @Test
    void aRefusalIsOneLineWithCodeReasonAndWayOut() {
        assertThat(new Refusal(ErrorCode.PORT_IN_USE, "port 80 is taken", "choose another"))
                .hasToString("ORB-0305: port 80 is taken (choose another)");
        assertThat(REFUSAL).hasToString("ORB-0207: 4 of 4 places are taken");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n\t"})
    void aRefusalSaysWhatHappened(String what) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Refusal(ErrorCode.BUSY, what));
    }

    @Test
    void longTextsOfARefusalAreCut() {
        String text = "x".repeat(Refusal.TEXT_MAX + 1);
        Refusal refusal = new Refusal(ErrorCode.BUSY, text, text);

        assertThat(refusal.what()).hasSize(Refusal.TEXT_MAX);
        assertThat(refusal.next()).hasSize(Refusal.TEXT_MAX);
    }

    private static int failing() {
        throw new AssertionError("a step ran after a refusal");
    }
}
