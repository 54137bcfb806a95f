package orb.ledger;

import java.util.stream.LongStream;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.Value;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.identity.Signature;

/**
 * A node's statement whose it is: its earnings go to that account.
 *
 * <p>Making one costs work, as in hashcash (Back, 2002): the digest of its canonical bytes must
 * start with as many zero bits as the {@link Genesis.Gates} ask for, and the only way there is to
 * try stamps. So an identity, and with it the initial grant, is not free. Immutable.
 *
 * @param network the swarm's id
 * @param node the machine's key, which signs this
 * @param account the owner's account
 * @param stamp tried until the digest fits
 */
public record NodeBinding(Digest network, PublicKey node, AccountId account, long stamp) {
    /**
     * Searches a stamp from 0 on. Takes about {@code 2^workBits} hashes, half a microsecond each.
     */
    public static NodeBinding solve(
            Digest network, PublicKey node, AccountId account, int workBits) {
        return LongStream.iterate(0, stamp -> stamp + 1)
                .mapToObj(stamp -> new NodeBinding(network, node, account, stamp))
                .filter(binding -> binding.hasWork(workBits))
                .findFirst()
                .orElseThrow();
    }

    /** Whether the digest starts with at least this many zero bits. */
    public boolean hasWork(int workBits) {
        return zeroBits(Digest.of(encoded()).bytes()) >= workBits;
    }

    /** What the node's key signs. */
    public Bytes encoded() {
        return Cbor.encode(
                Value.array(
                        Value.of(network.bytes()),
                        Value.of(node.bytes()),
                        Value.of(account.digest().bytes()),
                        Value.of(stamp)));
    }

    /** The node's signature; {@code nodeKey} must be the key that this names. */
    public Signature sign(KeyPair nodeKey) {
        return nodeKey.sign(Domain.NODE_BINDING, encoded());
    }

    /** Whether the node's key gave this signature. */
    public boolean isSignedBy(Signature signature) {
        return node.verifies(signature, Domain.NODE_BINDING, encoded());
    }

    private static int zeroBits(Bytes digest) {
        int bits = 0;
        for (int i = 0; i < digest.length(); i++) {
            int octet = digest.at(i) & 0xff;
            bits += Integer.numberOfLeadingZeros(octet) - 24;
            if (octet != 0) {
                break;
            }
        }
        return bits;
    }
}
