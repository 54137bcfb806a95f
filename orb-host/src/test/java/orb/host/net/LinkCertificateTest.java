package orb.host.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.Signature;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LinkCertificateTest {
    private static final KeyPair MACHINE = Keys.of(1);
    private static final NodeId ID = NodeId.of(MACHINE.publicKey());

    private static void assertRefused(Result<NodeId> result, String why) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> {
                            assertThat(refused.refusal().code()).isEqualTo(ErrorCode.BAD_SIGNATURE);
                            assertThat(refused.refusal().what()).contains(why);
                        });
    }

    private static java.security.KeyPair pair(String algorithm, String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (!curve.isEmpty()) {
            generator.initialize(new ECGenParameterSpec(curve));
        }
        return generator.generateKeyPair();
    }

    private static byte[] vouching(java.security.KeyPair pair, Domain domain) {
        Signature signature = MACHINE.sign(domain, Bytes.wrap(pair.getPublic().getEncoded()));
        return LinkCertificate.extension(MACHINE.publicKey(), signature);
    }

    @Test
    void aFreshCertificateProvesTheOrbIdAndIsSmall() throws Exception {
        X509Certificate certificate = LinkCertificate.make(MACHINE).certificate();
        assertThat(LinkCertificate.peerOf(certificate)).isEqualTo(Result.ok(ID));
        assertThat(certificate.getEncoded()).hasSizeLessThan(LinkCertificate.CERTIFICATE_MAX / 2);
        assertThat(certificate.getExtensionValue(LinkCertificate.EXTENSION)).hasSize(104);
    }

    @Test
    void theKeyOfEveryStartIsAnother() {
        assertThat(LinkCertificate.make(MACHINE).certificate().getPublicKey())
                .isNotEqualTo(LinkCertificate.make(MACHINE).certificate().getPublicKey());
    }

    @Test
    @Tag("K4")
    void anExtensionTakenFromAnotherCertificateProvesNothing() throws Exception {
        java.security.KeyPair own = pair("EC", "secp256r1");
        java.security.KeyPair other = pair("EC", "secp256r1");
        X509Certificate stolen = LinkCertificate.build(own, vouching(other, Domain.LINK));
        assertRefused(LinkCertificate.peerOf(stolen), "did not sign the certificate's key");
    }

    @Test
    void aSignatureGivenForAnotherPurposeProvesNothing() throws Exception {
        java.security.KeyPair own = pair("EC", "secp256r1");
        X509Certificate replayed = LinkCertificate.build(own, vouching(own, Domain.ENTRY));
        assertRefused(LinkCertificate.peerOf(replayed), "did not sign the certificate's key");
    }

    @Test
    void aChainOfAnotherLengthIsRefused() {
        X509Certificate certificate = LinkCertificate.make(MACHINE).certificate();
        assertRefused(LinkCertificate.peerOf(), "not 0");
        assertRefused(LinkCertificate.peerOf(certificate, certificate), "not 2");
    }

    @Test
    void aCertificateWithAnotherCurveOrLengthIsRefused() throws Exception {
        java.security.KeyPair p384 = pair("EC", "secp384r1");
        assertRefused(
                LinkCertificate.peerOf(LinkCertificate.build(p384, vouching(p384, Domain.LINK))),
                "P-256");
        java.security.KeyPair own = pair("EC", "secp256r1");
        assertRefused(
                LinkCertificate.peerOf(LinkCertificate.build(own, new byte[102])), "right shape");
        assertRefused(
                LinkCertificate.peerOf(LinkCertificate.build(own, new byte[2_000])),
                "at most 1024");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aCertificateWithAnyBitOfItsSignedPartFlippedProvesNothing(long seed) throws Exception {
        X509Certificate good = LinkCertificate.make(MACHINE).certificate();
        byte[] der = good.getEncoded();
        int signedEnd = 4 + good.getTBSCertificate().length; // after the outer sequence's head
        Random random = new Random(seed);
        for (int i = 0; i < 400; i++) {
            byte[] damaged = der.clone();
            // what follows the signed part is no statement, and DER readers are lenient about it
            damaged[4 + random.nextInt(signedEnd - 4)] ^= (byte) (1 << random.nextInt(8));
            assertThat(proves(damaged)).as("flip %d of seed %d", i, seed).isFalse();
        }
        for (int length = 0; length < der.length; length += 7) {
            assertThat(proves(Arrays.copyOf(der, length))).isFalse();
        }
        assertThat(proves(der)).isTrue();
    }

    private static boolean proves(byte[] der) {
        try {
            X509Certificate certificate =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(der));
            return certificate != null && LinkCertificate.peerOf(certificate).isOk();
        } catch (CertificateException e) {
            return false;
        }
    }

    static Stream<byte[]> samples() throws Exception {
        return Stream.of(
                new byte[0],
                LinkCertificate.make(MACHINE).certificate().getEncoded(),
                LinkCertificate.build(pair("EC", "secp384r1"), new byte[3]).getEncoded());
    }

    @MethodSource("samples")
    @FuzzTest(maxDuration = "20s")
    void anyBytesProveAnIdOrNothing(byte[] der) {
        proves(der);
    }
}
