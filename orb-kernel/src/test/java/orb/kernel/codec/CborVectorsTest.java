package orb.kernel.codec;

import static orb.kernel.codec.Refused.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import java.util.stream.Stream;
import orb.kernel.Bytes;
import orb.kernel.Result;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of RFC 8949, appendix A, each with its bytes and its meaning. */
final class CborVectorsTest {
    private static final Bytes FOUR = Bytes.of((byte) 1, (byte) 2, (byte) 3, (byte) 4);

    static Stream<Arguments> numbers() {
        return Stream.of(
                vector("00", Value.of(0)),
                vector("01", Value.of(1)),
                vector("0a", Value.of(10)),
                vector("17", Value.of(23)),
                vector("1818", Value.of(24)),
                vector("1819", Value.of(25)),
                vector("1864", Value.of(100)),
                vector("1903e8", Value.of(1000)),
                vector("1a000f4240", Value.of(1_000_000)),
                vector("1b000000e8d4a51000", Value.of(1_000_000_000_000L)),
                vector("1bffffffffffffffff", huge("18446744073709551615")),
                vector("c249010000000000000000", tagged(2, "010000000000000000")),
                vector("3bffffffffffffffff", huge("-18446744073709551616")),
                vector("c349010000000000000000", tagged(3, "010000000000000000")),
                vector("20", Value.of(-1)),
                vector("29", Value.of(-10)),
                vector("3863", Value.of(-100)),
                vector("3903e7", Value.of(-1000)),
                vector("f90000", real(0.0)),
                vector("f98000", real(-0.0)),
                vector("f93c00", real(1.0)),
                vector("fb3ff199999999999a", real(1.1)),
                vector("f93e00", real(1.5)),
                vector("f97bff", real(65504.0)),
                vector("fa47c35000", real(100000.0)),
                vector("fa7f7fffff", real(3.4028234663852886e+38)),
                vector("fb7e37e43c8800759c", real(1.0e+300)),
                vector("f90001", real(5.960464477539063e-8)),
                vector("f90400", real(0.00006103515625)),
                vector("f9c400", real(-4.0)),
                vector("fbc010666666666666", real(-4.1)),
                vector("f97c00", real(Double.POSITIVE_INFINITY)),
                vector("f97e00", real(Double.NaN)),
                vector("f9fc00", real(Double.NEGATIVE_INFINITY)));
    }

    static Stream<Arguments> simpleTaggedAndStrings() {
        return Stream.of(
                vector("f4", Value.FALSE),
                vector("f5", Value.TRUE),
                vector("f6", Value.NULL),
                vector("f7", Value.UNDEFINED),
                vector("f0", new Value.Simple(16)),
                vector("f8ff", new Value.Simple(255)),
                vector(
                        "c074323031332d30332d32315432303a30343a30305a",
                        new Value.Tagged(0, Value.of("2013-03-21T20:04:00Z"))),
                vector("c11a514b67b0", new Value.Tagged(1, Value.of(1363896240))),
                vector("c1fb41d452d9ec200000", new Value.Tagged(1, real(1363896240.5))),
                vector("d74401020304", new Value.Tagged(23, Value.of(FOUR))),
                vector("d818456449455446", tagged(24, "6449455446")),
                vector(
                        "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
                        new Value.Tagged(32, Value.of("http://www.example.com"))),
                vector("40", Value.of(Bytes.EMPTY)),
                vector("4401020304", Value.of(FOUR)),
                vector("60", Value.of("")),
                vector("6161", Value.of("a")),
                vector("6449455446", Value.of("IETF")),
                vector("62225c", Value.of("\"\\")),
                vector("62c3bc", Value.of("\u00fc")),
                vector("63e6b0b4", Value.of("\u6c34")),
                vector("64f0908591", Value.of("\ud800\udd51")));
    }

    static Stream<Arguments> containers() {
        Value twoThree = Value.array(Value.of(2), Value.of(3));
        Value fourFive = Value.array(Value.of(4), Value.of(5));
        Value[] upTo25 = new Value[25];
        for (int i = 0; i < 25; i++) {
            upTo25[i] = Value.of(i + 1);
        }
        return Stream.of(
                vector("80", Value.array()),
                vector("83010203", Value.array(Value.of(1), Value.of(2), Value.of(3))),
                vector("8301820203820405", Value.array(Value.of(1), twoThree, fourFive)),
                vector(
                        "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
                        Value.array(upTo25)),
                vector("a0", dict()),
                vector("a201020304", dict(Value.of(1), Value.of(2), Value.of(3), Value.of(4))),
                vector(
                        "a26161016162820203",
                        dict(Value.of("a"), Value.of(1), Value.of("b"), twoThree)),
                vector(
                        "826161a161626163",
                        Value.array(Value.of("a"), dict(Value.of("b"), Value.of("c")))),
                vector(
                        "a56161614161626142616361436164614461656145",
                        dict(
                                Value.of("a"),
                                Value.of("A"),
                                Value.of("b"),
                                Value.of("B"),
                                Value.of("c"),
                                Value.of("C"),
                                Value.of("d"),
                                Value.of("D"),
                                Value.of("e"),
                                Value.of("E"))));
    }

    @ParameterizedTest
    @MethodSource({"numbers", "simpleTaggedAndStrings", "containers"})
    void deterministicExamplesMeanWhatTheRfcSaysAndComeBackByteForByte(String hex, Value meaning) {
        Bytes bytes = Bytes.hex(hex);

        assertThat(Cbor.decode(bytes, DecodeLimits.ENTRY)).isEqualTo(Result.ok(meaning));
        assertThat(Cbor.encode(meaning)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // floats that are longer than their value needs
                "fa7f800000",
                "fa7fc00000",
                "faff800000",
                "fb7ff0000000000000",
                "fb7ff8000000000000",
                "fbfff0000000000000",
                // indefinite lengths
                "5f42010243030405ff",
                "7f657374726561646d696e67ff",
                "9fff",
                "9f018202039f0405ffff",
                "9f01820203820405ff",
                "83018202039f0405ff",
                "83019f0203ff820405",
                "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
                "bf61610161629f0203ffff",
                "826161bf61626163ff",
                "bf6346756ef563416d7421ff"
            })
    void nonDeterministicExamplesAreRefused(String hex) {
        assertRefused(hex);
    }

    private static Arguments vector(String hex, Value meaning) {
        return Arguments.of(hex, meaning);
    }

    private static Value real(double number) {
        return new Value.Float(number);
    }

    private static Value huge(String number) {
        return new Value.Huge(new BigInteger(number));
    }

    private static Value tagged(long tag, String hex) {
        return new Value.Tagged(tag, Value.of(Bytes.hex(hex)));
    }

    /** A map of alternating keys and values. */
    static Value dict(Value... keysAndValues) {
        Value.Pair[] pairs = new Value.Pair[keysAndValues.length / 2];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = new Value.Pair(keysAndValues[2 * i], keysAndValues[2 * i + 1]);
        }
        return new Value.Dict(List.of(pairs));
    }
}
