package orb.ledger;

import static orb.kernel.Require.require;

import java.time.Instant;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Value;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.identity.Signature;

/**
 * An entry as it travels and as the log keeps it: canonical CBOR {@code [body, signature]}, the
 * signature over the body's bytes in {@link Domain#ENTRY}.
 *
 * <p>Immutable.
 *
 * @param head who asks, and for how long it holds
 * @param entry what is asked
 * @param signature the signer's
 */
public record SignedEntry(Head head, Entry entry, Signature signature) {
    private static final int SIGNATURE_ITEM = 2 + Signature.LENGTH;

    /**
     * What every entry says first.
     *
     * @param network the swarm's id: the entry means nothing elsewhere
     * @param signer an account's or a node's key
     * @param nonce higher than in any of the signer's entries before; gaps are allowed
     * @param expiresAt the entry is refused when it is ordered later, in whole milliseconds
     */
    public record Head(Digest network, PublicKey signer, long nonce, Instant expiresAt) {
        public Head {
            require(nonce >= 1, "nonces count from 1, not %d", nonce);
            require(
                    expiresAt.getEpochSecond() >= 0
                            && expiresAt.toEpochMilli() <= Receipt.AT_MAX
                            && expiresAt.getNano() % 1_000_000 == 0,
                    "expiresAt is in whole milliseconds since 1970, not %s",
                    expiresAt);
        }

        /** The account that the signer's key names. */
        public AccountId account() {
            return AccountId.of(signer);
        }

        /** The node that the signer's key names. */
        public NodeId node() {
            return NodeId.of(signer);
        }
    }

    /** Signs an entry. */
    public static SignedEntry sign(
            KeyPair key, Digest network, long nonce, Instant expiresAt, Entry entry) {
        Head head = new Head(network, key.publicKey(), nonce, expiresAt);
        Bytes body = Cbor.encode(EntryCodec.body(head, entry));
        return new SignedEntry(head, entry, key.sign(Domain.ENTRY, body));
    }

    /** Canonical bytes. */
    public Bytes encoded() {
        return Cbor.encode(Value.array(EntryCodec.body(head, entry), Value.of(signature.bytes())));
    }

    /** SHA-256 of the canonical bytes: evidence of what it causes, and a new channel's id. */
    public Digest digest() {
        return Digest.of(encoded());
    }

    /** Reads canonical bytes, strictly; {@code ORB-0001} for anything else. No signature check. */
    public static Result<SignedEntry> decode(Bytes bytes) {
        return Result.catching(
                () -> EntryCodec.signed(Cbor.decodeOrThrow(bytes, DecodeLimits.ENTRY)));
    }

    /**
     * Everything about an entry that needs no state: whether the bytes are canonical and every
     * signature in them good. Safe on any thread, and where the time goes.
     */
    public static Checked check(Bytes bytes) {
        return new Checked(
                bytes,
                Digest.of(bytes),
                Result.catching(() -> {
                    SignedEntry signed =
                            EntryCodec.signed(Cbor.decodeOrThrow(bytes, DecodeLimits.ENTRY));
                    // in [body, signature] the body stands between one head byte and the
                    // signature's item, so it need not be encoded again
                    Bytes body = bytes.slice(1, bytes.length() - SIGNATURE_ITEM);
                    signed.requireSignatures(body);
                    return signed;
                }));
    }

    private void requireSignatures(Bytes body) {
        requireSignature(head.signer.verifies(signature, Domain.ENTRY, body), "the entry");
        switch (entry) {
            case Entry.RegisterNode(var binding, var given) ->
                    requireSignature(binding.isSignedBy(given), "the node's binding");
            case Entry.DeployFunction(var key, var version, var given) ->
                    requireSignature(
                            key.verifies(
                                    given,
                                    Domain.FUNCTION_VERSION,
                                    version.statement(head.network, head.account(), key)),
                            "the function's version");
            case Entry.Settle(var voucher, _) -> voucher.verify().orThrow();
            case Entry.OpenAccount _,
                    Entry.LockEscrow _,
                    Entry.TopUpEscrow _,
                    Entry.ReleaseEscrow _,
                    Entry.CloseEscrow _,
                    Entry.Send _ -> {}
        }
    }

    private static void requireSignature(boolean good, String what) {
        if (!good) {
            throw new RefusedException(
                    ErrorCode.BAD_SIGNATURE, what + " is not signed by the key that it names");
        }
    }

    /**
     * Bytes that went through {@link SignedEntry#check}, with what came of it. Only that method
     * makes one, so that nothing unchecked reaches the state. Immutable.
     */
    public static final class Checked {
        private final Bytes bytes;
        private final Digest digest;
        private final Result<SignedEntry> result;

        // for check() and for tests that need many runs and no cryptography
        Checked(Bytes bytes, Digest digest, Result<SignedEntry> result) {
            this.bytes = bytes;
            this.digest = digest;
            this.result = result;
        }

        public Bytes bytes() {
            return bytes;
        }

        /** SHA-256 of the bytes. */
        public Digest digest() {
            return digest;
        }

        /** The entry, or why the bytes are none: {@code ORB-0001} or {@code ORB-0402}. */
        public Result<SignedEntry> result() {
            return result;
        }
    }
}
