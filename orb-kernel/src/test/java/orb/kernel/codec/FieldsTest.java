package orb.kernel.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.RefusedException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class FieldsTest {
    private static final Digest DIGEST = Digest.of(Bytes.utf8("x"));

    @Test
    void fieldsAreReadInOrder() {
        Fields f =
                fields(
                        Value.of(7),
                        Value.of(-3),
                        Value.of(true),
                        Value.of(Bytes.utf8("abc")),
                        Value.of("text"),
                        Value.of(DIGEST.bytes()),
                        Value.of(5_000_000),
                        Value.of(9),
                        Value.NULL,
                        Value.of(4),
                        Value.array(Value.of(1), Value.of(2)),
                        Value.array(Value.of("inner")),
                        Value.FALSE);

        assertThat(f.number(0, 7)).isEqualTo(7);
        assertThat(f.smallNumber(-3, 0)).isEqualTo(-3);
        assertThat(f.truth()).isTrue();
        assertThat(f.bytes(3)).isEqualTo(Bytes.utf8("abc"));
        assertThat(f.text(4)).isEqualTo("text");
        assertThat(f.digest()).isEqualTo(DIGEST);
        assertThat(f.credits()).isEqualTo(Credits.whole(5));
        assertThat(f.fuel()).isEqualTo(new Fuel(9));
        assertThat(f.<Fuel>optional(Fields::fuel)).isEmpty();
        assertThat(f.optional(Fields::fuel)).isEqualTo(Optional.of(new Fuel(4)));
        assertThat(f.list(2, FieldsTest::doubled)).isEqualTo(List.of(2L, 4L));
        Fields inner = f.fields("inner");
        assertThat(inner.text(5)).isEqualTo("inner");
        inner.end();
        assertThat(f.value()).isEqualTo(Value.FALSE);
        f.end();
    }

    static Stream<Arguments> wrongFields() {
        return Stream.of(
                wrong("a number below its bounds", Value.of(0), f -> f.number(1, 5)),
                wrong("a number above its bounds", Value.of(6), f -> f.number(1, 5)),
                wrong("a number beyond 64 bits", huge(), f -> f.number(0, Long.MAX_VALUE)),
                wrong("a float for a number", new Value.Float(1), f -> f.number(0, 5)),
                wrong("a number for truth", Value.of(1), Fields::truth),
                wrong("null for truth", Value.NULL, Fields::truth),
                wrong("bytes beyond their bound", Value.of(Bytes.utf8("abc")), f -> f.bytes(2)),
                wrong("text for bytes", Value.of("abc"), f -> f.bytes(9)),
                wrong("text beyond its bound", Value.of("abc"), f -> f.text(2)),
                wrong("bytes for text", Value.of(Bytes.utf8("abc")), f -> f.text(9)),
                wrong("a short digest", Value.of(DIGEST.bytes().slice(0, 31)), Fields::digest),
                wrong("a long digest", Value.of(Bytes.wrap(new byte[33])), Fields::digest),
                wrong("negative credits", Value.of(-1), Fields::credits),
                wrong("negative fuel", Value.of(-1), Fields::fuel),
                wrong("a list beyond its bound", Value.array(Value.NULL, Value.NULL), oneItem()),
                wrong("a number for a list", Value.of(1), oneItem()),
                wrong("a number for a record", Value.of(1), f -> f.fields("inner")),
                wrong("a wrong optional", Value.of("x"), f -> f.optional(Fields::fuel)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongFields")
    void aWrongFieldIsRefused(String what, Value value, Function<Fields, Object> reader) {
        assertRefused(() -> reader.apply(fields(value)));
    }

    @Test
    void aMissingFieldIsRefusedByEveryReader() {
        List<Function<Fields, Object>> readers =
                List.of(
                        f -> f.number(0, 1),
                        Fields::truth,
                        f -> f.bytes(1),
                        f -> f.text(1),
                        Fields::digest,
                        Fields::credits,
                        Fields::fuel,
                        Fields::value,
                        f -> f.fields("inner"),
                        f -> f.optional(Fields::fuel),
                        oneItem());
        for (Function<Fields, Object> reader : readers) {
            assertRefused(() -> reader.apply(fields()));
        }
    }

    @Test
    void aFieldThatIsLeftOverIsRefused() {
        Fields f = fields(Value.of(1), Value.of(2));
        f.value();
        assertRefused(f::end);
    }

    @Test
    void onlyAnArrayHasFields() {
        assertRefused(() -> Fields.of(Value.of("x"), "Thing"));
        assertRefused(() -> Fields.of(new Value.Dict(List.of()), "Thing"));
    }

    @Test
    void theComplaintOfAConstructorBecomesARefusal() {
        assertRefused(() -> Fields.checked("Fuel", () -> new Fuel(-1)));
        assertRefused(() ->
                Fields.checked("Credits", () -> new Credits(Long.MAX_VALUE).plus(new Credits(1))));
    }

    @Test
    void aBugInAConstructorStaysABug() {
        assertThatThrownBy(() ->
                        Fields.checked(
                                "Thing",
                                () -> {
                                    throw new IllegalStateException("bug");
                                }))
                .isInstanceOf(IllegalStateException.class);
    }

    private static Function<Fields, Object> oneItem() {
        return f -> f.list(1, value -> value);
    }

    private static long doubled(Value value) {
        return 2 * Fields.of(Value.array(value), "item").number(0, 100);
    }

    private static Value huge() {
        return new Value.Huge(java.math.BigInteger.ONE.shiftLeft(63));
    }

    private static Arguments wrong(String what, Value value, Function<Fields, Object> reader) {
        return Arguments.of(what, value, reader);
    }

    private static Fields fields(Value... values) {
        return Fields.of(Value.array(values), "Thing");
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> assertThat(e.refusal().code()).isEqualTo(ErrorCode.MALFORMED_BYTES));
    }
}
