package orb.node;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.identity.KeyPair;
import orb.overlay.PeerRecord;
import orb.overlay.SignedRecord;

/** Who this node is: its settings, its machine key, and the names that follow from both. */
record Self(NodeConfig config, KeyPair key, NodeId id, Digest network) {
    private static final Duration RECORD_LIFE = Duration.ofHours(12);

    static Self of(NodeConfig config, KeyPair key) {
        return new Self(config, key, NodeId.of(key.publicKey()), config.genesis().network());
    }

    /** What it says of itself to others, signed, from now on. */
    SignedRecord record(Instant now) {
        NodeConfig.Self said = config.self();
        return new PeerRecord(
                        key.publicKey(),
                        PeerRecord.Role.NODE,
                        false,
                        "",
                        said.listen().map(List::of).orElse(List.of()),
                        said.capabilities(),
                        said.assurance(),
                        Credits.ZERO,
                        now.toEpochMilli(),
                        now.plus(RECORD_LIFE))
                .sign(key);
    }
}
