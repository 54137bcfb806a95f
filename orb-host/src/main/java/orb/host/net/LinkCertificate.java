package orb.host.net;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.Set;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.identity.Signature;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Proves an Orb id inside TLS: a self-signed certificate over a throw-away key, vouched for by the
 * peer's Ed25519 key.
 *
 * <p>The idea is that of libp2p's TLS handshake: TLS proves possession of the certificate's key,
 * and an extension carries the Ed25519 key with its signature, under {@link Domain#LINK}, over that
 * key's SubjectPublicKeyInfo. So the long-lived key signs once at start and never enters a TLS
 * library, and TLS stacks without Ed25519 serve. The bytes are in {@code
 * docs/protocol/transport.md}. Thread-safe.
 */
public final class LinkCertificate {
    /**
     * The extension's name, an arc that belongs to a UUID (ITU-T X.667):
     * 8d1f0e6a-5b0c-4c1e-9b5e-6f7262000001.
     */
    static final String EXTENSION =
            "2.25." + new BigInteger("8d1f0e6a5b0c4c1e9b5e6f7262000001", 16);

    /** A certificate is some 500 bytes; more is not one of ours. */
    static final int CERTIFICATE_MAX = 1024;

    // SubjectPublicKeyInfo of every uncompressed P-256 key up to its coordinates (RFC 5480)
    private static final byte[] P256_PREFIX =
            HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
    private static final int P256_LENGTH = 91;
    private static final String ECDSA_SHA256 = "1.2.840.10045.4.3.2";

    // OCTET STRING { SEQUENCE { OCTET STRING (32), OCTET STRING (64) } }, all lengths fixed
    private static final byte[] KEY_PREFIX = HexFormat.of().parseHex("046630640420");
    private static final byte[] SIGNATURE_PREFIX = HexFormat.of().parseHex("0440");
    private static final int KEY_AT = KEY_PREFIX.length;
    private static final int SIGNATURE_AT = KEY_AT + PublicKey.LENGTH + SIGNATURE_PREFIX.length;
    private static final int EXTENSION_LENGTH = SIGNATURE_AT + Signature.LENGTH;

    // RFC 5280 4.1.2.5: no well-defined end; a peer with a wrong clock can link all the same
    private static final Date FROM = Date.from(Instant.parse("2000-01-01T00:00:00Z"));
    private static final Date UNTIL = Date.from(Instant.parse("9999-12-31T23:59:59Z"));

    private final PrivateKey key;
    private final X509Certificate certificate;

    private LinkCertificate(PrivateKey key, X509Certificate certificate) {
        this.key = key;
        this.certificate = certificate;
    }

    /** A fresh certificate that this machine key vouches for. */
    public static LinkCertificate make(KeyPair machine) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            java.security.KeyPair pair = generator.generateKeyPair();
            Signature signature =
                    machine.sign(Domain.LINK, Bytes.wrap(pair.getPublic().getEncoded()));
            return new LinkCertificate(
                    pair.getPrivate(), build(pair, extension(machine.publicKey(), signature)));
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException("making the link certificate", e);
        }
    }

    /** The certificate around an extension's value, whatever that value says. */
    static X509Certificate build(java.security.KeyPair pair, byte[] extension)
            throws GeneralSecurityException, OperatorCreationException, CertIOException {
        X500Name name = new X500Name("CN=orb");
        var builder =
                new JcaX509v3CertificateBuilder(
                        name, BigInteger.ONE, FROM, UNTIL, name, pair.getPublic());
        builder.addExtension(new ASN1ObjectIdentifier(EXTENSION), false, extension);
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(
                                new JcaContentSignerBuilder("SHA256withECDSA")
                                        .build(pair.getPrivate())));
    }

    /** The extension's value without the OCTET STRING that X.509 wraps it in. */
    static byte[] extension(PublicKey key, Signature signature) {
        byte[] inner = Arrays.copyOfRange(KEY_PREFIX, 2, EXTENSION_LENGTH);
        System.arraycopy(key.bytes().array(), 0, inner, KEY_AT - 2, PublicKey.LENGTH);
        System.arraycopy(
                SIGNATURE_PREFIX,
                0,
                inner,
                SIGNATURE_AT - SIGNATURE_PREFIX.length - 2,
                SIGNATURE_PREFIX.length);
        System.arraycopy(signature.bytes().array(), 0, inner, SIGNATURE_AT - 2, Signature.LENGTH);
        return inner;
    }

    /**
     * Who a certificate chain proves to be, or why it proves nobody: {@code BAD_SIGNATURE} for a
     * chain of another shape or with a signature that does not hold.
     */
    public static Result<NodeId> peerOf(X509Certificate... chain) {
        return Result.catching(() -> NodeId.of(provedKey(chain)));
    }

    private static PublicKey provedKey(X509Certificate... chain) {
        if (chain.length != 1) {
            throw refuse("a peer shows 1 certificate, not " + chain.length);
        }
        X509Certificate certificate = chain[0];
        byte[] info = certificate.getPublicKey().getEncoded();
        checkShape(certificate, info);
        try {
            certificate.verify(certificate.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw refuse("the certificate is not signed by its own key");
        }
        byte[] extension = certificate.getExtensionValue(EXTENSION);
        if (extension == null
                || extension.length != EXTENSION_LENGTH
                || !holds(extension, 0, KEY_PREFIX)
                || !holds(extension, SIGNATURE_AT - SIGNATURE_PREFIX.length, SIGNATURE_PREFIX)) {
            throw refuse("the certificate has no Orb extension of the right shape");
        }
        Bytes value = Bytes.wrap(extension);
        PublicKey key = new PublicKey(value.slice(KEY_AT, KEY_AT + PublicKey.LENGTH));
        Signature signature = new Signature(value.slice(SIGNATURE_AT, EXTENSION_LENGTH));
        if (!key.verifies(signature, Domain.LINK, Bytes.wrap(info))) {
            throw refuse("the Orb key did not sign the certificate's key");
        }
        return key;
    }

    private static void checkShape(X509Certificate certificate, byte[] info) {
        try {
            int length = certificate.getEncoded().length;
            if (length > CERTIFICATE_MAX) {
                throw refuse(
                        "a certificate of %d bytes, at most %d".formatted(length, CERTIFICATE_MAX));
            }
        } catch (CertificateEncodingException e) {
            throw refuse("the certificate cannot be encoded");
        }
        Set<String> critical = certificate.getCriticalExtensionOIDs();
        if (critical != null && !critical.isEmpty()) {
            throw refuse("the certificate has critical extensions that Orb does not know");
        }
        if (info.length != P256_LENGTH || !holds(info, 0, P256_PREFIX)) {
            throw refuse("the certificate's key is not an uncompressed P-256 key");
        }
        if (!certificate.getSigAlgOID().equals(ECDSA_SHA256)) {
            throw refuse("the certificate is not signed with ECDSA and SHA-256");
        }
    }

    private static boolean holds(byte[] bytes, int at, byte[] expected) {
        return Arrays.equals(bytes, at, at + expected.length, expected, 0, expected.length);
    }

    private static RefusedException refuse(String what) {
        return new RefusedException(
                new Refusal(
                        ErrorCode.BAD_SIGNATURE,
                        "the peer does not prove an Orb id: " + what,
                        "make sure that an Orb peer of this version listens there"));
    }

    PrivateKey key() {
        return key;
    }

    /** The certificate that this peer shows. */
    public X509Certificate certificate() {
        return certificate;
    }
}
