package orb.kernel.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.util.Arrays;
import java.util.SplittableRandom;
import orb.kernel.Bytes;
import orb.kernel.NodeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ed25519 keys, compared with RFC 8032 and with the Java platform's own implementation. */
final class KeyPairTest {
    private static final Bytes MESSAGE = Bytes.utf8("what is signed");
    private static final KeyPair PAIR = KeyPair.ofSeed(new byte[32]);

    /** Order of the base point, RFC 8032 section 5.1. */
    private static final BigInteger ORDER =
            BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

    @ParameterizedTest
    @CsvSource({ // RFC 8032 section 7.1: TEST 1, 2, 3, 1024, SHA(abc)
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,"
                + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb,"
                + "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7,"
                + "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5,"
                + "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42,"
                + "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"
    })
    void thePublicKeyOfASeedIsTheOneOfTheRfc(String seed, String publicKey) {
        KeyPair pair = KeyPair.ofSeed(Bytes.hex(seed).array());

        assertThat(pair.publicKey().bytes()).isEqualTo(Bytes.hex(publicKey));
        assertThat(pair).hasToString("KeyPair[" + publicKey + "]");
        assertThat(pair.seedForStorage()).isEqualTo(Bytes.hex(seed).array());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void signaturesAreThoseOfTheJavaPlatformOverTheSamePrefixedBytes(long seed)
            throws GeneralSecurityException {
        SplittableRandom chance = new SplittableRandom(seed);
        KeyPair pair = KeyPair.generate(chance::nextBytes);
        byte[] message = new byte[chance.nextInt(300)];
        chance.nextBytes(message);
        Domain domain = Domain.values()[chance.nextInt(Domain.values().length)];
        if (domain == Domain.NOTE) {
            for (int i = 0; i < message.length; i++) {
                message[i] = (byte) (message[i] | 0x40); // a note is text
            }
        }

        Signature ours = pair.sign(domain, Bytes.wrap(message));
        byte[] prefixed = prefixed(domain, message);

        assertThat(ours.bytes()).isEqualTo(platformSignature(pair, prefixed));
        assertThat(pair.publicKey().verifies(ours, domain, Bytes.wrap(message))).isTrue();
    }

    @Test
    void whatIsSignedIsTheDomainsNameAZeroByteAndTheMessage() throws GeneralSecurityException {
        Bytes signed = Bytes.utf8("orb/voucher/1\0what is signed");

        assertThat(PAIR.sign(Domain.VOUCHER, MESSAGE).bytes())
                .isEqualTo(platformSignature(PAIR, signed.array()));
    }

    @ParameterizedTest
    @EnumSource
    void aSignatureOfOneDomainIsWrongInEveryOther(Domain signed) {
        Signature signature = PAIR.sign(signed, MESSAGE);
        for (Domain shown : Domain.values()) {
            assertThat(PAIR.publicKey().verifies(signature, shown, MESSAGE))
                    .as("signed for %s, shown for %s", signed, shown)
                    .isEqualTo(shown == signed);
        }
    }

    @Test
    void noDomainsPrefixStartsAnother() {
        for (Domain left : Domain.values()) {
            for (Domain right : Domain.values()) {
                if (left == Domain.NOTE || right == Domain.NOTE) {
                    continue; // has none; see the next test
                }
                byte[] prefix = left.over(Bytes.EMPTY);
                byte[] other = Arrays.copyOf(right.over(Bytes.EMPTY), prefix.length);
                assertThat(Arrays.equals(prefix, other)).isEqualTo(left == right);
            }
        }
    }

    @Test
    void whatAnotherDomainSignsIsNoNote() {
        for (Domain other : Domain.values()) {
            if (other != Domain.NOTE) {
                Bytes signed = Bytes.wrap(other.over(MESSAGE));
                assertThatIllegalArgumentException().isThrownBy(() -> Domain.NOTE.over(signed));
            }
        }
    }

    @Test
    void everyChangedBitOfSignatureOrMessageIsNoticed() {
        Signature signature = PAIR.sign(Domain.ENTRY, MESSAGE);
        for (int bit = 0; bit < 8 * Signature.LENGTH; bit++) {
            Signature changed = new Signature(flipped(signature.bytes(), bit));
            assertThat(PAIR.publicKey().verifies(changed, Domain.ENTRY, MESSAGE)).isFalse();
        }
        for (int bit = 0; bit < 8 * MESSAGE.length(); bit++) {
            Bytes changed = flipped(MESSAGE, bit);
            assertThat(PAIR.publicKey().verifies(signature, Domain.ENTRY, changed)).isFalse();
        }
    }

    @Test
    void anotherKeyDoesNotVerify() {
        Signature signature = PAIR.sign(Domain.ENTRY, MESSAGE);
        for (int bit = 0; bit < 8 * PublicKey.LENGTH; bit++) {
            PublicKey other = new PublicKey(flipped(PAIR.publicKey().bytes(), bit));
            assertThat(other.verifies(signature, Domain.ENTRY, MESSAGE)).isFalse();
        }
    }

    @Test
    void aSignatureHasOneFormOnly() {
        Signature signature = PAIR.sign(Domain.ENTRY, MESSAGE);
        byte[] bytes = signature.bytes().toArray();
        BigInteger scalar = littleEndian(Arrays.copyOfRange(bytes, 32, 64));

        byte[] larger = scalar.add(ORDER).toByteArray();
        for (int i = 0; i < 32; i++) {
            int at = larger.length - 1 - i;
            bytes[32 + i] = at >= 0 ? larger[at] : 0;
        }

        Signature malleated = new Signature(Bytes.wrap(bytes));
        assertThat(PAIR.publicKey().verifies(malleated, Domain.ENTRY, MESSAGE)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = { // points of small order, for which one signature would fit many messages
                "0100000000000000000000000000000000000000000000000000000000000000",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000000000000000000000000000000000000000000000000080",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                // no point, and a form that is not reduced
                "0200000000000000000000000000000000000000000000000000000000000000",
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
            })
    void aKeyThatNobodyCanOwnVerifiesNothing(String hex) {
        PublicKey key = new PublicKey(Bytes.hex(hex));
        byte[] forged = new byte[Signature.LENGTH];
        forged[0] = 1; // R is the neutral point and S is 0: fits every message under such a key
        for (Domain domain : Domain.values()) {
            for (int i = 0; i < 16; i++) {
                Bytes message = Bytes.of((byte) ('a' + i));
                assertThat(key.verifies(new Signature(Bytes.of(forged)), domain, message))
                        .isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 33, 64})
    void aSeedHasThirtyTwoBytes(int length) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyPair.ofSeed(new byte[length]))
                .withMessage("a key seed has 32 bytes, not " + length);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PublicKey(Bytes.wrap(new byte[length])));
    }

    @Test
    void aPairKeepsACopyOfItsSeedAndForgetsIt() {
        byte[] seed = new byte[32];
        KeyPair pair = KeyPair.ofSeed(seed);
        Signature before = pair.sign(Domain.LINK, MESSAGE);
        seed[0] = 1;
        assertThat(pair.sign(Domain.LINK, MESSAGE)).isEqualTo(before);
        pair.seedForStorage()[0] = 1;
        assertThat(pair.sign(Domain.LINK, MESSAGE)).isEqualTo(before);

        pair.forget();
        assertThatIllegalStateException().isThrownBy(() -> pair.sign(Domain.LINK, MESSAGE));
        assertThatIllegalStateException().isThrownBy(pair::seedForStorage);
        assertThat(pair.publicKey()).isEqualTo(PAIR.publicKey());
    }

    @Test
    void anOrbIdIsTheDigestOfThePublicKey() {
        NodeId id = NodeId.of(PAIR.publicKey());

        assertThat(id.digest()).isEqualTo(orb.kernel.Digest.of(PAIR.publicKey().bytes()));
        assertThat(NodeId.parse(id.toString())).isEqualTo(id);
        assertThat(id.toString()).startsWith(id.brief()).hasSize(64);
    }

    private static byte[] prefixed(Domain domain, byte[] message) {
        return domain.over(Bytes.wrap(message));
    }

    private static Bytes platformSignature(KeyPair pair, byte[] message)
            throws GeneralSecurityException {
        var parameters = java.security.spec.NamedParameterSpec.ED25519;
        var spec = new java.security.spec.EdECPrivateKeySpec(parameters, pair.seedForStorage());
        var signer = java.security.Signature.getInstance("Ed25519");
        signer.initSign(KeyFactory.getInstance("Ed25519").generatePrivate(spec));
        signer.update(message);
        return Bytes.wrap(signer.sign());
    }

    private static Bytes flipped(Bytes bytes, int bit) {
        byte[] changed = bytes.toArray();
        changed[bit / 8] ^= (byte) (1 << bit % 8);
        return Bytes.wrap(changed);
    }

    private static BigInteger littleEndian(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return new BigInteger(1, reversed);
    }
}
