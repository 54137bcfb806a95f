package orb.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import orb.kernel.Address;
import orb.kernel.Contact;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.overlay.Bandwidth;
import orb.overlay.PeerRecord;
import orb.overlay.Presence;
import orb.overlay.SignedRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class JoiningTest {
    private static final Refusal GONE = new Refusal(ErrorCode.NO_BOOTSTRAP, "nobody answers");

    @Test
    @Tag("A4")
    void joinsThroughTheTrackerThatDiscoveryNamesAndBeatsEverySecond() {
        Drive drive = Drive.started();
        assertThat(drive.discoveries).isEqualTo(1);
        PlainTracker tracker = new PlainTracker(50);
        drive.event(new Event.Discovered(List.of(tracker.contact())));
        assertThat(drive.dials).containsExactly(tracker.contact());
        tracker.link(drive);
        long status = drive.command(new NodeCommand.FindStatus());
        assertThat(drive.reply(status, NodeReply.Status.class).tracker()).contains(tracker.id);
        for (int second = 0; second < 3; second++) {
            drive.pass(Duration.ofSeconds(1));
            tracker.serve(drive);
        }
        assertThat(tracker.heard(Membership.Beat.class)).hasSize(3);
        // and once more, when it has measured its way there
        List<Membership.Hello> hellos = tracker.heard(Membership.Hello.class);
        assertThat(hellos).hasSize(2);
        assertThat(bandwidth(hellos.getFirst(), drive)).isEqualTo(Bandwidth.UNKNOWN);
        assertThat(bandwidth(hellos.getLast(), drive).up()).isPositive();
        assertThat(bandwidth(hellos.getLast(), drive).down()).isPositive();
    }

    private static Bandwidth bandwidth(Membership.Hello hello, Drive drive) {
        return SignedRecord.open(hello.record(), drive.now)
                .orThrow()
                .record()
                .capabilities()
                .bandwidth();
    }

    @Test
    @Tag("B6")
    void aPeerThatATrackerNamesIsLiveUntilItDoesNotOrIsSilent() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50).joinedBy(drive);
        SignedRecord other =
                PlainTracker.record(
                        drive, Drive.key(77), PeerRecord.Role.NODE, new Address("127.0.0.1", 9077));
        tracker.peers.add(other.bytes());
        pass(drive, tracker, 12);
        assertThat(live(drive)).contains(other.id(), tracker.id);

        pass(drive, tracker, 60); // nothing has changed there: it says so
        assertThat(live(drive)).contains(other.id());

        tracker.peers.clear();
        tracker.revision++;
        pass(drive, tracker, 12);
        assertThat(live(drive)).containsExactly(tracker.id);

        tracker.peers.add(other.bytes());
        tracker.revision++;
        pass(drive, tracker, 12);
        assertThat(live(drive)).contains(other.id());
        drive.event(new Event.Unlinked(tracker.id, "connection reset"));
        assertThat(live(drive)).isEmpty();
    }

    private static void pass(Drive drive, PlainTracker tracker, int seconds) {
        for (int second = 0; second < seconds; second++) {
            drive.pass(Duration.ofSeconds(1));
            tracker.serve(drive);
        }
    }

    private static List<NodeId> live(Drive drive) {
        long asked = drive.command(new NodeCommand.FindPeers());
        return drive.reply(asked, NodeReply.PeerList.class).peers().stream()
                .filter(NodeReply.PeerView::isLive)
                .map(NodeReply.PeerView::id)
                .toList();
    }

    @Test
    void aNodeThatLeavesSaysGoodbyeToAllAndLinksToNobodyAnyMore() {
        Drive drive = Drive.started();
        PlainTracker first = new PlainTracker(50).joinedBy(drive);
        PlainTracker second = first.twin(51);
        drive.event(new Event.Discovered(List.of(second.contact())));
        long leave = drive.command(new NodeCommand.Leave());

        drive.reply(leave, NodeReply.Done.class);
        assertThat(drive.hangUps).containsExactly(goodbye(first));
        drive.dials.clear();
        drive.event(new Event.Unlinked(first.id, Presence.GOODBYE));
        drive.event(new Event.Linked(second.id, Drive.HERE, true));
        drive.pass(Duration.ofSeconds(30));
        assertThat(drive.hangUps).containsExactly(goodbye(first), goodbye(second));
        assertThat(drive.dials).isEmpty();
    }

    private static Effect.HangUp goodbye(PlainTracker tracker) {
        return new Effect.HangUp(tracker.id, Presence.GOODBYE);
    }

    @Test
    void theSameKeyIsTheSameNodeAndAnotherKeyAnother() {
        NodeConfig config = Drive.standard();
        assertThat(Node.of(config, Drive.key(1), new java.util.SplittableRandom(1)).id())
                .isEqualTo(Node.of(config, Drive.key(1), new java.util.SplittableRandom(2)).id())
                .isNotEqualTo(
                        Node.of(config, Drive.key(2), new java.util.SplittableRandom(1)).id());
    }

    @Test
    @Tag("A3")
    void goesOnToTheNextTrackerWhenTheFirstIsDown() {
        Drive drive = Drive.started();
        PlainTracker first = new PlainTracker(50);
        PlainTracker second = first.twin(51);
        drive.event(new Event.Discovered(List.of(first.contact(), second.contact())));
        drive.event(new Event.DialFailed(first.contact(), GONE));
        second.link(drive);
        long status = drive.command(new NodeCommand.FindStatus());
        assertThat(drive.reply(status, NodeReply.Status.class).tracker()).contains(second.id);
    }

    @Test
    void pausesBetweenDialsGrowAndAreBounded() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50);
        drive.event(new Event.Discovered(List.of(tracker.contact())));
        List<Duration> pauses = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            drive.dials.clear();
            drive.event(new Event.DialFailed(tracker.contact(), GONE));
            Instant failed = drive.now;
            for (int wait = 0; wait < 2_000 && drive.dials.isEmpty(); wait++) {
                drive.pass(Duration.ofMillis(10));
            }
            assertThat(drive.dials).as("dial %d, timers %s", i, drive.timers).hasSize(1);
            pauses.add(Duration.between(failed, drive.now));
        }
        assertThat(pauses.getFirst()).isLessThan(Duration.ofMillis(120));
        assertThat(pauses.getLast()).isBetween(Duration.ofSeconds(5), Duration.ofMillis(10_020));
        assertThat(drive.discoveries).isGreaterThan(1);
    }

    @Test
    void reconnectsAfterARestartFromWhatItKeptWithoutDiscovery() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50).joinedBy(drive);
        Drive next = drive.restarted(Duration.ofMinutes(5));
        assertThat(next.discoveries).isZero();
        assertThat(next.dials).containsExactly(tracker.contact());
    }

    @Test
    void aPeerWithAnotherKeyIsNotFollowed() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50);
        drive.event(new Event.Discovered(List.of(tracker.contact())));
        drive.event(
                new Event.DialFailed(
                        tracker.contact(),
                        new Refusal(ErrorCode.WRONG_PEER_KEY, "its key is another")));
        assertThat(drive.told).anyMatch(notice -> notice.detail().contains("ORB-0309"));
        assertThat(drive.code(drive.command(new NodeCommand.Search("", 0, 10))))
                .isEqualTo(ErrorCode.NOT_CONNECTED);
    }

    @Test
    void aPeerThatShowsTheRecordOfAnotherIsLeft() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50);
        PlainTracker other = tracker.twin(51);
        drive.event(new Event.Discovered(List.of(tracker.contact())));
        drive.event(new Event.Linked(tracker.id, tracker.address, true));
        drive.answer(
                drive.takeAsk(Membership.Hello.class),
                new Membership.Welcome(
                        tracker.network,
                        other.record(drive).bytes(),
                        Drive.HERE,
                        List.of(),
                        5_000));
        assertThat(drive.hangUps).hasSize(1);
        assertThat(drive.hangUps.getFirst().reason()).contains("ORB-0309");
    }

    @Test
    void aTrackerOfAnotherSwarmIsLeft() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50);
        tracker.network = Digest.ZERO;
        tracker.joinedBy(drive);
        assertThat(drive.hangUps.getFirst().reason()).contains("ORB-0308");
        long status = drive.command(new NodeCommand.FindStatus());
        assertThat(drive.reply(status, NodeReply.Status.class).tracker()).isEmpty();
    }

    @Test
    void keepsFourTrackersAndFollowsAnotherWhenOneIsLost() {
        Drive drive = Drive.started();
        PlainTracker first = new PlainTracker(50);
        List<PlainTracker> all = new ArrayList<>(List.of(first));
        for (int seed = 51; seed <= 54; seed++) {
            all.add(first.twin(seed));
        }
        drive.event(new Event.Discovered(all.stream().map(PlainTracker::contact).toList()));
        assertThat(drive.dials).hasSize(4);
        all.subList(0, 2).forEach(tracker -> tracker.link(drive));
        drive.event(new Event.Unlinked(first.id, "killed"));
        long status = drive.command(new NodeCommand.FindStatus());
        assertThat(drive.reply(status, NodeReply.Status.class).tracker()).contains(all.get(1).id);
        assertThat(drive.dials).contains(all.getLast().contact());
    }

    @Test
    void leavesATrackerThatIsSilent() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50).joinedBy(drive);
        drive.pass(Duration.ofSeconds(8));
        assertThat(drive.hangUps).anyMatch(hangUp -> hangUp.peer().equals(tracker.id));
    }

    @Test
    @Tag("B5")
    void linksDirectlyToANodeThatTheTrackerNames() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50);
        KeyPair other = Drive.key(60);
        Address there = new Address("127.0.0.1", 7060);
        tracker.peers.add(PlainTracker.record(drive, other, PeerRecord.Role.NODE, there).bytes());
        tracker.joinedBy(drive);
        NodeId peer = NodeId.of(other.publicKey());
        assertThat(drive.dials).containsExactly(new Contact(peer, there));
        drive.event(new Event.Linked(peer, there, true));
        drive.answer(
                drive.takeAsk(Membership.Hello.class),
                new Membership.Welcome(
                        tracker.network,
                        PlainTracker.record(drive, other, PeerRecord.Role.NODE, there).bytes(),
                        Drive.HERE,
                        List.of(),
                        5_000));
        long peers = drive.command(new NodeCommand.FindPeers());
        assertThat(drive.reply(peers, NodeReply.PeerList.class).peers())
                .anyMatch(view ->
                        view.id().equals(peer)
                                && view.role().equals("node")
                                && view.link().equals("dialled")
                                && view.source().equals("tracker"));
    }

    @Test
    void welcomesANodeThatDialsItAndTellsItOfPeers() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50).joinedBy(drive);
        KeyPair other = Drive.key(60);
        NodeId peer = NodeId.of(other.publicKey());
        Address from = new Address("127.0.0.1", 40_000);
        drive.event(new Event.Linked(peer, from, false));
        Membership.Hello hello =
                new Membership.Hello(
                        tracker.network,
                        PlainTracker.record(drive, other, PeerRecord.Role.NODE, from).bytes(),
                        "orb/test");
        Membership.Welcome welcome =
                drive.answer(drive.asked(peer, hello), Membership.Welcome.class);
        assertThat(welcome.observed()).isEqualTo(from);
        assertThat(welcome.peers()).contains(tracker.record(drive).bytes());
        Membership.Hello foreign =
                new Membership.Hello(Digest.of(orb.kernel.Bytes.EMPTY), hello.record(), "orb/test");
        assertThat(drive.refusedAs(drive.asked(peer, foreign))).isEqualTo(ErrorCode.WRONG_NETWORK);
        assertThat(
                        drive.answer(
                                        drive.asked(peer, new Membership.FindPeers(0)),
                                        Membership.Peers.class)
                                .records())
                .isNotEmpty();
    }

    @Test
    void questionsThatANodeDoesNotAnswerAreRefused() {
        Drive drive = Drive.started();
        NodeId stranger = NodeId.of(Drive.key(9).publicKey());
        for (Message message :
                List.of(
                        new Message.Done(),
                        new Membership.FindNodes(java.util.Optional.empty()),
                        new orb.kernel.message.Registry.FindEntry(0),
                        new orb.kernel.message.Calling.Pay(stranger, orb.kernel.Bytes.EMPTY))) {
            assertThat(drive.refusedAs(drive.asked(stranger, message)))
                    .isEqualTo(ErrorCode.BAD_ARGUMENT);
        }
    }
}
