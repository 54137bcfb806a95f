package orb.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Byte sequences and digests. */
final class BytesTest {
    @Test
    void copiesDoNotFollowTheArrayTheyCameFrom() {
        byte[] array = {1, 2, 3};
        Bytes bytes = Bytes.of(array);
        array[0] = 9;
        bytes.toArray()[1] = 9;

        assertThat(bytes).isEqualTo(Bytes.hex("010203"));
        assertThat(bytes.hashCode()).isEqualTo(Bytes.hex("010203").hashCode());
    }

    @Test
    void equalityIsOfContentAlone() {
        assertThat(Bytes.utf8("ab")).isEqualTo(Bytes.hex("6162")).isNotEqualTo(Bytes.utf8("abc"));
        assertThat(Bytes.of()).isSameAs(Bytes.EMPTY);
        assertThat(Bytes.wrap(new byte[0])).isSameAs(Bytes.EMPTY);
        assertThat(Bytes.EMPTY.isEmpty()).isTrue();
    }

    @Test
    void bytesAreOrderedAsUnsignedNumbersAndPrefixesComeFirst() {
        assertThat(Bytes.hex("7f")).isLessThan(Bytes.hex("80"));
        assertThat(Bytes.hex("ff")).isGreaterThan(Bytes.hex("00ff"));
        assertThat(Bytes.hex("01")).isLessThan(Bytes.hex("0100"));
        assertThat(Bytes.EMPTY).isLessThan(Bytes.hex("00"));
    }

    @Test
    void slicesAndJoinsGiveTheWholeBack() {
        Bytes bytes = Bytes.hex("0102030405");
        for (int cut = 0; cut <= bytes.length(); cut++) {
            assertThat(bytes.slice(0, cut).concat(bytes.slice(cut, 5))).isEqualTo(bytes);
        }
        assertThat(bytes.slice(1, 3)).isEqualTo(Bytes.hex("0203"));
        assertThat(bytes.at(4)).isEqualTo((byte) 5);
    }

    @ParameterizedTest
    @CsvSource({"-1,2", "0,6", "3,2", "6,6"})
    void aSliceBeyondTheBytesIsABug(int from, int to) {
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> Bytes.hex("0102030405").slice(from, to));
    }

    @Test
    void hexadecimalGoesBothWays() {
        SplittableRandom chance = new SplittableRandom(4);
        for (int length = 0; length < 100; length++) {
            byte[] array = new byte[length];
            chance.nextBytes(array);
            Bytes bytes = Bytes.wrap(array);
            assertThat(Bytes.hex(bytes.hex())).isEqualTo(bytes);
        }
        assertThat(Bytes.hex("ABcd")).isEqualTo(Bytes.hex("abCD"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0g", "0x01", " 00", "00 ", "0\u0661"})
    void otherTextIsNotHexadecimal(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Bytes.hex(text));
    }

    @Test
    void textIsUtf8() {
        assertThat(Bytes.utf8("ü水").hex()).isEqualTo("c3bce6b0b4");
        assertThat(Bytes.hex("c3bce6b0b4").utf8()).isEqualTo("ü水");
        assertThat(Bytes.hex("61ff62").utf8()).isEqualTo("a\ufffdb");
    }

    @Test
    void longBytesAreShownShortened() {
        assertThat(Bytes.hex("00ff")).hasToString("00ff");
        assertThat(Bytes.wrap(new byte[33])).hasToString("00".repeat(32) + "..(33 bytes)");
    }

    @Test
    void aDigestHasThirtyTwoBytesAndSaysSo() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Digest(Bytes.wrap(new byte[31])))
                .withMessage("a SHA-256 digest is 32 bytes, not 31");
        assertThatIllegalArgumentException().isThrownBy(() -> Digest.parse("00"));
        assertThat(Digest.parse("00".repeat(32))).isEqualTo(Digest.ZERO);
    }

    @ParameterizedTest
    @CsvSource({ // FIPS 180-4 examples
        "'',e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "abc,ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq,"
                + "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    })
    void aDigestIsSha256(String text, String hex) {
        Bytes content = Bytes.utf8(text);
        assertThat(Digest.of(content)).hasToString(hex).isEqualTo(Digest.parse(hex));
        int half = content.length() / 2;
        byte[] left = content.slice(0, half).array();
        byte[] right = content.slice(half, content.length()).array();
        assertThat(Digest.sha256(left, right)).isEqualTo(Digest.of(content));
    }
}
