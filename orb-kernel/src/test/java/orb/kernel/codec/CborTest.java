package orb.kernel.codec;

import static orb.kernel.codec.CborVectorsTest.dict;
import static orb.kernel.codec.Refused.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CborTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1800",
                "1817",
                "190000",
                "1900ff",
                "1a00000000",
                "1a0000ffff", // whole numbers
                "1b0000000000000000",
                "1b00000000ffffffff",
                "3800",
                "3817",
                "3900ff",
                "5800",
                "580161",
                "59000161",
                "7800",
                "780161", // strings
                "9800",
                "980100",
                "990001f6",
                "9a00000001f6",
                "9b0000000000000001f6", // arrays
                "b800",
                "b8010000",
                "d800f6",
                "d817f6",
                "d90018f6" // maps and tags
            })
    void headsLongerThanNeededAreRefused(String hex) {
        assertRefused(hex);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fa00000000",
                "fa3f800000",
                "fa477fe000",
                "fa33800000",
                "fa80000000",
                "fa7fc00001",
                "fb0000000000000000",
                "fb3ff0000000000000",
                "fb40f86a0000000000",
                "fb36a0000000000000",
                "fb7ff8000000000001",
                "f97e01",
                "f97c01",
                "f9fe00"
            })
    void floatsLongerThanNeededAndOtherNansAreRefused(String hex) {
        assertRefused(hex);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1c",
                "1d",
                "1e",
                "1f",
                "3c",
                "5c",
                "7d",
                "9e",
                "bc",
                "dc",
                "df",
                "fc",
                "fd",
                "fe",
                "ff",
                "f800",
                "f814",
                "f818",
                "f81f",
                "5f",
                "7f",
                "9f",
                "bf",
                "dbffffffffffffffff00" // a tag beyond 63 bits
            })
    void itemsThatDoNotExistAreRefused(String hex) {
        assertRefused(hex);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "61ff",
                "61c3",
                "62c328",
                "62c080",
                "63e08080",
                "63eda080",
                "64f0808080",
                "64f4908080",
                "64f8888080",
                "6180"
            })
    void textThatIsNotUtf8IsRefused(String hex) {
        assertRefused(hex);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000", "f6f6", "8000", "a0ff", "616161"})
    void bytesAfterTheItemAreRefused(String hex) {
        assertRefused(hex);
    }

    @Test
    void mapKeysComeInTheBytewiseOrderOfTheirEncodings() {
        // the order of the example in RFC 8949 section 4.2.1
        Value[] keys = {
            Value.of(10),
            Value.of(100),
            Value.of(-1),
            Value.of("z"),
            Value.of("aa"),
            Value.array(Value.of(100)),
            Value.array(Value.of(-1)),
            Value.FALSE
        };
        Value.Pair[] shuffled = new Value.Pair[keys.length];
        for (int i = 0; i < keys.length; i++) {
            shuffled[(i * 5 + 3) % keys.length] = new Value.Pair(keys[i], Value.of(i));
        }

        Bytes encoded = Cbor.encode(new Value.Dict(List.of(shuffled)));

        assertThat(encoded.hex())
                .isEqualTo(
                        "a8"
                                + "0a00"
                                + "186401"
                                + "2002"
                                + "617a03"
                                + "62616104"
                                + "81186405"
                                + "812006"
                                + "f407");
        assertThat(Cbor.decode(encoded, DecodeLimits.ENTRY).isOk()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a201000000", "a262616100617a00", "a220000a00", "a301000300020000"})
    void mapKeysOutOfOrderAreRefused(String hex) {
        assertRefused(hex);
    }

    @Test
    void equalMapKeysAreRefusedOnBothWays() {
        assertRefused("a2010201" + "03");
        assertRefused("a26161016161" + "01");
        Value twice = dict(Value.of(1), Value.NULL, Value.of(1), Value.TRUE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Cbor.encode(twice))
                .withMessageContaining("equal keys");
    }

    @Test
    void nestingStopsExactlyAtItsLimit() {
        DecodeLimits limits = new DecodeLimits(1000, 5, 1000);
        assertThat(Cbor.decode(Bytes.hex("81".repeat(5) + "00"), limits).isOk()).isTrue();
        assertRefused(Bytes.hex("81".repeat(6) + "00"), limits);
        assertThat(Cbor.decode(Bytes.hex("c1".repeat(5) + "00"), limits).isOk()).isTrue();
        assertRefused(Bytes.hex("c1".repeat(6) + "00"), limits);
        assertRefused(Bytes.hex("a100".repeat(6) + "00"), limits);
    }

    @Test
    void deepNestingIsRefusedBeforeTheStackEnds() {
        for (String opener : List.of("81", "c1", "a100", "a181")) {
            Bytes bomb = Bytes.hex(opener.repeat(1_000_000));
            assertRefused(bomb, DecodeLimits.MESSAGE);
        }
    }

    @Test
    void itemsAndBytesStopExactlyAtTheirLimits() {
        DecodeLimits limits = new DecodeLimits(12, 5, 11);
        assertThat(Cbor.decode(Bytes.hex("8a" + "00".repeat(10)), limits).isOk()).isTrue();
        assertRefused(Bytes.hex("8b" + "00".repeat(11)), limits);
        assertThat(Cbor.decode(Bytes.hex("4b" + "00".repeat(11)), limits).isOk()).isTrue();
        assertRefused(Bytes.hex("4c" + "00".repeat(12)), limits);
    }

    @ParameterizedTest
    @CsvSource({"3,12,1", "0,12,1", "-1,12,1"})
    void limitsThatLimitNothingAreRefused(int bytes, int depth, int items) {
        if (bytes > 0) {
            assertThat(new DecodeLimits(bytes, depth, items).bytesMax()).isEqualTo(bytes);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new DecodeLimits(bytes, 65, items));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new DecodeLimits(bytes, 0, items));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new DecodeLimits(bytes, depth, 0));
        } else {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new DecodeLimits(bytes, depth, items));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9affffffff", "9bffffffffffffffff", "9b7fffffffffffffff", "9a7fffffff",
                "baffffffff", "bbffffffffffffffff", "bb7fffffffffffffff", "ba7fffffff",
                "5affffffff", "5bffffffffffffffff", "5b7fffffffffffffff", "5a7fffffff",
                "7affffffff", "7bffffffffffffffff", "7b7fffffffffffffff", "7a7fffffff"
            })
    void aCountBeyondTheInputIsRefusedWithoutMakingRoomForIt(String hex) {
        // making room for one of them would end the heap of the test
        for (int i = 0; i < 200; i++) {
            assertRefused(Bytes.hex("90" + hex + "00".repeat(15)), DecodeLimits.MESSAGE);
        }
    }

    @Test
    void valuesThatHaveNoEncodingCannotBeMade() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Value.Simple(24));
        assertThatIllegalArgumentException().isThrownBy(() -> new Value.Simple(31));
        assertThatIllegalArgumentException().isThrownBy(() -> new Value.Simple(256));
        assertThatIllegalArgumentException().isThrownBy(() -> new Value.Simple(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Value.Tagged(-1, Value.NULL));
        BigInteger longMax = BigInteger.valueOf(Long.MAX_VALUE);
        BigInteger longMin = BigInteger.valueOf(Long.MIN_VALUE);
        assertThatIllegalArgumentException().isThrownBy(() -> new Value.Huge(longMax));
        assertThatIllegalArgumentException().isThrownBy(() -> new Value.Huge(longMin));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Value.Huge(BigInteger.ONE.shiftLeft(64)));
        assertThat(new Value.Huge(longMax.add(BigInteger.ONE)).value().bitLength()).isEqualTo(64);
    }

    @Test
    void unpairedSurrogatesBecomeQuestionMarksAndDoNotStopTheEncoder() {
        assertThat(Cbor.encode(Value.of("a\ud800b"))).isEqualTo(Cbor.encode(Value.of("a?b")));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyValueComesBackFromItsBytes(long seed) {
        Values values = new Values(seed);
        for (int i = 0; i < 500; i++) {
            Value value = values.next(5);
            Bytes encoded = Cbor.encode(value);
            assertThat(Cbor.decode(encoded, DecodeLimits.MESSAGE)).isEqualTo(Result.ok(value));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void everyTruncationIsRefused(long seed) {
        Values values = new Values(seed);
        for (int i = 0; i < 60; i++) {
            Bytes encoded = Cbor.encode(values.next(4));
            for (int length = 0; length < encoded.length(); length++) {
                assertRefused(encoded.slice(0, length), DecodeLimits.ENTRY);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24})
    void aMutatedEncodingIsRefusedOrIsTheCanonicalOneOfAnotherValue(long seed) {
        Values values = new Values(seed);
        SplittableRandom chance = new SplittableRandom(seed);
        int accepted = 0;
        int refused = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = Cbor.encode(values.next(4)).toArray();
            for (int changes = 1 + chance.nextInt(3); changes > 0; changes--) {
                bytes[chance.nextInt(bytes.length)] = (byte) chance.nextInt(256);
            }
            if (acceptsOnlyCanonical(Bytes.wrap(bytes))) {
                accepted++;
            } else {
                refused++;
            }
        }
        assertThat(accepted).as("mutations that still decode").isPositive();
        assertThat(refused).as("mutations that are refused").isPositive();
    }

    /** Whether the bytes are accepted; fails if they are and are not the one encoding. */
    static boolean acceptsOnlyCanonical(Bytes bytes) {
        return switch (Cbor.decode(bytes, DecodeLimits.ENTRY)) {
            case Result.Ok<Value>(var value) -> {
                assertThat(Cbor.encode(value)).isEqualTo(bytes);
                yield true;
            }
            case Result.Refused<Value>(var refusal) -> {
                assertThat(refusal.code()).isEqualTo(ErrorCode.MALFORMED_BYTES);
                yield false;
            }
        };
    }
}
