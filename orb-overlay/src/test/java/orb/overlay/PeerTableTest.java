package orb.overlay;

import static orb.overlay.Given.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.port.Effect;
import orb.kernel.port.Table;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class PeerTableTest {
    private final NavigableMap<Bytes, Bytes> disk = new TreeMap<>();
    private final PeerTable table = new PeerTable(3);

    private void keep(List<Effect> effects) {
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Save(Table to, Bytes key, Bytes value) -> {
                    assertThat(to).isEqualTo(Table.PEERS);
                    disk.put(key, value);
                }
                case Effect.Erase(Table from, Bytes key) -> {
                    assertThat(from).isEqualTo(Table.PEERS);
                    disk.remove(key);
                }
                default -> throw new AssertionError("unexpected " + effect);
            }
        }
    }

    @Test
    void whatWasKeptIsThereAfterARestart() {
        Contact contact = new Contact(Given.id(1), new Address("tracker.example", 7001));
        keep(table.learn(contact, Peer.Source.BOOTSTRAP, NOW));
        keep(table.dialled(contact, Peer.Source.BOOTSTRAP, NOW));
        keep(table.learn(Given.signed(1, 5), Peer.Source.TRACKER, NOW));
        keep(table.observed(Given.id(2), new Address("192.0.2.7", 40_000), NOW));

        PeerTable again = PeerTable.from(3, disk);

        assertThat(again.size()).isEqualTo(2);
        assertThat(again.find(Given.id(1))).isEqualTo(table.find(Given.id(1)));
        assertThat(again.find(Given.id(1)).flatMap(Peer::contact)).contains(contact);
        assertThat(again.find(Given.id(2)).flatMap(Peer::observed))
                .contains(new Address("192.0.2.7", 40_000));
    }

    @Test
    void aDamagedRowIsLeftOutAndTheOthersStay() {
        keep(table.learn(Given.signed(1, 5), Peer.Source.PEER, NOW));
        disk.put(Given.id(2).digest().bytes(), Bytes.hex("8401"));

        assertThat(PeerTable.from(3, disk).size()).isEqualTo(1);
    }

    @Test
    void onlyANewerRecordReplacesTheKnownOne() {
        keep(table.learn(Given.signed(1, 5), Peer.Source.PEER, NOW));

        assertThat(table.learn(Given.signed(1, 5), Peer.Source.PEER, NOW)).isEmpty();
        assertThat(table.learn(Given.signed(1, 4), Peer.Source.PEER, NOW)).isEmpty();
        assertThat(table.learn(Given.signed(1, 6), Peer.Source.PEER, NOW)).hasSize(1);
        assertThat(table.find(Given.id(1)).orElseThrow().record().orElseThrow().record().sequence())
                .isEqualTo(6);
    }

    @Test
    void aFloodOfNewcomersDoesNotPushOutPeersThatAnswer() {
        for (long seed = 1; seed <= 3; seed++) {
            keep(table.learn(Given.signed(seed, 1), Peer.Source.PEER, NOW));
            keep(table.seen(Given.id(seed), NOW));
        }
        for (long seed = 100; seed < 200; seed++) {
            keep(table.learn(Given.signed(seed, 1), Peer.Source.PEER, NOW.plusSeconds(1)));
        }

        assertThat(table.size()).isEqualTo(3);
        assertThat(disk).hasSize(3);
        assertThat(table.find(Given.id(1))).isPresent();
    }

    @Test
    void aPeerThatFailedOrIsStaleMakesRoom() {
        for (long seed = 1; seed <= 3; seed++) {
            keep(table.learn(Given.signed(seed, 1), Peer.Source.PEER, NOW));
            keep(table.seen(Given.id(seed), NOW));
        }
        keep(table.failed(Given.id(2)));
        keep(table.learn(Given.signed(4, 1), Peer.Source.PEER, NOW));
        keep(table.seen(Given.id(4), NOW));

        assertThat(table.find(Given.id(2))).isEmpty();
        assertThat(disk).doesNotContainKey(Given.id(2).digest().bytes());

        Instant later = NOW.plus(PeerTable.STALE_AFTER).plusSeconds(1);
        keep(table.seen(Given.id(1), later));
        keep(table.seen(Given.id(4), later));
        keep(table.learn(Given.signed(5, 1), Peer.Source.PEER, later));
        assertThat(table.find(Given.id(3))).isEmpty();
        assertThat(table.find(Given.id(5))).isPresent();
    }

    @Test
    void freshnessIsWrittenAtMostOnceAMinute() {
        keep(table.learn(Given.signed(1, 1), Peer.Source.PEER, NOW));

        assertThat(table.seen(Given.id(1), NOW)).hasSize(1);
        assertThat(table.seen(Given.id(1), NOW.plusSeconds(59))).isEmpty();
        assertThat(table.seen(Given.id(1), NOW.plusSeconds(60))).hasSize(1);
        assertThat(table.seen(Given.id(9), NOW)).isEmpty();
    }

    @Test
    void recordsAreToldFreshestFirstWithoutTheReadersOwnAndWithoutEndedOnes() {
        keep(table.learn(Given.signed(1, 1), Peer.Source.PEER, NOW));
        keep(table.learn(Given.signed(2, 1), Peer.Source.PEER, NOW));
        keep(table.seen(Given.id(1), NOW));
        keep(table.seen(Given.id(2), NOW.plusSeconds(5)));

        assertThat(table.records(Given.id(9), 10, NOW))
                .containsExactly(Given.signed(2, 1).bytes(), Given.signed(1, 1).bytes());
        assertThat(table.records(Given.id(2), 10, NOW)).containsExactly(Given.signed(1, 1).bytes());
        assertThat(table.records(Given.id(9), 1, NOW)).hasSize(1);
        assertThat(table.records(Given.id(9), 10, NOW.plus(Duration.ofHours(1)))).isEmpty();
    }

    @Test
    void aHundredThousandPeersAreHeldBoundedAndInOrder() {
        PeerTable large = new PeerTable(100_000);
        Random chance = new Random(4);
        for (int i = 0; i < 100_500; i++) {
            byte[] name = new byte[Digest.LENGTH];
            chance.nextBytes(name);
            NodeId id = new NodeId(new Digest(Bytes.wrap(name)));
            large.observed(id, Given.address(i), NOW.plusMillis(i));
        }

        assertThat(large.size()).isEqualTo(100_000);
        List<Peer> best = large.best(100);
        assertThat(best).isSortedAccordingTo((a, b) -> b.lastSeen().compareTo(a.lastSeen()));
        assertThat(large.find(best.getFirst().id())).contains(best.getFirst());
    }

    /** By the time of the processor alone: what else the machine does changes nothing. */
    @Test
    @Tag("C4")
    void oneOfAHundredThousandPeersIsFoundInAFewMicroseconds() {
        PeerTable table = new PeerTable(100_000);
        List<NodeId> ids = new ArrayList<>();
        Random chance = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            byte[] id = new byte[32];
            chance.nextBytes(id);
            ids.add(new NodeId(new Digest(Bytes.wrap(id))));
            Contact contact = new Contact(ids.getLast(), Given.address(i));
            assertThat(table.learn(contact, Peer.Source.PEER, NOW)).hasSize(1);
        }
        assertThat(table.size()).isEqualTo(100_000);
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (NodeId id : ids) {
            assertThat(table.find(id).isPresent()).isTrue();
        }
        long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
        assertThat(nanos / ids.size()).as("ns for a look-up").isLessThan(20_000);
    }
}
