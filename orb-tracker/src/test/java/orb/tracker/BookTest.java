package orb.tracker;

import static orb.tracker.MembershipTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.ledger.Entry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class BookTest {
    private final Scene scene = new Scene();
    private final Host node = new Host(scene, "node");
    private final Person alice = new Person(scene, "alice");
    private final Person bob = new Person(scene, "bob");

    private Bytes gift(long credits) {
        return alice.sign(new Entry.Send(bob.account, Credits.whole(credits), ""));
    }

    @Test
    void anEntryIsAnsweredOnceItIsAppliedAndNotBefore() {
        alice.owns(node.key);
        scene.isOrdering = false;
        Bytes gift = gift(3);
        long first = scene.command(new TrackerCommand.Ask(new Registry.Submit(gift)));
        long second = scene.command(new TrackerCommand.Ask(new Registry.Submit(gift)));
        assertThat(scene.returns).doesNotContainKeys(first, second);

        scene.isOrdering = true;
        scene.log.add(new Event.Ordered(scene.log.size(), scene.now, gift));
        scene.step(scene.log.getLast());

        assertThat(scene.returned(first)).isEqualTo(scene.returned(second));
        assertThat(proposals(gift)).isEqualTo(1);
        assertThat(bob.books().balance()).isEqualTo(Credits.whole(3));
    }

    private long proposals(Bytes entry) {
        return scene.performed.stream().filter(new Effect.Propose(entry)::equals).count();
    }

    @Test
    void aReplayedEntryIsNotOrderedAgainAndHasOnePlace() {
        alice.owns(node.key);
        Bytes gift = gift(3);
        Bytes later = gift(4);
        Message first = scene.told(new Registry.Submit(gift));

        assertThat(scene.told(new Registry.Submit(gift))).isEqualTo(first);
        scene.told(new Registry.Submit(later));
        assertThat(scene.told(new Registry.Submit(gift))).isEqualTo(first);
        assertThat(proposals(gift)).isEqualTo(1);
        assertThat(bob.books().balance()).isEqualTo(Credits.whole(7));
    }

    @Test
    void anEntryThatSomebodyElseSubmitsAgainIsRefused() {
        alice.owns(node.key);
        Bytes gift = gift(3);
        Message first = scene.told(new Registry.Submit(gift));
        Host stranger = new Host(scene, "stranger");
        stranger.join();
        node.join();

        assertThat(refused(scene.asked(stranger.id, new Registry.Submit(gift))))
                .isEqualTo(ErrorCode.REPLAYED_ENTRY);
        assertThat(scene.asked(node.id, new Registry.Submit(gift))).isEqualTo(first);
    }

    @Test
    void anEntryWithAFlippedByteIsRefused() {
        byte[] bytes = gift(3).toArray();
        bytes[bytes.length - 1] ^= 1;

        assertThat(refused(scene.told(new Registry.Submit(Bytes.of(bytes)))))
                .isEqualTo(ErrorCode.BAD_SIGNATURE);
        assertThat(refused(scene.told(new Registry.Submit(Bytes.hex("00")))))
                .isEqualTo(ErrorCode.MALFORMED_BYTES);
    }

    @Test
    void whatCannotBeOrderedIsAnsweredWithTheReason() {
        alice.owns(node.key);
        scene.orderingFails = Optional.of(new Refusal(ErrorCode.DISK_FULL, "no space left"));
        Bytes gift = gift(3);

        assertThat(refused(scene.told(new Registry.Submit(gift)))).isEqualTo(ErrorCode.DISK_FULL);
        scene.orderingFails = Optional.empty();
        assertThat(scene.told(new Registry.Submit(gift))).isInstanceOf(Registry.Submitted.class);
    }

    @Test
    void anEntryThatIsNeverOrderedIsAnsweredInTime() {
        alice.owns(node.key);
        scene.isOrdering = false;
        long asked = scene.command(new TrackerCommand.Ask(new Registry.Submit(gift(3))));

        scene.sleep(Duration.ofSeconds(31));

        assertThat(scene.refusal(asked)).isEqualTo(ErrorCode.TIMED_OUT);
    }

    @Test
    void anEntryThatAnotherOneForestalledIsRefusedAtItsPlace() {
        alice.owns(node.key);
        scene.isOrdering = false;
        List<Bytes> gifts = List.of(gift(60), gift(60));
        List<Long> asked =
                gifts.stream()
                        .map(g -> scene.command(new TrackerCommand.Ask(new Registry.Submit(g))))
                        .toList();
        for (Bytes gift : gifts) {
            scene.step(new Event.Ordered(scene.log.size(), scene.now, gift));
            scene.log.add(new Event.Ordered(scene.log.size(), scene.now, gift));
        }

        assertThat(scene.returned(asked.get(0)).toString()).contains("Submitted");
        assertThat(scene.refusal(asked.get(1))).isEqualTo(ErrorCode.INSUFFICIENT_BALANCE);
        assertThat(bob.books().balance()).isEqualTo(Credits.whole(60));
    }

    @Test
    @Tag("E1")
    void theGrantComesOnceAndTheHistoryLinksToItsEntry() {
        alice.owns(node.key);
        alice.owns(Scene.key("second node"));

        assertThat(alice.books().balance()).isEqualTo(Credits.whole(100));
        List<Registry.Row> rows =
                ((Registry.History)
                                scene.told(
                                        new Registry.FindHistory(
                                                alice.account, Long.MAX_VALUE, 10)))
                        .rows();
        assertThat(rows).hasSize(1);
        assertThat(rows.getFirst().kind()).isEqualTo("grant");
        Registry.Entry entry =
                (Registry.Entry) scene.told(new Registry.FindEntry(rows.getFirst().index()));
        assertThat(Digest.of(entry.entry().orElseThrow())).isEqualTo(rows.getFirst().evidence());
        assertThat(scene.told(new Registry.FindEntry(99)))
                .isEqualTo(new Registry.Entry(Optional.empty(), 0));
    }

    @Test
    void anAccountShowsItsChannelsAndAHostFindsTheEntryThatOpenedOne() {
        alice.owns(node.key);
        Digest channel =
                alice.locks(Credits.whole(7), alice.wallet.publicKey(), new Entry.Purpose.Calls());

        Registry.Account books = alice.books();
        assertThat(books.known()).isTrue();
        assertThat(books.name()).isEqualTo("alice");
        assertThat(books.balance()).isEqualTo(Credits.whole(93));
        assertThat(books.escrow()).isEqualTo(Credits.whole(7));
        assertThat(books.channels())
                .containsExactly(
                        new Registry.ChannelView(
                                channel, "calls", Credits.whole(7), Credits.ZERO, Scene.SELF));
        Registry.Entry opening = (Registry.Entry) scene.told(new Registry.FindChannel(channel));
        assertThat(opening.entry().map(Digest::of)).contains(channel);
        assertThat(((Registry.Entry) scene.told(new Registry.FindChannel(Digest.ZERO))).entry())
                .isEmpty();
    }

    @Test
    void anUnknownAccountIsAnAnswerAndNoError() {
        Registry.Account none =
                (Registry.Account)
                        scene.told(new Registry.FindAccount(new orb.kernel.AccountId(Digest.ZERO)));

        assertThat(none.known()).isFalse();
        assertThat(none.balance()).isEqualTo(Credits.ZERO);
    }
}
