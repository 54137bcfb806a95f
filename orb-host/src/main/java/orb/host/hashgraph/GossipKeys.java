package orb.host.hashgraph;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import orb.host.store.DataFolder;
import orb.host.store.DurableFiles;
import orb.host.store.FileFault;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import org.hiero.base.crypto.CertificateUtils;
import org.hiero.base.crypto.SigningFactory;
import org.hiero.base.crypto.SigningSchema;
import org.hiero.consensus.crypto.KeysAndCertsGenerator;
import org.hiero.consensus.model.node.KeysAndCerts;

/**
 * The key with which a tracker signs its events, and the certificate that the others know it by:
 * made once, in the file {@code gossip.key} that its owner alone may read.
 *
 * <p>It is not the machine key, because it has to enter the platform's own signing and TLS code.
 */
public final class GossipKeys {
    private static final String NAME = "orb-gossip-key";
    private static final int VERSION = 1;
    private static final DecodeLimits FILE = new DecodeLimits(2_048, 1, 8);

    private final KeyPair signing;
    private final Bytes certificate;

    private GossipKeys(KeyPair signing, Bytes certificate) {
        this.signing = signing;
        this.certificate = certificate;
    }

    /** DER of the certificate, for {@link TrackerKeys}. */
    public Bytes certificate() {
        return certificate;
    }

    /**
     * Reads the key file of a data folder, or makes it (0600) if there is none.
     *
     * @param self whose certificate it is
     * @return KEY_EXPOSED if others may read it, WALLET_DAMAGED, DISK_FULL or STORE_UNUSABLE
     */
    public static Result<GossipKeys> openOrCreate(
            DataFolder folder, NodeId self, SecureRandom chance) {
        Path file = folder.path().resolve("gossip.key");
        try {
            if (!Files.exists(file)) {
                return Result.ok(create(file, self, chance));
            }
            if (DurableFiles.isOpenToOthers(file)) {
                return Result.refused(
                        new Refusal(
                                ErrorCode.KEY_EXPOSED,
                                file + " may be read or written by others than its owner",
                                "if nobody has copied it: chmod 600 " + file));
            }
            byte[] bytes =
                    Files.size(file) > FILE.bytesMax() ? new byte[0] : Files.readAllBytes(file);
            return Result.ok(read(Bytes.wrap(bytes), self));
        } catch (RefusedException | GeneralSecurityException e) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.WALLET_DAMAGED,
                            file + ": " + e.getMessage(),
                            "restore it from a backup; with another key this tracker has no seat"));
        } catch (IOException e) {
            return Result.refused(FileFault.refusal(file, e));
        }
    }

    private static GossipKeys read(Bytes bytes, NodeId self) throws GeneralSecurityException {
        Fields f = Fields.of(Cbor.decodeOrThrow(bytes, FILE), "the key file");
        if (!f.text(32).equals(NAME) || f.number(0, Long.MAX_VALUE) != VERSION) {
            throw new RefusedException(
                    ErrorCode.WALLET_DAMAGED, "it is not a gossip key file of format 1");
        }
        Bytes secret = f.bytes(256);
        Bytes certificate = f.bytes(TrackerKeys.CERTIFICATE_MAX);
        f.end();
        PrivateKey key =
                KeyFactory.getInstance("Ed25519")
                        .generatePrivate(new PKCS8EncodedKeySpec(secret.array()));
        X509Certificate x509 = TrackerKeys.parse(certificate);
        if (!x509.getSubjectX500Principal().getName().equals(TrackerKeys.name(self))) {
            throw new RefusedException(
                    ErrorCode.WALLET_DAMAGED, "it is the gossip key of another tracker");
        }
        KeyPair pair = new KeyPair(x509.getPublicKey(), key);
        GossipKeys keys = new GossipKeys(pair, certificate);
        keys.prove();
        return keys;
    }

    /** The secret must fit the certificate, or the others would refuse every event. */
    private void prove() throws GeneralSecurityException {
        byte[] text = {'o', 'r', 'b'};
        java.security.Signature signature = java.security.Signature.getInstance("Ed25519");
        signature.initSign(signing.getPrivate());
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(signing.getPublic());
        signature.update(text);
        if (!signature.verify(signed)) {
            throw new RefusedException(
                    ErrorCode.WALLET_DAMAGED, "its secret key does not fit its certificate");
        }
    }

    private static GossipKeys create(Path file, NodeId self, SecureRandom chance)
            throws IOException, GeneralSecurityException {
        KeyPair pair = SigningFactory.generateKeyPair(SigningSchema.ED25519, chance);
        Bytes certificate = Bytes.wrap(certify(self, pair, pair, chance).getEncoded());
        Bytes bytes =
                Cbor.encode(
                        Value.array(
                                Value.of(NAME),
                                Value.of(VERSION),
                                Value.of(Bytes.wrap(pair.getPrivate().getEncoded())),
                                Value.of(certificate)));
        DurableFiles.write(file, bytes.array());
        Arrays.fill(bytes.array(), (byte) 0);
        return new GossipKeys(pair, certificate);
    }

    private static X509Certificate certify(
            NodeId self, KeyPair pair, KeyPair issuer, SecureRandom chance)
            throws GeneralSecurityException {
        String name = TrackerKeys.name(self);
        try {
            return CertificateUtils.generateCertificate(
                    name, pair, name, issuer, chance, SigningSchema.ED25519.getSigningAlgorithm());
        } catch (org.hiero.base.crypto.KeyGeneratingException e) {
            throw new GeneralSecurityException("making a certificate", e);
        }
    }

    /** What the platform wants, with a fresh key for TLS that the signing key vouches for. */
    KeysAndCerts forPlatform(NodeId self, SecureRandom chance) throws GeneralSecurityException {
        KeyPair agreement = KeysAndCertsGenerator.generateAgreementKeyPair();
        return new KeysAndCerts(
                signing,
                agreement,
                TrackerKeys.parse(certificate),
                certify(self, agreement, signing, chance));
    }
}
