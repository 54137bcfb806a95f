package orb.node;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.Incident;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.Witnessing;
import orb.kernel.port.Effect;
import orb.kernel.port.Table;
import orb.node.Node.Parts;
import orb.node.Node.Self;
import orb.node.around.Surroundings;
import orb.node.finding.HostSearch;
import orb.node.turn.Turn;
import orb.node.turn.Turn.Answer;
import orb.node.witness.Means;
import orb.overlay.Bandwidth;
import orb.overlay.Peer;
import orb.overlay.PeerRecord;

/** The peers that are linked, as the parts of a node in packages of their own see them. */
final class Trackers {
    private final Self self;
    private final Turn turn;
    private final Joining joining;
    private final Incidents incidents;

    Trackers(Self self, Parts parts, Incidents incidents) {
        this.self = self;
        this.turn = parts.turn();
        this.joining = parts.joining();
        this.incidents = incidents;
    }

    /** What holding trackers to one history needs of the other parts. */
    Means forWitness() {
        return new Means() {
            @Override
            public List<NodeId> trackers() {
                return joining.trackersLinked();
            }

            @Override
            public Optional<PublicKey> keyOf(NodeId peer) {
                return joining.keyOf(peer);
            }

            @Override
            public List<PublicKey> trackerKeys() {
                return joining.peers(_ -> false).peers().stream()
                        .filter(peer -> peer.role().equals(PeerRecord.Role.TRACKER.label()))
                        .flatMap(peer -> joining.keyOf(peer.id()).stream())
                        .toList();
            }

            @Override
            public void ask(NodeId tracker, Witnessing question, Consumer<Message> then) {
                Trackers.this.ask(
                        tracker,
                        question,
                        answer -> {
                            if (answer instanceof Answer.Said(var message)) {
                                then.accept(message);
                            }
                        });
            }

            @Override
            public void save(Bytes key, Bytes value) {
                turn.save(Table.CHECKPOINTS, key, value);
            }

            @Override
            public void tell(String kind, String subject, String detail) {
                turn.tell(turn.notice(kind, subject, detail));
            }

            @Override
            public void forked(NodeId tracker, String why) {
                incidents.note(
                        Incident.Kind.LEDGER_FORKED, Optional.empty(), Optional.of(tracker), why);
            }
        };
    }

    /**
     * What seeing who is around needs of the other parts.
     *
     * @param publish says in the hash table what has changed
     */
    Surroundings.Means forSurroundings(Runnable publish) {
        return new Surroundings.Means() {
            @Override
            public Instant now() {
                return turn.now();
            }

            @Override
            public List<NodeId> trackers() {
                return joining.trackersLinked();
            }

            @Override
            public void ask(NodeId tracker, Membership question, Consumer<Message> then) {
                Trackers.this.ask(
                        tracker,
                        question,
                        answer ->
                                then.accept(
                                        switch (answer) {
                                            case Answer.Said(var message) -> message;
                                            case Answer.Refused(var why) ->
                                                    new Message.Refused(why);
                                            case Answer.Lost(var why) -> new Message.Refused(why);
                                        }));
            }

            @Override
            public void meet(Bytes record) {
                joining.met(record, Peer.Source.TRACKER);
            }

            @Override
            public void measured(Bandwidth bandwidth) {
                self.said().carries(bandwidth);
                joining.introduceAgain();
                publish.run();
            }
        };
    }

    /** What looking for hosts needs of the other parts. */
    HostSearch.Means forSearch() {
        return new HostSearch.Means() {
            @Override
            public Instant now() {
                return turn.now();
            }

            @Override
            public void find(Digest key) {
                turn.add(new Effect.Find(key));
            }

            @Override
            public void dial(Contact contact) {
                turn.add(new Effect.Dial(contact));
            }

            @Override
            public boolean isLinked(NodeId peer) {
                return joining.isLinked(peer);
            }
        };
    }

    private void ask(NodeId tracker, Message question, Consumer<Answer> then) {
        turn.ask(tracker, question, self.config().waits().answer(), then);
    }
}
