package orb.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fuel, sizes and the limits that are made of them. */
final class AmountsTest {
    private static final ByteSize MEMORY = ByteSize.mib(1);
    private static final Fuel FUEL = new Fuel(1000);
    private static final Duration WALL = Duration.ofSeconds(1);

    @Test
    void fuelIsNeverNegativeAndNeverWraps() {
        assertThat(FUEL.plus(new Fuel(5))).isEqualTo(new Fuel(1005));
        assertThat(Fuel.ZERO).isLessThan(FUEL);
        assertThat(FUEL).hasToString("1000 fuel");
        assertThatIllegalArgumentException().isThrownBy(() -> new Fuel(-1));
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> new Fuel(Long.MAX_VALUE).plus(FUEL));
    }

    @ParameterizedTest
    @CsvSource({
        "0,0 B",
        "1,1 B",
        "1023,1023 B",
        "1024,1 KiB",
        "1025,1025 B",
        "1048576,1 MiB",
        "1049600,1025 KiB",
        "17179869184,16384 MiB"
    })
    void aSizeIsShownInTheLargestUnitThatDividesIt(long bytes, String shown) {
        assertThat(new ByteSize(bytes)).hasToString(shown);
    }

    @Test
    void aSizeIsNeverNegativeAndNeverWraps() {
        assertThat(ByteSize.kib(2)).isEqualTo(new ByteSize(2048)).isLessThan(ByteSize.mib(1));
        assertThatIllegalArgumentException().isThrownBy(() -> new ByteSize(-1));
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> ByteSize.mib(Long.MAX_VALUE >> 10));
    }

    @Test
    void limitsHoldWithinTheirBoundsInclusive() {
        new Limits(new ByteSize(65_536), new Fuel(1), Duration.ofMillis(1));
        Limits most =
                new Limits(ByteSize.mib(1024), new Fuel(1_000_000_000_000L), Duration.ofMinutes(5));
        assertThat(most.memoryPages()).isEqualTo(16_384);
        assertThat(new Limits(new ByteSize(65_536 * 3 - 1), FUEL, WALL).memoryPages()).isEqualTo(2);
    }

    @Test
    void limitsBeyondTheirBoundsAreRefused() {
        refusesMemory(65_535);
        refusesMemory((1L << 30) + 1);
        refusesFuel(0);
        refusesFuel(1_000_000_000_001L);
        refusesWall(Duration.ZERO);
        refusesWall(Duration.ofNanos(999_999));
        refusesWall(Duration.ofMillis(-1));
        refusesWall(Duration.ofMinutes(5).plusNanos(1));
        refusesWall(Duration.ofSeconds(Long.MAX_VALUE));
        refusesWall(Duration.ofSeconds(Long.MIN_VALUE));
    }

    private static void refusesMemory(long bytes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Limits(new ByteSize(bytes), FUEL, WALL))
                .withMessageContaining("memory limit");
    }

    private static void refusesFuel(long units) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Limits(MEMORY, new Fuel(units), WALL))
                .withMessageContaining("fuel limit");
    }

    private static void refusesWall(Duration wall) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Limits(MEMORY, FUEL, wall))
                .withMessageContaining("wall limit");
    }
}
