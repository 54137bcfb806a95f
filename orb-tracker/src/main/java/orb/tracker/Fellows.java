package orb.tracker;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import orb.kernel.Contact;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.port.Effect;
import orb.overlay.Reconnect;

/**
 * Links to the other trackers of this swarm.
 *
 * <p>Of two trackers the one with the smaller id dials, so that one link stands between them. Both
 * beat over it, since each must notice when the other falls silent. A fellow is trusted with
 * nothing: what it hands over is checked against its digest, and entries come by the ordering.
 */
final class Fellows {
    static final String TIMER = "fellows";

    private static final int FELLOWS_MAX = 64;
    private static final String PROGRAM = "orb-tracker";
    private static final Membership.Beat BEAT = new Membership.Beat(0, 0, 0);

    private final Turn turn;
    private final TrackerConfig config;
    private final NodeId self;
    private final Members members;
    private final Questions questions;
    private final Reconnect dials;

    Fellows(Turn turn, TrackerConfig config, NodeId self, Members members, Questions questions) {
        this.turn = turn;
        this.config = config;
        this.self = self;
        this.members = members;
        this.questions = questions;
        Reconnect.Pace standard = Reconnect.Pace.DEFAULT;
        dials =
                new Reconnect(
                        new Reconnect.Pace(standard.first(), standard.longest(), FELLOWS_MAX),
                        turn.chance());
    }

    /** Looks for the others. */
    void start() {
        turn.add(new Effect.Discover());
    }

    /** Trackers that the swarm's own list names. */
    void discovered(List<Contact> contacts) {
        contacts.stream()
                .filter(contact -> self.compareTo(contact.id()) < 0)
                .forEach(contact -> dials.offer(contact, false));
        dialDue();
    }

    void woke() {
        dialDue();
    }

    private void dialDue() {
        Optional<Contact> due = dials.next(turn.now());
        while (due.isPresent()) {
            turn.add(new Effect.Dial(due.get()));
            due = dials.next(turn.now());
        }
        dials.untilNext(turn.now())
                .ifPresent(wait ->
                        turn.wakeAfter(TIMER, wait.toMillis() < 1 ? Duration.ofMillis(1) : wait));
    }

    void dialFailed(NodeId peer) {
        dials.failed(peer, turn.now());
        dialDue();
    }

    void unlinked(NodeId peer) {
        dials.lost(peer, turn.now());
        dialDue();
    }

    /** A link that this tracker dialled stands: it says who it is. */
    void linked(NodeId peer) {
        Membership.Hello hello =
                new Membership.Hello(members.network(), members.ownRecord().bytes(), PROGRAM);
        questions.ask(
                peer,
                hello,
                config.waits().answer(),
                new Questions.Ending() {
                    @Override
                    public void answered(Message message) {
                        if (members.welcomed(peer, message) instanceof Result.Refused<?>(var why)) {
                            leave(peer, why);
                        } else {
                            dials.linked(peer);
                        }
                    }

                    @Override
                    public void refused(Refusal refusal) {
                        leave(peer, refusal);
                    }

                    @Override
                    public void lost(Refusal refusal) {
                        leave(peer, refusal);
                    }
                });
    }

    private void leave(NodeId peer, Refusal refusal) {
        turn.tell("tracker.refused", peer.brief(), refusal.toString());
        turn.add(new Effect.HangUp(peer, refusal.what()));
    }

    /** Shows every linked fellow that this tracker lives; asks it now and then who is there. */
    void beat() {
        for (Member fellow : members.fellows()) {
            questions.ask(fellow.id(), BEAT, config.waits().answer(), new Echo());
            members.asksDue(fellow)
                    .ifPresent(known ->
                            questions.ask(
                                    fellow.id(),
                                    new Membership.FindPeers(known),
                                    config.waits().answer(),
                                    new Named(fellow.id())));
        }
    }

    /** Takes up who is linked to a fellow. */
    private final class Named implements Questions.Ending {
        private final NodeId fellow;

        Named(NodeId fellow) {
            this.fellow = fellow;
        }

        @Override
        public void answered(Message message) {
            members.named(fellow, message);
        }

        @Override
        public void refused(Refusal refusal) {}

        @Override
        public void lost(Refusal refusal) {}
    }

    /** Nothing follows from a beat's echo: a silent fellow is noticed by the beats of its own. */
    private static final class Echo implements Questions.Ending {
        @Override
        public void answered(Message message) {}

        @Override
        public void refused(Refusal refusal) {}

        @Override
        public void lost(Refusal refusal) {}
    }
}
