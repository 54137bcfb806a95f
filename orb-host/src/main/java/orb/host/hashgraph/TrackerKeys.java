package orb.host.hashgraph;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.security.auth.x500.X500Principal;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.identity.Signature;

/**
 * What a tracker tells the others before they order entries together: who it is, where it listens
 * and which certificate its events will be signed with. Signed by its machine key.
 *
 * <p>Immutable. Layout: docs/protocol/ordering.md.
 *
 * @param key the machine key, whose digest is the tracker's Orb id
 * @param gossip where the other trackers exchange events with it
 * @param log where they fetch entries that they have missed
 * @param certificate DER of a self-signed X.509 certificate over an Ed25519 key, whose subject is
 *     {@code CN=<orb id>}; at most {@value #CERTIFICATE_MAX} bytes
 * @param signature of {@code key} over all this
 */
public record TrackerKeys(
        PublicKey key, Address gossip, Address log, Bytes certificate, Signature signature) {
    public static final int CERTIFICATE_MAX = 1_024;
    public static final int FILE_MAX = 2_048;

    private static final String NAME = "orb-tracker-keys";
    private static final int VERSION = 1;
    private static final DecodeLimits FILE = new DecodeLimits(FILE_MAX, 2, 16);
    private static final String ED25519 = "1.3.101.112";

    /** Signs a tracker's own statement. */
    public static TrackerKeys sign(
            KeyPair machine, Address gossip, Address log, Bytes certificate) {
        PublicKey key = machine.publicKey();
        return new TrackerKeys(
                key,
                gossip,
                log,
                certificate,
                machine.sign(Domain.TRACKER_KEYS, body(key, gossip, log, certificate)));
    }

    public NodeId id() {
        return NodeId.of(key);
    }

    /** The certificate, parsed; it was checked when this was read. */
    X509Certificate x509() {
        try {
            return parse(certificate);
        } catch (CertificateException e) {
            throw new IllegalStateException("the certificate was checked before", e);
        }
    }

    /** Canonical bytes of the file: what is signed, and the signature. */
    public Bytes encoded() {
        return Cbor.encode(
                Value.array(
                        Value.of(body(key, gossip, log, certificate)),
                        Value.of(signature.bytes())));
    }

    private static Bytes body(PublicKey key, Address gossip, Address log, Bytes certificate) {
        return Cbor.encode(
                Value.array(
                        Value.of(NAME),
                        Value.of(VERSION),
                        Value.of(key.bytes()),
                        Value.of(gossip.toString()),
                        Value.of(log.toString()),
                        Value.of(certificate)));
    }

    /**
     * Reads canonical bytes, strictly.
     *
     * @return MALFORMED_BYTES; BAD_SIGNATURE if the machine key did not sign them, or the
     *     certificate is of another shape or names another tracker
     */
    public static Result<TrackerKeys> decode(Bytes bytes) {
        return Result.catching(() -> from(bytes));
    }

    private static TrackerKeys from(Bytes bytes) {
        Fields file = Fields.of(Cbor.decodeOrThrow(bytes, FILE), "the file of a tracker's keys");
        Bytes body = file.bytes(FILE_MAX);
        Signature signature = new Signature(file.exactBytes(Signature.LENGTH));
        file.end();
        Fields f = Fields.of(Cbor.decodeOrThrow(body, FILE), "TrackerKeys");
        if (!f.text(32).equals(NAME) || f.number(0, Long.MAX_VALUE) != VERSION) {
            throw new RefusedException(
                    ErrorCode.MALFORMED_BYTES, "it is not a file of a tracker's keys, format 1");
        }
        PublicKey key = new PublicKey(f.exactBytes(PublicKey.LENGTH));
        TrackerKeys keys =
                new TrackerKeys(key, address(f), address(f), f.bytes(CERTIFICATE_MAX), signature);
        f.end();
        if (!key.verifies(signature, Domain.TRACKER_KEYS, body)) {
            throw bad(keys, "its machine key did not sign this file");
        }
        if (!body.equals(body(key, keys.gossip, keys.log, keys.certificate))) {
            throw new RefusedException(
                    ErrorCode.MALFORMED_BYTES, "an address is not written in its one form");
        }
        keys.check();
        return keys;
    }

    private static Address address(Fields f) {
        String text = f.text(270);
        return Fields.checked("TrackerKeys", () -> Address.parse(text));
    }

    private void check() {
        try {
            X509Certificate x509 = parse(certificate);
            X500Principal subject = x509.getSubjectX500Principal();
            if (!Bytes.wrap(x509.getEncoded()).equals(certificate)) {
                throw bad(this, "there are bytes after its certificate");
            }
            if (!x509.getSigAlgOID().equals(ED25519)) {
                throw bad(this, "its certificate is not signed with Ed25519");
            }
            if (!subject.getName().equals(name(id()))
                    || !x509.getIssuerX500Principal().equals(subject)) {
                throw bad(this, "its certificate names " + subject);
            }
            x509.verify(x509.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw bad(this, "its certificate does not hold: " + e.getMessage());
        }
    }

    /** The distinguished name in a tracker's certificate. */
    static String name(NodeId id) {
        return "CN=" + id;
    }

    static X509Certificate parse(Bytes der) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(der.array()));
    }

    private static RefusedException bad(TrackerKeys keys, String why) {
        return new RefusedException(
                ErrorCode.BAD_SIGNATURE, "tracker " + keys.id().brief() + ": " + why);
    }
}
