package orb.overlay.dht;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hash table with many peers in one thread. */
final class DhtTest {
    private static final int PEERS = 64;
    private static final int HOPS_MAX = 6 + 1; // ceil(log2 64) and one
    private static final Duration HOUR = Duration.ofHours(1);

    private static DhtSwarm joined(long seed, int peers) {
        DhtSwarm swarm = new DhtSwarm(seed, peers);
        swarm.run(Duration.ofSeconds(20));
        return swarm;
    }

    private static void publishAll(DhtSwarm swarm) {
        for (DhtSwarm.Part part : swarm.parts) {
            Bytes item = part.signed(1, swarm.now().plus(HOUR));
            swarm.step(part, new DhtEvent.Publish(Key.of(part.id), item));
        }
        swarm.run(Duration.ofSeconds(30));
    }

    @Tag("C1")
    @Tag("G2")
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void anyOf64PeersFindsAnyOtherInFewHops(long seed) {
        DhtSwarm swarm = joined(seed, PEERS);
        publishAll(swarm);
        Random chance = new Random(seed);
        for (int i = 0; i < 40; i++) {
            DhtSwarm.Part asker = swarm.parts.get(chance.nextInt(PEERS));
            DhtSwarm.Part wanted = swarm.parts.get(chance.nextInt(PEERS));
            Search search = swarm.seek(asker, Key.of(wanted.id));
            assertThat(search.items()).as("%s", search).hasSize(1);
            assertThat(search.items().getFirst().publisher()).isEqualTo(wanted.id);
            assertThat(search.hops().orElseThrow()).isBetween(0, HOPS_MAX);
            assertThat(search.path())
                    .allSatisfy(hop -> assertThat(hop.hops()).isBetween(1, HOPS_MAX));
        }
    }

    @Tag("C1")
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aRecordOutlivesAllItsHoldersButOne(long seed) {
        DhtSwarm swarm = joined(seed, PEERS);
        DhtSwarm.Part publisher = swarm.parts.get(5);
        Key key = Key.of(DhtSwarm.FUNCTION);
        Bytes item = publisher.seeds(DhtSwarm.FUNCTION, 1, swarm.now().plus(HOUR));
        swarm.step(publisher, new DhtEvent.Publish(key, item));
        swarm.run(Duration.ofSeconds(10));
        List<DhtSwarm.Part> holders =
                swarm.parts.stream().filter(part -> part.dht.kept() > 0).toList();
        assertThat(holders).hasSize(Dht.K);
        assertThat(holders)
                .containsExactlyInAnyOrderElementsOf(
                        swarm.nearest(key).stream()
                                .filter(part -> !part.id.equals(publisher.id))
                                .limit(Dht.K)
                                .toList());
        swarm.kill(publisher.id);
        holders.stream().limit(Dht.K - 1).forEach(holder -> swarm.kill(holder.id));
        DhtSwarm.Part asker = swarm.nearest(key).getLast();
        Search search = swarm.seek(asker, key);
        assertThat(search.items()).hasSize(1);
        assertThat(search.items().getFirst().bytes()).isEqualTo(item);
        assertThat(search.path())
                .anySatisfy(hop -> assertThat(hop.answer()).isEqualTo(Search.Kind.SILENT));
    }

    @Tag("C1")
    @Test
    void aPublisherPutsItsRecordAgainWhereHoldersDied() {
        DhtSwarm swarm = joined(7, PEERS);
        DhtSwarm.Part publisher = swarm.parts.get(9);
        Key key = Key.of(DhtSwarm.FUNCTION);
        Bytes item = publisher.seeds(DhtSwarm.FUNCTION, 1, swarm.now().plus(HOUR));
        swarm.step(publisher, new DhtEvent.Publish(key, item));
        swarm.run(Duration.ofSeconds(10));
        swarm.parts.stream()
                .filter(part -> part.dht.kept() > 0)
                .forEach(holder -> swarm.kill(holder.id));
        swarm.run(Dht.REPUBLISH.plusSeconds(30));
        assertThat(swarm.nearest(key).stream().filter(part -> part.dht.kept() > 0)).hasSize(Dht.K);
        assertThat(swarm.seek(swarm.nearest(key).getLast(), key).items()).hasSize(1);
    }

    @Tag("C1")
    @Test
    void whatIsForgedOldEndedTooLongOrElsewhereIsNotKept() {
        DhtSwarm swarm = joined(3, 12);
        DhtSwarm.Part publisher = swarm.parts.get(1);
        DhtSwarm.Part other = swarm.parts.get(3);
        DhtSwarm.Part holder = swarm.parts.get(2);
        Key key = Key.of(publisher.id);
        Instant now = swarm.now();
        Bytes good = publisher.signed(5, now.plus(HOUR));
        byte[] forged = good.toArray();
        forged[forged.length - 1] ^= 1;
        assertThat(put(swarm, holder, key, Bytes.wrap(forged))).contains(ErrorCode.BAD_SIGNATURE);
        assertThat(put(swarm, holder, key, publisher.signed(5, now)))
                .contains(ErrorCode.ENTRY_EXPIRED);
        assertThat(put(swarm, holder, key, publisher.signed(5, now.plus(Duration.ofHours(25)))))
                .contains(ErrorCode.ENTRY_EXPIRED);
        assertThat(put(swarm, holder, key, other.signed(5, now.plus(HOUR))))
                .contains(ErrorCode.MALFORMED_BYTES);
        assertThat(put(swarm, holder, Key.of(DhtSwarm.FUNCTION), good))
                .contains(ErrorCode.MALFORMED_BYTES);
        Bytes seeds = other.seeds(DhtSwarm.FUNCTION, 1, now);
        assertThat(put(swarm, holder, Key.of(DhtSwarm.FUNCTION), seeds))
                .contains(ErrorCode.ENTRY_EXPIRED);
        assertThat(Item.open(key, good.concat(Bytes.wrap(new byte[1000])), now))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused ->
                                assertThat(refused.refusal().code())
                                        .isEqualTo(ErrorCode.BODY_TOO_LARGE));
        Bytes large = new DhtMessage.Put(key, Bytes.wrap(new byte[1001])).encoded();
        assertThat(swarm.ask(swarm.parts.getFirst(), holder, large)).isEqualTo(Bytes.EMPTY);
        assertThat(holder.dht.kept()).isZero();

        assertThat(put(swarm, holder, key, good)).isEmpty();
        assertThat(put(swarm, holder, key, publisher.signed(4, now.plus(HOUR))))
                .contains(ErrorCode.REPLAYED_ENTRY);
        assertThat(put(swarm, holder, key, publisher.signed(6, now.plus(HOUR)))).isEmpty();
        assertThat(holder.dht.kept()).isOne();
    }

    /** The farthest of 64 peers knows more than two buckets of nearer ones. */
    @Tag("C1")
    @Test
    void aRecordIsNotKeptFarFromItsKey() {
        DhtSwarm swarm = joined(4, 64);
        DhtSwarm.Part publisher = swarm.parts.get(1);
        Key key = Key.of(publisher.id);
        Bytes good = publisher.signed(5, swarm.now().plus(HOUR));
        List<DhtSwarm.Part> nearestFirst = new ArrayList<>(swarm.parts);
        nearestFirst.removeAll(List.of(publisher, swarm.parts.getFirst()));
        nearestFirst.sort((one, other) -> key.nearestFirst().compare(one.id, other.id));
        assertThat(put(swarm, nearestFirst.getLast(), key, good)).contains(ErrorCode.NOT_NEAR);
        assertThat(put(swarm, nearestFirst.getFirst(), key, good)).isEmpty();
    }

    private static Optional<ErrorCode> put(
            DhtSwarm swarm, DhtSwarm.Part holder, Key key, Bytes item) {
        DhtMessage answer =
                swarm.ask(swarm.parts.getFirst(), holder, new DhtMessage.Put(key, item));
        return ((DhtMessage.Stored) answer).refused();
    }

    @Tag("C1")
    @Test
    void aHolderThatLiesIsSeenAndChangesNothing() {
        DhtSwarm swarm = joined(4, PEERS);
        DhtSwarm.Part publisher = swarm.parts.get(8);
        Key key = Key.of(publisher.id);
        Bytes old = publisher.signed(1, swarm.now().plus(HOUR));
        Bytes item = publisher.signed(2, swarm.now().plus(HOUR));
        swarm.step(publisher, new DhtEvent.Publish(key, item));
        swarm.run(Duration.ofSeconds(10));
        List<DhtSwarm.Part> holders =
                swarm.parts.stream().filter(part -> part.dht.kept() > 0).toList();
        byte[] forged = item.toArray();
        forged[40] ^= 1;
        Bytes none = new DhtMessage.Found(List.of(), List.of(), false).encoded();
        Bytes stale = new DhtMessage.Found(List.of(old), List.of(), false).encoded();
        Bytes wrong = new DhtMessage.Found(List.of(Bytes.wrap(forged)), List.of(), true).encoded();
        swarm.lies(holders.get(0).id, _ -> none);
        swarm.lies(holders.get(1).id, _ -> stale);
        swarm.lies(holders.get(2).id, _ -> wrong);
        swarm.lies(holders.get(3).id, _ -> Bytes.utf8("nonsense"));
        swarm.kill(publisher.id);
        Search search = swarm.seek(swarm.nearest(key).getLast(), key);
        assertThat(search.items()).hasSize(1);
        assertThat(search.items().getFirst().bytes()).isEqualTo(item);
        assertThat(search.path().stream().map(Search.Hop::answer))
                .contains(Search.Kind.FALSE, Search.Kind.SILENT, Search.Kind.ITEMS);
    }

    @Tag("C1")
    @Test
    void aPeerIsServedUpToItsShareAndOthersBesideIt() {
        DhtSwarm swarm = joined(5, 12);
        DhtSwarm.Part greedy = swarm.parts.get(1);
        DhtSwarm.Part holder = swarm.parts.get(2);
        Bytes question = new DhtMessage.Find(Key.of(holder.id), true, 0).encoded();
        int answered = 0;
        for (int i = 0; i < 2 * Dht.QUESTIONS_MAX; i++) {
            answered += swarm.ask(greedy, holder, question).isEmpty() ? 0 : 1;
        }
        assertThat(answered).isBetween(Dht.QUESTIONS_MAX - 50, Dht.QUESTIONS_MAX);
        assertThat(swarm.ask(swarm.parts.get(3), holder, question)).isNotEqualTo(Bytes.EMPTY);
        swarm.run(Dht.WINDOW);
        assertThat(swarm.ask(greedy, holder, question)).isNotEqualTo(Bytes.EMPTY);
    }

    @Tag("C1")
    @Test
    void putsOfOnePeerAndItemsOfOnePublisherAreBounded() {
        DhtSwarm swarm = new DhtSwarm(6, 2);
        DhtSwarm.Part publisher = swarm.parts.get(0);
        DhtSwarm.Part holder = swarm.parts.get(1);
        for (int i = 0; i < Store.PUBLISHER_MAX + 10; i++) {
            FunctionName name = FunctionName.parse("alice/f" + i);
            Bytes item = publisher.seeds(name, 1, swarm.now().plus(HOUR));
            put(swarm, holder, Key.of(name), item);
        }
        assertThat(holder.dht.kept()).isEqualTo(Store.PUBLISHER_MAX);
        Optional<ErrorCode> last = Optional.empty();
        for (int i = 0; i < Dht.PUTS_MAX; i++) {
            last = put(swarm, holder, Key.of(DhtSwarm.FUNCTION), Bytes.EMPTY);
        }
        assertThat(last).contains(ErrorCode.BUSY);
    }

    @Tag("C1")
    @Test
    void aKeyHasSoManyPublishersAndAnEndedOneMakesRoom() {
        Store store = new Store(new NodeId(orb.kernel.Digest.ZERO));
        Key key = Key.of(DhtSwarm.FUNCTION);
        Random chance = new Random(1);
        for (int i = 0; i < Store.KEY_MAX; i++) {
            Instant end = DhtSwarm.START.plusSeconds(i == 3 ? 10 : 3_600);
            assertThat(store.put(seeder(key, chance, end), DhtSwarm.START).isOk()).isTrue();
        }
        Item late = seeder(key, chance, DhtSwarm.START.plus(HOUR));
        assertThat(store.put(late, DhtSwarm.START).isOk()).isFalse();
        assertThat(store.put(late, DhtSwarm.START.plusSeconds(10)).isOk()).isTrue();
        assertThat(store.size()).isEqualTo(Store.KEY_MAX);
        store.sweep(DhtSwarm.START.plus(HOUR));
        assertThat(store.size()).isZero();
    }

    private static Item seeder(Key key, Random chance, Instant end) {
        DhtSwarm.Part part = new DhtSwarm.Part(KeyPair.generate(chance::nextBytes));
        return Item.open(key, part.seeds(DhtSwarm.FUNCTION, 1, end), DhtSwarm.START).orThrow();
    }

    @Tag("C1")
    @Test
    void aFullStoreKeepsTheNearestItems() {
        Random chance = new Random(1);
        DhtSwarm.Part self = new DhtSwarm.Part(KeyPair.generate(chance::nextBytes));
        Store store = new Store(self.id);
        Instant end = DhtSwarm.START.plus(HOUR);
        List<Key> kept = new ArrayList<>();
        List<Key> refused = new ArrayList<>();
        DhtSwarm.Part publisher = self;
        for (int i = 0; i < Store.ITEMS_MAX + 60; i++) {
            if (i % (Store.PUBLISHER_MAX / 2) == 0) {
                publisher = new DhtSwarm.Part(KeyPair.generate(chance::nextBytes));
            }
            FunctionName name = FunctionName.parse("alice/f" + i);
            Key key = Key.of(name);
            Item item = Item.open(key, publisher.seeds(name, 1, end), DhtSwarm.START).orThrow();
            (store.put(item, DhtSwarm.START).isOk() ? kept : refused).add(key);
        }
        assertThat(store.size()).isEqualTo(Store.ITEMS_MAX);
        assertThat(refused)
                .isNotEmpty()
                .allSatisfy(key ->
                        assertThat(Key.of(self.id).sharedBits(new NodeId(key.point()))).isZero());
        assertThat(kept.size()).isGreaterThan(Store.ITEMS_MAX); // some made room for nearer ones
    }

    @Test
    void oneSubnetGetsFewPlaces() {
        Random chance = new Random(3);
        Buckets buckets = new Buckets(new NodeId(orb.kernel.Digest.ZERO));
        for (int i = 0; i < 500; i++) {
            byte[] id = new byte[32];
            chance.nextBytes(id);
            NodeId peer = new NodeId(new orb.kernel.Digest(Bytes.wrap(id)));
            buckets.met(new RoutedPeer(peer, DhtSwarm.route(peer), "203.0.113"));
        }
        assertThat(buckets.size()).isBetween(2, Buckets.SUBNET_TABLE_MAX);
    }

    @Test
    void whatIsWithdrawnEndsByItself() {
        DhtSwarm swarm = joined(8, 12);
        DhtSwarm.Part publisher = swarm.parts.get(1);
        Key key = Key.of(DhtSwarm.FUNCTION);
        Instant end = swarm.now().plus(Duration.ofMinutes(5));
        swarm.step(
                publisher, new DhtEvent.Publish(key, publisher.seeds(DhtSwarm.FUNCTION, 1, end)));
        swarm.run(Duration.ofSeconds(10));
        swarm.step(publisher, new DhtEvent.Withdraw(key));
        swarm.run(Duration.ofMinutes(5));
        Search search = swarm.seek(swarm.parts.get(4), key);
        assertThat(search.items()).isEmpty();
        assertThat(search.hops()).isEmpty();
    }

    @Test
    void aKnownPeerIsAskedForItsOwnRecordAndNobodyElse() {
        DhtSwarm swarm = joined(9, 32);
        DhtSwarm.Part wanted = swarm.parts.getFirst(); // all others know it
        DhtSwarm.Part asker = swarm.parts.get(5);
        Bytes item = wanted.signed(1, swarm.now().plus(HOUR));
        swarm.step(wanted, new DhtEvent.Publish(Key.of(wanted.id), item));
        swarm.run(Duration.ofSeconds(10));
        Search fetched = swarm.fetch(asker, wanted.id);
        assertThat(fetched.items().getFirst().bytes()).isEqualTo(item);
        assertThat(fetched.path().stream().map(Search.Hop::peer)).containsExactly(wanted.id);

        DhtSwarm.Part stranger = new DhtSwarm(10, 1).parts.getFirst();
        assertThat(swarm.fetch(asker, stranger.id).path()).isEmpty();
        assertThat(swarm.fetch(asker, stranger.id).items()).isEmpty();
    }

    @Test
    void oneSeedGivesOneCourse() {
        DhtSwarm one = joined(11, 32);
        DhtSwarm other = joined(11, 32);
        publishAll(one);
        publishAll(other);
        Key key = Key.of(one.parts.get(20).id);
        assertThat(one.seek(one.parts.get(3), key)).isEqualTo(other.seek(other.parts.get(3), key));
    }

    @Test
    void aKeyIsReadAsPeopleWriteIt() {
        NodeId id = new DhtSwarm(1, 1).parts.getFirst().id;
        assertThat(Key.parse("node:" + id)).isEqualTo(Key.of(id));
        assertThat(Key.parse("fn:alice/add")).isEqualTo(Key.of(DhtSwarm.FUNCTION));
        assertThat(Key.of(id).sharedBits(id)).isEqualTo(256);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> Key.parse("what:ever")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
