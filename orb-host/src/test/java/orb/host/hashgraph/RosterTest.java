package orb.host.hashgraph;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import orb.host.store.DataFolder;
import orb.host.store.LogTail;
import orb.host.wallet.MachineKey;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.Value;
import orb.kernel.identity.KeyPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RosterTest {
    @TempDir Path home;

    private List<TrackerKeys> four() {
        List<TrackerKeys> keys = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            keys.add(Cluster.keys(home.resolve("t" + i), 7000 + i, 7100 + i));
        }
        return keys;
    }

    private KeyPair machine(String name) {
        try (DataFolder folder = DataFolder.open(home.resolve(name)).orThrow()) {
            return MachineKey.openOrCreate(folder.machineKey(), new SecureRandom()).orThrow();
        }
    }

    private static ErrorCode refusal(Result<?> result) {
        return ((Result.Refused<?>) result).refusal().code();
    }

    private static Bytes changed(Bytes bytes, int at) {
        byte[] copy = bytes.toArray();
        copy[at] ^= 1;
        return Bytes.wrap(copy);
    }

    @Test
    void theSameTrackersGiveTheSameFileInWhateverOrderTheyAreNamed() {
        List<TrackerKeys> keys = four();
        Roster roster = Roster.of(Cluster.GENESIS, LogTail.START, keys).orThrow();
        Roster reversed = Roster.of(Cluster.GENESIS, LogTail.START, keys.reversed()).orThrow();
        assertThat(reversed.encoded()).isEqualTo(roster.encoded());
        assertThat(Roster.decode(roster.encoded()).orThrow()).isEqualTo(roster);
        assertThat(roster.network()).isEqualTo(Digest.of(Cluster.GENESIS));
        for (TrackerKeys tracker : keys) {
            assertThat(roster.seats().get(roster.seatOf(tracker.id()).orElseThrow()).keys())
                    .isEqualTo(tracker);
        }
    }

    @Test
    void aTrackerKeepsItsKeysInAFileOfItsOwnerAlone() throws Exception {
        TrackerKeys first = Cluster.keys(home.resolve("t"), 7000, 7100);
        TrackerKeys second = Cluster.keys(home.resolve("t"), 7000, 7100);
        assertThat(second).isEqualTo(first);
        Path file = home.resolve("t").resolve("gossip.key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Result<TrackerKeys> exposed =
                Ceremony.keys(
                        home.resolve("t"),
                        new Address("127.0.0.1", 7000),
                        new Address("127.0.0.1", 7100));
        assertThat(refusal(exposed)).isEqualTo(ErrorCode.KEY_EXPOSED);
    }

    @Test
    void everyChangedByteOfAKeysFileIsRefused() {
        Bytes good = Cluster.keys(home.resolve("t"), 7000, 7100).encoded();
        for (int at = 0; at < good.length(); at++) {
            assertThat(refusal(TrackerKeys.decode(changed(good, at))))
                    .as("byte %d", at)
                    .isIn(ErrorCode.MALFORMED_BYTES, ErrorCode.BAD_SIGNATURE);
        }
        assertThat(refusal(TrackerKeys.decode(good.slice(0, good.length() - 1))))
                .isEqualTo(ErrorCode.MALFORMED_BYTES);
        assertThat(refusal(TrackerKeys.decode(good.concat(Bytes.of((byte) 0)))))
                .isEqualTo(ErrorCode.MALFORMED_BYTES);
    }

    @Test
    void aCertificateThatIsNotTheTrackersOwnIsRefusedEvenIfItSignedTheFile() {
        TrackerKeys own = Cluster.keys(home.resolve("t"), 7000, 7100);
        TrackerKeys other = Cluster.keys(home.resolve("u"), 7001, 7101);
        KeyPair machine = machine("t");
        Bytes broken = changed(own.certificate(), own.certificate().length() - 1);
        for (Bytes certificate :
                List.of(
                        other.certificate(),
                        broken,
                        Bytes.utf8("no certificate"),
                        own.certificate().concat(Bytes.of((byte) 0)))) {
            TrackerKeys forged = TrackerKeys.sign(machine, own.gossip(), own.log(), certificate);
            assertThat(refusal(TrackerKeys.decode(forged.encoded())))
                    .isEqualTo(ErrorCode.BAD_SIGNATURE);
        }
    }

    @Test
    void aTrackerOrAnAddressThatComesTwiceIsRefused() {
        List<TrackerKeys> keys = four();
        List<TrackerKeys> twice = new ArrayList<>(keys);
        twice.add(Cluster.keys(home.resolve("t0"), 7900, 7901));
        assertThat(refusal(Roster.of(Cluster.GENESIS, LogTail.START, twice)))
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
        List<TrackerKeys> crowded = new ArrayList<>(keys);
        crowded.add(Cluster.keys(home.resolve("t9"), 7000, 7901));
        assertThat(refusal(Roster.of(Cluster.GENESIS, LogTail.START, crowded)))
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
    }

    @Test
    void everyChangedByteOfARosterIsRefused() {
        Bytes good = Roster.of(Cluster.GENESIS, LogTail.START, four()).orThrow().encoded();
        for (int at = 0; at < good.length(); at++) {
            assertThat(refusal(Roster.decode(changed(good, at))))
                    .as("byte %d", at)
                    .isIn(ErrorCode.MALFORMED_BYTES, ErrorCode.HASH_MISMATCH);
        }
    }

    @Test
    void aRosterWhoseDigestFitsIsStillReadWithEveryRule() {
        List<TrackerKeys> keys = four();
        Roster roster = Roster.of(Cluster.GENESIS, LogTail.START, keys).orThrow();
        Value first = seat(roster.seats().get(0).keys().encoded(), 1);
        Value second = seat(roster.seats().get(1).keys().encoded(), 1);
        assertThat(Roster.decode(file(first, second)).isOk()).isTrue();
        assertThat(refusal(Roster.decode(file(second, first))))
                .isEqualTo(ErrorCode.MALFORMED_BYTES);
        assertThat(refusal(Roster.decode(file(first, first)))).isEqualTo(ErrorCode.MALFORMED_BYTES);
        assertThat(refusal(Roster.decode(file()))).isEqualTo(ErrorCode.MALFORMED_BYTES);
        Bytes own = roster.seats().get(0).keys().encoded();
        assertThat(refusal(Roster.decode(file(seat(own, 0))))).isEqualTo(ErrorCode.MALFORMED_BYTES);
        assertThat(refusal(Roster.decode(file(seat(changed(own, own.length() - 1), 1)))))
                .isEqualTo(ErrorCode.BAD_SIGNATURE);
    }

    private static Value seat(Bytes keys, long weight) {
        return Value.array(Value.of(keys), Value.of(weight));
    }

    private static Bytes file(Value... seats) {
        Bytes body =
                Cbor.encode(
                        Value.array(
                                Value.of("orb-roster"),
                                Value.of(1),
                                Value.of(Cluster.GENESIS),
                                Value.of(LogTail.START.encoded()),
                                Value.array(seats)));
        return Cbor.encode(Value.array(Value.of(body), Value.of(Digest.of(body).bytes())));
    }

    @Test
    void aGossipKeyOfAnotherTrackerIsRefused() throws Exception {
        Cluster.keys(home.resolve("t"), 7000, 7100);
        Cluster.keys(home.resolve("u"), 7001, 7101);
        Files.copy(
                home.resolve("u").resolve("gossip.key"),
                home.resolve("t").resolve("gossip.key"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING,
                java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        NodeId self = NodeId.of(machine("t").publicKey());
        try (DataFolder folder = DataFolder.open(home.resolve("t")).orThrow()) {
            assertThat(refusal(GossipKeys.openOrCreate(folder, self, new SecureRandom())))
                    .isEqualTo(ErrorCode.WALLET_DAMAGED);
        }
    }

    @FuzzTest
    void anyBytesAreReadAsKeysOrRosterOrRefused(byte[] bytes) {
        Bytes given = Bytes.of(bytes);
        if (TrackerKeys.decode(given) instanceof Result.Ok<TrackerKeys>(var keys)) {
            assertThat(keys.encoded()).isEqualTo(given);
        }
        if (Roster.decode(given) instanceof Result.Ok<Roster>(var roster)) {
            assertThat(roster.encoded()).isEqualTo(given);
        }
        Result.catching(() -> {
            try {
                return LogTail.decode(given);
            } catch (IllegalArgumentException e) {
                throw new RefusedException(ErrorCode.MALFORMED_BYTES, e.toString());
            }
        });
    }
}
