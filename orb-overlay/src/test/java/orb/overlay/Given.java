package orb.overlay;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import orb.kernel.Address;
import orb.kernel.ByteSize;
import orb.kernel.Credits;
import orb.kernel.NodeId;
import orb.kernel.identity.KeyPair;

/** Peers and records that the tests of this package start from. */
final class Given {
    static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    static final Capabilities CAPABILITIES =
            new Capabilities(4, ByteSize.mib(512), Bandwidth.UNKNOWN, List.of("aes-ni", "cgroup2"));

    private Given() {}

    static KeyPair key(long seed) {
        return KeyPair.generate(new Random(seed)::nextBytes);
    }

    static NodeId id(long seed) {
        return NodeId.of(key(seed).publicKey());
    }

    static PeerRecord record(long seed, long sequence) {
        return record(seed, sequence, NOW.plus(Duration.ofHours(1)));
    }

    static PeerRecord record(long seed, long sequence, Instant expires) {
        return new PeerRecord(
                key(seed).publicKey(),
                PeerRecord.Role.NODE,
                true,
                "",
                List.of(address(seed)),
                CAPABILITIES,
                Assurance.L1,
                new Credits(25),
                sequence,
                expires);
    }

    static SignedRecord signed(long seed, long sequence) {
        return record(seed, sequence).sign(key(seed));
    }

    static Address address(long seed) {
        return new Address("10.0." + (seed >> 8 & 255) + "." + (seed & 255), 7000);
    }
}
