package orb.tracker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.NodeView;
import orb.kernel.port.Effect;
import orb.ledger.Ledger;
import orb.ledger.Registered;
import orb.overlay.Assurance;
import orb.overlay.Peer;
import orb.overlay.PeerRecord;
import orb.overlay.PeerTable;
import orb.overlay.Presence;
import orb.overlay.Roll;
import orb.overlay.Sightings;
import orb.overlay.SignedRecord;
import orb.overlay.Standing;
import orb.overlay.dht.Key;

/**
 * Who is here: joining, beating, leaving, and what of it is kept.
 *
 * <p>A peer is a member from its Hello to the end of its link or its silence. What was learned of
 * it stays in {@link orb.kernel.port.Table#PEERS}.
 */
final class Members {
    private static final Duration RECORD_LIFE = Duration.ofHours(12);
    private static final Duration PUBLISH_EVERY = Duration.ofMinutes(5);
    private static final int ROWS_MAX = 500;

    private final Turn turn;
    private final TrackerConfig config;
    private final KeyPair key;
    private final Ledger ledger;
    private final Hosts hosts;
    private final Presence presence;
    private PeerTable table;
    private final Map<NodeId, Address> links = new TreeMap<>();
    private final Map<NodeId, Member> members = new LinkedHashMap<>();
    private Optional<SignedRecord> own = Optional.empty();
    private Bytes route = Bytes.EMPTY;
    private Instant published = Instant.EPOCH;
    private final Sightings sightings = new Sightings();
    private Optional<Roll> roll = Optional.empty(); // empty once it is old

    Members(Turn turn, TrackerConfig config, KeyPair key, Ledger ledger, Hosts hosts) {
        this.turn = turn;
        this.config = config;
        this.key = key;
        this.ledger = ledger;
        this.hosts = hosts;
        presence = new Presence(config.presence());
        table = new PeerTable(config.bounds().peersMax());
    }

    /** Takes up the peers that were kept. */
    void start(NavigableMap<Bytes, Bytes> kept) {
        table = PeerTable.from(config.bounds().peersMax(), kept);
    }

    void linked(NodeId peer, Address remote) {
        links.put(peer, remote);
    }

    /** A link is gone, and with it the member. */
    void unlinked(NodeId peer, String reason) {
        links.remove(peer);
        boolean clean = reason.equals(Presence.GOODBYE);
        presence.unlinked(peer, clean).ifPresent(change -> changed(change, reason));
        drop(peer);
    }

    /** Answers a Hello; the member that it made, if it was welcome. */
    Optional<Member> hello(Asker.Peer asker, Membership.Hello hello) {
        try {
            Member member = admit(asker.id(), hello);
            turn.answer(asker, welcome(asker.id()));
            return Optional.of(member);
        } catch (RefusedException e) {
            turn.refuse(asker, e.refusal());
            return Optional.empty();
        }
    }

    private Member admit(NodeId peer, Membership.Hello hello) {
        if (!links.containsKey(peer)) { // its link ended before the question came through
            throw refuse(
                    ErrorCode.NOT_CONNECTED,
                    "peer " + peer.brief() + " is not linked",
                    "dial again");
        }
        Digest network = network();
        if (!hello.network().equals(network) && !hello.network().equals(Digest.ZERO)) {
            throw refuse(
                    ErrorCode.WRONG_NETWORK,
                    "this is swarm " + network + ", not " + hello.network(),
                    "use the bootstrap file of your swarm");
        }
        SignedRecord record = SignedRecord.open(hello.record(), turn.now()).orThrow();
        if (!record.id().equals(peer)) {
            throw refuse(
                    ErrorCode.WRONG_PEER_KEY,
                    "the record is of " + record.id().brief() + ", the link of " + peer.brief(),
                    "send your own record");
        }
        Member known = members.get(peer);
        if (known == null && members.size() >= config.bounds().membersMax()) {
            throw refuse(
                    ErrorCode.BUSY,
                    members.size() + " nodes are linked to this tracker",
                    "join through another tracker");
        }
        turn.addAll(table.learn(record, Peer.Source.PEER, turn.now()));
        turn.addAll(table.observed(peer, observed(peer), turn.now()));
        return joined(record);
    }

    private Member joined(SignedRecord record) {
        askThere(record);
        NodeId peer = record.id();
        // the link proves who this is, so it counts whatever its record's number
        presence.join(peer, 0, turn.now());
        Member known = members.get(peer);
        if (known != null) {
            known.saysAgain(record);
            known.isSuspect(false);
            roll = Optional.empty();
            return known;
        }
        Member member = new Member(record, turn);
        members.put(peer, member);
        roll = Optional.empty();
        turn.tell(kind(member) + ".alive", peer.toString(), "joined from " + observed(peer));
        if (isNode(member)) {
            hosts.arrived(turn.now());
            tellStanding(member, Standing.DISCOVERED, "joined");
            followStanding(member);
        }
        return member;
    }

    private static String kind(Member member) {
        return isNode(member) ? "node" : "tracker";
    }

    /** What a tracker that was greeted says; the member that it is now, or why it is none. */
    Result<Member> welcomed(NodeId peer, Message answer) {
        if (!links.containsKey(peer) || !(answer instanceof Membership.Welcome welcome)) {
            return Result.refused(ErrorCode.NOT_CONNECTED, "it did not welcome this tracker");
        }
        if (!welcome.network().equals(network())) {
            return Result.refused(ErrorCode.WRONG_NETWORK, "it is of swarm " + welcome.network());
        }
        return SignedRecord.open(welcome.record(), turn.now())
                .then(record ->
                        record.id().equals(peer)
                                        && record.record().role() == PeerRecord.Role.TRACKER
                                ? Result.ok(record)
                                : Result.refused(
                                        ErrorCode.WRONG_PEER_KEY, "it showed another's record"))
                .map(record -> {
                    turn.addAll(table.learn(record, Peer.Source.TRACKER, turn.now()));
                    return joined(record);
                });
    }

    Digest network() {
        return ledger.genesis().network();
    }

    private Membership.Welcome welcome(NodeId reader) {
        return new Membership.Welcome(
                network(),
                ownRecord().bytes(),
                observed(reader),
                table.records(reader, Membership.RECORDS_MAX, turn.now()),
                ledger.genesis().epoch().toMillis());
    }

    private Address observed(NodeId peer) {
        Address remote = links.get(peer);
        if (remote == null) {
            throw new IllegalStateException("asked by " + peer + ", which is not linked");
        }
        return remote;
    }

    /** This tracker's record, signed again when half of its life is over. */
    SignedRecord ownRecord() {
        Instant now = turn.now();
        SignedRecord current =
                own.filter(r -> r.record().expires().isAfter(now.plus(RECORD_LIFE.dividedBy(2))))
                        .orElseGet(() -> signRecord(now));
        own = Optional.of(current);
        return current;
    }

    private SignedRecord signRecord(Instant now) {
        long after = own.map(r -> r.record().sequence() + 1).orElse(0L);
        return new PeerRecord(
                        key.publicKey(),
                        PeerRecord.Role.TRACKER,
                        config.dev(),
                        config.domain(),
                        config.addresses(),
                        config.capabilities(),
                        Assurance.L1,
                        Credits.ZERO,
                        0,
                        route,
                        Math.max(after, now.toEpochMilli()),
                        now.plus(RECORD_LIFE))
                .sign(key);
    }

    /** Where this tracker's part of the hash table can be asked from now on. */
    void routed(Bytes now) {
        route = now;
        own = Optional.empty();
        roll = Optional.empty();
        published = Instant.EPOCH;
    }

    /** Says in the hash table, now and then, who this tracker is. */
    void publish() {
        if (!route.isEmpty() && !turn.now().isBefore(published.plus(PUBLISH_EVERY))) {
            published = turn.now();
            turn.add(
                    new Effect.Publish(
                            Key.of(NodeId.of(key.publicKey())).point(), ownRecord().bytes()));
        }
    }

    /** The hash table's network met a peer; a record that does not hold is passed over. */
    void met(Bytes record) {
        if (SignedRecord.open(record, turn.now()) instanceof Result.Ok<SignedRecord>(var signed)
                && !signed.id().equals(NodeId.of(key.publicKey()))) {
            turn.addAll(table.learn(signed, Peer.Source.DHT, turn.now()));
        }
    }

    private void askThere(SignedRecord peer) {
        if (!peer.record().route().isEmpty()) {
            turn.add(new Effect.Meet(peer.record().route()));
        }
    }

    /** A member beats; its echo is the answer. */
    void beat(Asker asker, Member member, Membership.Beat beat) {
        member.beats(beat);
        turn.answer(asker, beat);
    }

    /** Whatever a member says shows that it lives. */
    void seen(Member member) {
        presence.beat(member.id(), turn.now()).ifPresent(change -> changed(change, "beats"));
        member.isSuspect(false);
        turn.addAll(table.seen(member.id(), turn.now()));
    }

    /** Finds those that fell silent; the members that are dead by now, whose links are closed. */
    List<Member> sweep() {
        List<Member> dead = new ArrayList<>();
        for (Presence.Change change : presence.sweep(turn.now())) {
            changed(change, "no beat");
            Member member = members.get(change.peer());
            if (member != null && change.after() == Presence.State.SUSPECT) {
                member.isSuspect(true);
            } else if (member != null) {
                dead.add(member);
                drop(change.peer());
                turn.add(new Effect.HangUp(change.peer(), "no beat"));
            }
        }
        return dead;
    }

    /** Tells how far nodes have come since the last time. */
    void followStandings() {
        members.values().stream().filter(Members::isNode).forEach(this::followStanding);
    }

    private void followStanding(Member node) {
        if (!node.isBound()) {
            node.isBound(ledger.node(node.id()).isPresent());
        }
        node.comesFurther()
                .ifPresent(before -> tellStanding(node, node.standing(), "was " + before.label()));
    }

    private void tellStanding(Member node, Standing now, String why) {
        turn.tell("standing." + now.label(), node.id().toString(), why);
    }

    private void changed(Presence.Change change, String why) {
        if (change.after() == Presence.State.DEAD) {
            turn.addAll(table.failed(change.peer()));
        }
        String kind = find(change.peer()).map(Members::kind).orElse("node");
        turn.tell(kind + "." + change.after().label(), change.peer().toString(), why);
    }

    private void drop(NodeId peer) {
        Member member = members.remove(peer);
        roll = Optional.empty();
        sightings.lost(peer);
        if (member != null) {
            member.isGone = true;
            hosts.gone(member);
            if (isNode(member)) {
                tellStanding(member, Standing.LOST, "was " + member.standing().label());
            }
        }
    }

    Optional<Member> find(NodeId peer) {
        return Optional.ofNullable(members.get(peer));
    }

    /** Passes on what a host is to be asked, before anything is kept for one that is not there. */
    void withHost(Asker asker, NodeId host, Runnable ask) {
        if (find(host).isPresent()) {
            ask.run();
        } else {
            String what = "host " + host + " is not linked now";
            turn.refuse(asker, ErrorCode.UNKNOWN_PEER, what, "ask again when it is back");
        }
    }

    /** Members that run functions, in the order in which they joined; a copy. */
    List<Member> nodes() {
        return members.values().stream().filter(Members::isNode).toList();
    }

    /** What the nodes said last of what they use. */
    TrackerReply.Use use() {
        return new TrackerReply.Use(
                nodes().stream()
                        .flatMap(node ->
                                node.use.stream()
                                        .map(report -> new TrackerReply.NodeUse(node.id(), report)))
                        .toList());
    }

    /** Other trackers that are linked, in the order in which they joined; a copy. */
    List<Member> fellows() {
        return members.values().stream().filter(member -> !isNode(member)).toList();
    }

    boolean isFellow(NodeId peer) {
        return find(peer).filter(member -> !isNode(member)).isPresent();
    }

    static boolean isNode(Member member) {
        return member.record().record().role() == PeerRecord.Role.NODE;
    }

    int count() {
        return (int) members.values().stream().filter(Members::isNode).count();
    }

    /**
     * This tracker and who is linked to it; {@code Done} where the asker knows them as they are.
     */
    Message peers(long known) {
        if (own.isEmpty() || !own.get().equals(ownRecord())) {
            roll = Optional.empty();
        }
        Roll current =
                roll.orElseGet(() ->
                        Roll.of(
                                Stream.concat(
                                                Stream.of(ownRecord()),
                                                members.values().stream().map(Member::record))
                                        .limit(Membership.RECORDS_MAX)
                                        .toList()));
        roll = Optional.of(current);
        return current.revision() == known
                ? new Message.Done()
                : new Membership.Peers(current.records(), current.revision());
    }

    /** The revision of what a fellow said last; empty while it is too early to ask it again. */
    OptionalLong asksDue(Member fellow) {
        return fellow.isAsked(turn.now())
                ? OptionalLong.empty()
                : OptionalLong.of(sightings.revision(fellow.id()));
    }

    /** A fellow says who is linked to it. */
    void named(NodeId fellow, Message answer) {
        sightings
                .told(fellow, answer, turn.now())
                .forEach(one -> turn.addAll(table.learn(one, Peer.Source.TRACKER, turn.now())));
    }

    /** A member measures its way here. */
    void gauge(Asker asker, Member member, Membership.Gauge gauge) {
        if (member.mayGauge()) {
            turn.answer(asker, new Membership.Gauged(Bytes.wrap(new byte[gauge.wanted()])));
        } else {
            turn.refuse(
                    asker,
                    ErrorCode.BUSY,
                    "peer " + member.id().brief() + " has measured its way often in this minute",
                    "ask again in a minute");
        }
    }

    /** One node, or the live ones and then those seen last, as many as one answer holds. */
    Membership.Nodes nodes(Optional<Digest> one) {
        if (one.isPresent()) {
            NodeId id = new NodeId(one.get());
            return new Membership.Nodes(view(id).stream().toList());
        }
        Map<NodeId, NodeView> views = new LinkedHashMap<>();
        members.keySet().stream()
                .limit(ROWS_MAX)
                .forEach(id -> view(id).ifPresent(view -> views.put(id, view)));
        for (Peer peer : table.best(ROWS_MAX)) {
            if (views.size() < ROWS_MAX && !views.containsKey(peer.id()) && !peer.isTracker()) {
                view(peer.id()).ifPresent(view -> views.put(peer.id(), view));
            }
        }
        return new Membership.Nodes(List.copyOf(views.values()));
    }

    private Optional<NodeView> view(NodeId id) {
        Optional<Peer> peer = table.find(id);
        Optional<Member> member = find(id);
        Optional<SignedRecord> record =
                member.map(Member::record).or(() -> peer.flatMap(Peer::record));
        if (record.filter(r -> r.record().role() == PeerRecord.Role.NODE).isEmpty()) {
            return Optional.empty();
        }
        boolean isNamed = member.isEmpty() && sightings.isNamed(id, turn.now());
        Presence.State state =
                isNamed
                        ? Presence.State.ALIVE
                        : presence.sight(id).map(Presence.Sight::state).orElse(Presence.State.DEAD);
        Instant seen =
                presence.sight(id)
                        .map(Presence.Sight::lastSeen)
                        .or(() -> peer.map(Peer::lastSeen))
                        .orElse(Instant.EPOCH);
        String owner = owner(id);
        Standing standing =
                member.map(Member::standing)
                        .orElse(Standing.of(isNamed, !owner.isEmpty(), false, false));
        return Optional.of(
                new NodeView(
                        id,
                        owner,
                        state.label(),
                        standing.label(),
                        record.get().record().address(),
                        member.map(Member::running).orElse(0),
                        member.map(Member::capacity).orElse(0),
                        member.map(m -> m.serves.size()).orElse(0),
                        (isNamed ? turn.now() : seen).toEpochMilli(),
                        record.get().record().machine()));
    }

    /** Name of the account that a node works for, empty before one is bound. */
    String owner(NodeId node) {
        return ledger.node(node)
                .flatMap(bound -> ledger.owner(bound.account()))
                .map(Registered.Owner::name)
                .orElse("");
    }

    private static RefusedException refuse(ErrorCode code, String what, String next) {
        return new RefusedException(new Refusal(code, what, next));
    }
}
