package orb.node;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.UseReport;
import orb.kernel.port.Effect;
import orb.kernel.port.MachineUse;
import orb.node.Node.Self;
import orb.node.around.Link;
import orb.node.turn.Turn;
import orb.node.turn.Turn.Answer;
import orb.overlay.Peer;
import orb.overlay.PeerRecord;
import orb.overlay.PeerTable;
import orb.overlay.Presence;
import orb.overlay.Reconnect;
import orb.overlay.SignedRecord;

/**
 * Gets this node into the swarm and keeps it there.
 *
 * <p>It dials trackers that were met before, then those that discovery names, until several stand;
 * one of them is followed, and when its link is lost another is followed at once. Through the first
 * it meets other nodes and links to two of them directly. What was learned of peers is kept, so a
 * restart needs no bootstrap file. Pauses between dials grow and are drawn by chance ({@link
 * Reconnect}).
 */
final class Joining {
    static final String BEAT_TIMER = "beat";
    static final String DIAL_TIMER = "dial";

    /** A tracker that was silent for so many heartbeats is left. */
    private static final int SILENT_BEATS_MAX = 5;

    private static final int BEATS_A_REPORT = 5;

    private static final Duration GREET_EVERY = Duration.ofHours(6);

    private final Turn turn;
    private final Self self;
    private final Runs runs;
    private final Reconnect trackers;
    private final Reconnect neighbours;
    private final Map<NodeId, Link> links = new LinkedHashMap<>();
    private PeerTable table;
    private Optional<NodeId> followed = Optional.empty();
    private Optional<Instant> discovered = Optional.empty();
    private Consumer<NodeId> onTracker = _ -> {};
    private boolean isLeaving;
    private long beats;

    Joining(Turn turn, Self self, Runs runs) {
        this.turn = turn;
        this.self = self;
        this.runs = runs;
        NodeConfig config = self.config();
        Reconnect.Pace pace =
                new Reconnect.Pace(
                        config.waits().backOffMin(),
                        config.waits().backOffMax(),
                        config.bounds().peersMax());
        trackers = new Reconnect(pace, turn.chance());
        neighbours = new Reconnect(pace, turn.chance());
        table = new PeerTable(config.bounds().peersMax());
    }

    /** Whom to tell when a tracker has welcomed this node. */
    void onTracker(Consumer<NodeId> listener) {
        onTracker = listener;
    }

    /** Says goodbye to all peers, so that nobody takes this node for dead; dials no more. */
    void leave() {
        isLeaving = true;
        links.keySet().forEach(this::sayGoodbye);
    }

    private void sayGoodbye(NodeId peer) {
        turn.add(new Effect.HangUp(peer, Presence.GOODBYE));
    }

    /** Takes up the peers that were kept and starts to dial. */
    void start(NavigableMap<Bytes, Bytes> kept) {
        int peersMax = self.config().bounds().peersMax();
        table = PeerTable.from(peersMax, kept);
        table.contacts(PeerRecord.Role.TRACKER, peersMax)
                .forEach(contact -> trackers.offer(contact, true));
        table.contacts(PeerRecord.Role.NODE, peersMax)
                .forEach(contact -> neighbours.offer(contact, true));
        table.best(peersMax).stream().flatMap(p -> p.record().stream()).forEach(this::askThere);
        if (trackers.size() == 0) {
            discover();
        }
        dialDue();
        turn.wakeAfter(BEAT_TIMER, self.config().waits().beat());
    }

    void discovered(List<Contact> contacts) {
        for (Contact contact : contacts) {
            if (contact.id().equals(self.id())) {
                continue;
            }
            perform(table.learn(contact, Peer.Source.BOOTSTRAP, turn.now()));
            trackers.offer(contact, false);
        }
        if (contacts.isEmpty() && trackers.size() == 0) {
            tell("join.alone", "discovery", "no tracker is known: name one in the bootstrap file");
        }
        dialDue();
    }

    void linked(NodeId peer, Address remote, boolean dialled) {
        Link link = new Link(peer, remote, dialled, turn.now());
        links.put(peer, link);
        if (isLeaving) { // it was dialled before
            sayGoodbye(peer);
        } else if (dialled) {
            greet(link);
        } else {
            perform(table.observed(peer, remote, turn.now()));
        }
    }

    void dialFailed(Contact contact, Refusal refusal) {
        trackers.failed(contact.id(), turn.now());
        neighbours.failed(contact.id(), turn.now());
        perform(table.failed(contact.id()));
        tell("join.failed", contact.toString(), refusal.toString());
        wokeToDial();
    }

    void unlinked(NodeId peer, String reason) {
        links.remove(peer);
        trackers.lost(peer, turn.now());
        neighbours.lost(peer, turn.now());
        tell("join.unlinked", peer.brief(), reason);
        if (followed.isPresent() && followed.get().equals(peer)) {
            followed = trackersLinked().stream().findFirst();
            tell(
                    "join.following",
                    followed.map(NodeId::brief).orElse("nobody"),
                    "the link to " + peer.brief() + " is gone");
        }
        dialDue();
    }

    void wokeToDial() {
        if (followed.isEmpty()) {
            discover();
        }
        dialDue();
    }

    /**
     * Beats to every tracker, and leaves those that have been silent for long.
     *
     * @param report what trackers are told now and then, by what is used
     * @param incidents are told with it, if there are new ones
     */
    void wokeToBeat(Function<MachineUse, UseReport> report, Incidents incidents) {
        Duration beat = self.config().waits().beat();
        Duration silenceMax = beat.multipliedBy(SILENT_BEATS_MAX);
        Membership.Beat message =
                new Membership.Beat(runs.running(), runs.capacity(), runs.queueMicros());
        boolean reports = beats++ % BEATS_A_REPORT == 0;
        for (Link link : links.values()) {
            if (!link.isTracker()) {
                continue;
            }
            if (link.heard().plus(silenceMax).isBefore(turn.now())) {
                turn.add(new Effect.HangUp(link.peer, "no answer to heartbeats"));
                continue;
            }
            if (link.greeted().plus(GREET_EVERY).isBefore(turn.now())) {
                greet(link); // renews the record there before it ends
            }
            turn.ask(link.peer, message, silenceMax, answer -> beaten(link, answer));
            if (reports) {
                Membership.Use use = new Membership.Use(report.apply(runs.use()));
                turn.ask(link.peer, use, silenceMax, _ -> {});
                incidents.tell(link, silenceMax);
            }
        }
        turn.wakeAfter(BEAT_TIMER, beat);
    }

    private void beaten(Link link, Answer answer) {
        if (!(answer instanceof Answer.Lost)) {
            link.heard(turn.now());
            perform(table.seen(link.peer, turn.now()));
        }
    }

    /** Answers what peers ask about membership; empty if this node does not answer that. */
    Message answer(NodeId peer, Membership question) {
        return switch (question) {
            case Membership.Hello hello -> welcome(peer, hello);
            case Membership.FindPeers _ ->
                    new Membership.Peers(
                            table.records(peer, Membership.RECORDS_MAX, turn.now()), 0);
            case Membership.Beat beat -> beat;
            case Membership.FindNodes _,
                    Membership.Welcome _,
                    Membership.Peers _,
                    Membership.Gauge _,
                    Membership.Gauged _,
                    Membership.Use _,
                    Membership.Incidents _,
                    Membership.Nodes _ ->
                    new Message.Refused(
                            new Refusal(
                                    ErrorCode.BAD_ARGUMENT,
                                    "a node does not answer " + question.getClass().getSimpleName(),
                                    "ask a tracker"));
        };
    }

    private Message welcome(NodeId peer, Membership.Hello hello) {
        if (!hello.network().equals(self.network()) && !hello.network().equals(Digest.ZERO)) {
            return new Message.Refused(self.wrongNetwork(hello.network()));
        }
        Link link = links.get(peer);
        if (link == null) {
            return new Message.Refused(new Refusal(ErrorCode.PEER_LOST, "the link is gone"));
        }
        return switch (SignedRecord.openOwn(peer, hello.record(), turn.now())) {
            case Result.Ok<SignedRecord>(var record) -> {
                perform(table.learn(record, Peer.Source.PEER, turn.now()));
                askThere(record);
                link.welcomed(record, self.config().genesis().epoch(), turn.now());
                tell("join.met", peer.brief(), record.record().role().label() + " linked here");
                yield new Membership.Welcome(
                        self.network(),
                        self.record(turn.now()).bytes(),
                        link.remote,
                        table.records(peer, Membership.RECORDS_MAX, turn.now()),
                        self.config().genesis().epoch().toMillis());
            }
            case Result.Refused<SignedRecord>(var refusal) -> new Message.Refused(refusal);
        };
    }

    /** Says anew who this node is, to all that were greeted. */
    void introduceAgain() {
        links.values().stream().filter(Link::isWelcomed).toList().forEach(this::greet);
    }

    /** The hash table's network met a peer, or a tracker named it. */
    void met(Bytes record, Peer.Source source) {
        meet(record, source);
        dialDue();
    }

    private void greet(Link link) {
        link.greeted(turn.now());
        Membership.Hello hello =
                new Membership.Hello(
                        self.network(),
                        self.record(turn.now()).bytes(),
                        self.config().self().program());
        turn.ask(
                link.peer,
                hello,
                self.config().waits().answer(),
                answer -> greeted(link, answer.as(Membership.Welcome.class)));
    }

    private void greeted(Link link, Result<Membership.Welcome> answer) {
        if (links.get(link.peer) != link) {
            return; // the link went before the answer came
        }
        Result<SignedRecord> record =
                answer.then(welcome ->
                        welcome.network().equals(self.network())
                                ? SignedRecord.openOwn(link.peer, welcome.record(), turn.now())
                                : Result.refused(self.wrongNetwork(welcome.network())));
        if (answer instanceof Result.Ok<Membership.Welcome>(var welcome)
                && record instanceof Result.Ok<SignedRecord>(var signed)) {
            welcomed(link, welcome, signed);
        } else if (record instanceof Result.Refused<SignedRecord>(var refusal)) {
            perform(table.failed(link.peer));
            tell("join.refused", link.peer.brief(), refusal.toString());
            turn.add(new Effect.HangUp(link.peer, refusal.toString()));
        }
    }

    private void welcomed(Link link, Membership.Welcome welcome, SignedRecord record) {
        boolean first = !link.isWelcomed();
        link.welcomed(record, Duration.ofMillis(welcome.epochMillis()), turn.now());
        Peer.Source source = link.isTracker() ? Peer.Source.TRACKER : Peer.Source.PEER;
        perform(table.learn(record, source, turn.now()));
        askThere(record);
        if (link.dialled) {
            perform(table.dialled(new Contact(link.peer, link.remote), source, turn.now()));
        }
        welcome.peers().forEach(bytes -> meet(bytes, source));
        if (link.isTracker()) {
            trackers.offer(new Contact(link.peer, link.remote), true);
            trackers.linked(link.peer);
            neighbours.forget(link.peer);
        } else {
            trackers.forget(link.peer);
            neighbours.linked(link.peer);
        }
        if (first && link.isTracker()) {
            if (followed.isEmpty()) {
                followed = Optional.of(link.peer);
                tell("join.following", link.peer.brief(), "seen from " + welcome.observed());
            }
            onTracker.accept(link.peer);
        } else if (first) {
            tell("join.met", link.peer.brief(), "linked to this node");
        }
        dialDue();
    }

    /** Takes up a peer that another one told of; records that do not hold are passed over. */
    private void meet(Bytes bytes, Peer.Source source) {
        if (SignedRecord.open(bytes, turn.now()) instanceof Result.Ok<SignedRecord>(var signed)
                && !signed.id().equals(self.id())) {
            perform(table.learn(signed, source, turn.now()));
            if (source != Peer.Source.DHT) {
                askThere(signed);
            }
            Reconnect dials =
                    signed.record().role() == PeerRecord.Role.TRACKER ? trackers : neighbours;
            signed.record().contact().ifPresent(contact -> dials.offer(contact, false));
        }
    }

    private void askThere(SignedRecord peer) {
        if (!peer.record().route().isEmpty()) {
            turn.add(new Effect.Meet(peer.record().route()));
        }
    }

    /** Dials what is due: trackers up to their number, nodes once a tracker is followed. */
    private void dialDue() {
        if (isLeaving) {
            return;
        }
        NodeConfig.Bounds bounds = self.config().bounds();
        dial(trackers, bounds.trackersMax());
        if (followed.isPresent()) {
            dial(neighbours, bounds.neighboursMax());
        }
        Stream<Duration> waits = untilDial(trackers, bounds.trackersMax()).stream();
        Stream<Duration> more =
                followed.stream()
                        .flatMap(_ -> untilDial(neighbours, bounds.neighboursMax()).stream());
        Optional<Duration> next = Stream.concat(waits, more).min(Comparator.naturalOrder());
        Duration longest = self.config().waits().backOffMax();
        if (next.isPresent() || followed.isEmpty()) {
            Duration wait = next.orElse(longest);
            turn.wakeAfter(DIAL_TIMER, wait.toMillis() < 1 ? Duration.ofMillis(1) : wait);
        }
    }

    private Optional<Duration> untilDial(Reconnect dials, int linksMax) {
        return dials.busy() < linksMax ? dials.untilNext(turn.now()) : Optional.empty();
    }

    private void dial(Reconnect dials, int linksMax) {
        while (dials.busy() < linksMax) {
            Optional<Contact> due = dials.next(turn.now());
            if (due.isEmpty()) {
                return;
            }
            Contact contact = due.get();
            if (links.containsKey(contact.id())) {
                dials.linked(contact.id()); // it has linked to this node
            } else if (contact.id().equals(self.id())) {
                dials.forget(contact.id());
            } else {
                turn.add(new Effect.Dial(contact));
            }
        }
    }

    private void discover() {
        Duration pause = self.config().waits().backOffMax();
        if (discovered.isEmpty() || !turn.now().isBefore(discovered.get().plus(pause))) {
            discovered = Optional.of(turn.now());
            turn.add(new Effect.Discover());
        }
    }

    /** The tracker that is asked and that routes this node's calls. */
    Optional<NodeId> followed() {
        return followed;
    }

    /** The followed tracker let a question lapse: another one is followed, if one is linked. */
    void followAnother(NodeId silent) {
        List<NodeId> linked = trackersLinked();
        if (followed.filter(silent::equals).isPresent() && linked.size() > 1) {
            NodeId next = linked.get((linked.indexOf(silent) + 1) % linked.size());
            followed = Optional.of(next);
            tell("join.following", next.brief(), silent.brief() + " did not answer in time");
        }
    }

    boolean isTracker(NodeId peer) {
        Link link = links.get(peer);
        return link != null && link.isTracker();
    }

    /** Trackers that welcomed this node. */
    List<NodeId> trackersLinked() {
        return links.values().stream().filter(Link::isTracker).map(link -> link.peer).toList();
    }

    /** Other nodes with a direct link. */
    List<NodeId> neighboursLinked() {
        return links.values().stream().filter(Link::isNeighbour).map(link -> link.peer).toList();
    }

    List<NodeId> linkedPeers() {
        return List.copyOf(links.keySet());
    }

    boolean isLinked(NodeId peer) {
        return links.containsKey(peer);
    }

    /** Length of a settlement epoch, as the followed tracker says. */
    Duration epoch() {
        return followed.map(links::get)
                .map(Link::epoch)
                .filter(length -> !length.isZero())
                .orElse(self.config().genesis().epoch());
    }

    /** The key of a peer whose record is known. */
    Optional<PublicKey> keyOf(NodeId peer) {
        return table.find(peer).flatMap(Peer::record).map(signed -> signed.record().key());
    }

    /** Asks the followed tracker; refused as NOT_CONNECTED if there is none. */
    void askTracker(Message message, Duration timeout, Consumer<Answer> then) {
        if (followed.isPresent()) {
            turn.ask(followed.get(), message, timeout, then);
        } else {
            then.accept(new Answer.Refused(notConnected()));
        }
    }

    /** As {@link #askTracker(Message, Duration, Consumer)} with the ordinary wait. */
    void askTracker(Message message, Consumer<Answer> then) {
        askTracker(message, self.config().waits().answer(), then);
    }

    Refusal notConnected() {
        return new Refusal(
                ErrorCode.NOT_CONNECTED,
                "no tracker is linked; " + trackers.size() + " are known and dialled in turn",
                "orb peers");
    }

    /** All peers that are known; {@code isNamed} says whom a tracker has named lately. */
    NodeReply.PeerList peers(Predicate<NodeId> isNamed) {
        return new NodeReply.PeerList(
                table.best(self.config().bounds().peersMax()).stream()
                        .map(peer ->
                                NodeReply.PeerView.of(
                                        peer, links.get(peer.id()), isNamed.test(peer.id())))
                        .toList());
    }

    private void perform(List<Effect> effects) {
        effects.forEach(turn::add);
    }

    private void tell(String kind, String subject, String detail) {
        turn.tell(turn.notice(kind, subject, detail));
    }
}
