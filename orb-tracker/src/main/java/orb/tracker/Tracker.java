package orb.tracker;

import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.Calling;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.message.Seeding;
import orb.kernel.message.Witnessing;
import orb.kernel.port.Command;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Machine;
import orb.kernel.port.Reply;
import orb.kernel.port.Table;
import orb.ledger.Entry;
import orb.ledger.Genesis;
import orb.ledger.Ledger;
import orb.ledger.Registered;
import orb.ledger.SignedEntry;
import orb.ledger.proof.LogRoster;
import orb.ledger.proof.TilePath;
import orb.overlay.Transfer;
import orb.tracker.analytics.Settlements;
import orb.tracker.log.Checkpoints;
import orb.tracker.log.Means;

/**
 * The super-node role as a pure step: who is there, which functions there are, what the ledger
 * says, and the way of a call to its host.
 *
 * <p>It decides nothing that a client must believe: entries are signed by those whom they bind,
 * receipts by hosts, records by their peers. It never trusts a node either; what a node says is
 * checked before it counts. One owner calls it, one event at a time; it is not thread-safe.
 */
public final class Tracker implements Machine {
    private static final String SWEEP = "sweep";

    private final Turn turn;
    private final TrackerConfig config;
    private final NodeId self;
    private final Ledger ledger;
    private final Hosts hosts;
    private final Lookup lookup;
    private final Questions questions;
    private final Members members;
    private final Incidents incidents;
    private final Settlements settlements;
    private final Fellows fellows;
    private final Offers offers;
    private final Artefacts artefacts;
    private final Channels channels;
    private final Lanes lanes;
    private final LostReceipts lostReceipts;
    private final Book book;
    private final Checkpoints checkpoints;
    private final Operator operator;
    private final Deploys deploys;
    private final Calls calls;
    private boolean isStarted;

    private Tracker(
            TrackerConfig config, KeyPair machineKey, Genesis genesis, RandomGenerator chance) {
        this.config = config;
        turn = new Turn(chance);
        self = NodeId.of(machineKey.publicKey());
        ledger = new Ledger(genesis);
        settlements = new Settlements(ledger);
        hosts = new Hosts(ledger);
        lookup = new Lookup(ledger, hosts);
        questions = new Questions(turn, config.bounds().questionsMax());
        members = new Members(turn, config, machineKey, ledger, hosts);
        incidents = new Incidents(turn, ledger, self, members);
        fellows = new Fellows(turn, config, self, members, questions);
        offers = new Offers(turn, questions, config, lookup);
        artefacts =
                new Artefacts(
                        turn,
                        config,
                        new Artefacts.Means(
                                questions, this::sources, members::isFellow, incidents));
        channels = new Channels(turn, ledger, machineKey);
        lanes = new Lanes(turn, channels, questions, config);
        lostReceipts = new LostReceipts(questions, lanes, config);
        book = new Book(turn, ledger, config, this::applied);
        checkpoints =
                new Checkpoints(
                        new LogMeans(), machineKey, roster(config, machineKey, genesis), ledger);
        operator = new Operator(turn, book, ledger, machineKey);
        deploys = new Deploys(turn, book, ledger, artefacts, config);
        calls =
                new Calls(
                        new Calls.Routes(
                                hosts,
                                lanes,
                                lostReceipts,
                                channels,
                                questions,
                                new Elsewhere(turn, channels, members, questions),
                                incidents,
                                settlements.analytics()),
                        turn,
                        config,
                        chance);
    }

    /** Those that the tracker was told of; alone it is its own quorum. */
    private static LogRoster roster(TrackerConfig config, KeyPair key, Genesis genesis) {
        List<PublicKey> own = List.of(key.publicKey());
        return new LogRoster(genesis.network(), config.roster().isEmpty() ? own : config.roster());
    }

    /** What keeping one history needs of the other parts. */
    private final class LogMeans implements Means {
        @Override
        public Instant now() {
            return turn.now();
        }

        @Override
        public List<NodeId> fellows() {
            return members.fellows().stream().map(Member::id).toList();
        }

        @Override
        public List<NodeId> nodes() {
            return members.nodes().stream().map(Member::id).toList();
        }

        @Override
        public void ask(NodeId peer, Witnessing question, Consumer<Message> then) {
            questions.ask(peer, question, config.waits().answer(), new Questions.Hoped(then));
        }

        @Override
        public void save(Bytes key, Bytes value) {
            turn.save(Table.CHECKPOINTS, key, value);
        }

        @Override
        public void tell(String kind, String subject, String detail) {
            turn.tell(kind, subject, detail);
        }

        @Override
        public void forked(NodeId tracker, String why) {
            incidents.forked(tracker, why);
        }
    }

    /**
     * A tracker before its first event.
     *
     * @param config what it is told, and its bounds
     * @param machineKey proves its links, signs its record and vouchers; its digest is its Orb id
     * @param genesis what the swarm agreed on; its digest is the swarm's id
     * @param chance for call ids, which must not be guessable, and for choosing hosts
     */
    public static Tracker of(
            TrackerConfig config, KeyPair machineKey, Genesis genesis, RandomGenerator chance) {
        return new Tracker(config, machineKey, genesis, chance);
    }

    @Override
    public List<Effect> step(Instant now, Event event) {
        turn.begin(now);
        take(event);
        List<Effect> effects = turn.end();
        return isStarted ? effects : List.of(); // a replay changes the state and does nothing
    }

    private void take(Event event) {
        switch (event) {
            case Event.Started(var kept) -> start(kept);
            case Event.Linked(var peer, var remote, var isDialled) -> {
                members.linked(peer, remote);
                if (isDialled) {
                    fellows.linked(peer);
                }
            }
            case Event.Unlinked(var peer, var reason) -> {
                members.unlinked(peer, reason);
                fellows.unlinked(peer);
            }
            case Event.Discovered(var contacts) -> fellows.discovered(contacts);
            case Event.Routed(var route) -> members.routed(route);
            case Event.Met(var record) -> members.met(record);
            case Event.DialFailed(var contact, _) -> fellows.dialFailed(contact.id());
            case Event.Asked(long inbound, var peer, var message) ->
                    asked(new Asker.Peer(inbound, peer), message);
            case Event.Answered(long exchange, _, var message) ->
                    questions.answered(exchange, message);
            case Event.Unanswered(long exchange, _, var refusal) ->
                    questions.unanswered(exchange, refusal);
            case Event.Woke(var timer) -> woke(timer);
            case Event.Ordered(long index, var time, var entry) -> {
                checkpoints.ordering(time, entry);
                book.ordered(index, time, entry);
            }
            case Event.OrderingFailed(var entry, var refusal) ->
                    book.orderingFailed(entry, refusal);
            case Event.BlobStored(var digest, var refusal) -> {
                deploys.stored(digest, refusal);
                artefacts.stored(digest, refusal);
            }
            case Event.BlobLoaded(var digest, var content) -> artefacts.loaded(digest, content);
            case Event.Prepared(var artefact, var facts) -> deploys.prepared(artefact, facts);
            case Event.Ran(long run, var outcome, var facts) -> deploys.ran(run, outcome, facts);
            case Event.Noticed(var kind, var artefact, var detail) ->
                    incidents.noticed(kind, artefact, detail);
            case Event.Measured _, Event.Found _ -> {} // its nodes run functions and look for them
            case Event.Commanded(long command, var what) ->
                    commanded(new Asker.Person(command), what);
        }
    }

    private void start(NavigableMap<Table, NavigableMap<Bytes, Bytes>> kept) {
        isStarted = true;
        hosts.arrived(turn.now());
        NavigableMap<Bytes, Bytes> none = new TreeMap<>();
        members.start(kept.getOrDefault(Table.PEERS, none));
        offers.start(kept.getOrDefault(Table.NOTICES, none));
        lanes.start(kept.getOrDefault(Table.LANES, none));
        incidents.start(kept.getOrDefault(Table.INCIDENTS, none));
        checkpoints.start(kept.getOrDefault(Table.CHECKPOINTS, none));
        turn.wakeAfter(SWEEP, config.waits().sweep());
        operator.register();
        fellows.start();
        turn.tell("tracker.started", self.toString(), ledger.next() + " entries");
    }

    private void woke(String timer) {
        switch (timer) {
            case SWEEP -> {
                members.sweep();
                members.followStandings();
                members.publish();
                calls.sweep();
                lostReceipts.sweep(host -> members.find(host).isPresent());
                deploys.sweep();
                book.sweep();
                artefacts.sweep();
                fellows.beat();
                incidents.sweep();
                checkpoints.tick();
                operator.register();
                turn.wakeAfter(SWEEP, config.waits().sweep());
            }
            case Lanes.TIMER -> lanes.woke();
            case Fellows.TIMER -> fellows.woke();
            default -> throw new IllegalArgumentException("no timer was set that is " + timer);
        }
    }

    /** An entry of the log was applied, now or in a replay. */
    private void applied(SignedEntry signed, Bytes bytes, Ledger.Applied applied) {
        channels.applied(signed, bytes, applied.entry()).ifPresent(lanes::closed);
        settlements.applied(signed, applied);
        if (signed.entry() instanceof Entry.DeployFunction(var key, var version, _)) {
            FunctionId function = FunctionId.of(key);
            hosts.replaced(function);
            artefacts.deployed(
                    function,
                    new Transfer.Wanted(version.artefact(), version.size(), version.name()));
            offers.deployed(applied.index(), function);
            turn.tell("function.available", version.name(), "version " + version.version());
            members.nodes().forEach(offers::tellNext);
        }
    }

    /** Where an executable may be had: at its hosts, and at other trackers. */
    private List<NodeId> sources(FunctionId function) {
        return Stream.concat(hosts.of(function).stream(), members.fellows().stream())
                .map(Member::id)
                .toList();
    }

    private void asked(Asker.Peer asker, Message message) {
        Optional<Member> member = members.find(asker.id());
        if (message instanceof Membership.Hello hello) {
            members.hello(asker, hello)
                    .ifPresent(welcome -> {
                        lostReceipts.joined(welcome.id());
                        incidents.judge(welcome);
                        offers.joined(welcome);
                    });
        } else if (member.isEmpty()) {
            turn.refuse(
                    asker,
                    ErrorCode.NOT_CONNECTED,
                    "peer " + asker.id().brief() + " has not said Hello on this link",
                    "say Hello first");
        } else {
            members.seen(member.get());
            fromMember(asker, member.get(), message);
        }
    }

    private void fromMember(Asker.Peer asker, Member member, Message message) {
        switch (message) {
            case Membership.Beat beat -> {
                members.beat(asker, member, beat);
                offers.tellNext(member);
            }
            case Membership.Use(var report) -> {
                member.use = Optional.of(report);
                turn.answer(asker, new Message.Done());
            }
            case Membership.Incidents(var said) -> {
                incidents.said(member, said);
                turn.answer(asker, new Message.Done());
            }
            case Seeding.Serving serving -> serving(asker, member, serving);
            case Seeding.Stopped(var function, var reason) ->
                    stopped(asker, member, function, reason);
            case Calling.Invoke invoke -> calls.invoke(asker, invoke);
            case Calling.Pay pay ->
                    members.withHost(
                            asker, pay.host(), () -> lanes.pay(asker, pay).ifPresent(calls::wake));
            case Calling.FindProof(var call, var host) -> findProof(asker, call, host);
            case Calling.Owed(var receipt) -> lanes.owed(asker, receipt);
            case Membership.Gauge gauge -> members.gauge(asker, member, gauge);
            case Membership other -> membership(asker, other);
            case Seeding.Fetch fetch -> artefacts.fetch(asker, fetch);
            case Registry question -> registry(asker, question);
            case Witnessing said -> turn.answer(asker, witnessing(asker.id(), said));
            case Seeding _, Calling _, Message.Done _, Message.Refused _ ->
                    refuseNoQuestion(asker, message);
        }
    }

    private Message witnessing(NodeId peer, Witnessing said) {
        return switch (said) {
            case Witnessing.Offer(var note) -> checkpoints.offered(peer, note);
            case Witnessing.FindCheckpoint(long older) -> checkpoints.find(older);
            case Witnessing.Fraud fraud -> checkpoints.accused(fraud);
            case Witnessing.Cosigned _, Witnessing.Checkpoint _ ->
                    new Message.Refused(
                            new Refusal(ErrorCode.BAD_ARGUMENT, "this is no question", ""));
        };
    }

    private void membership(Asker asker, Membership message) {
        switch (message) {
            case Membership.FindNodes(var node) -> turn.answer(asker, members.nodes(node));
            case Membership.FindPeers(var known) -> turn.answer(asker, members.peers(known));
            case Membership _ -> refuseNoQuestion(asker, message);
        }
    }

    private void registry(Asker asker, Registry question) {
        switch (question) {
            case Registry.Submit(var entry) -> book.submit(asker, entry);
            case Registry.Deploy deploy -> deploys.deploy(asker, deploy);
            case Registry.FindFunction(var name) -> turn.answer(asker, lookup.find(name));
            case Registry.Search search -> turn.answer(asker, lookup.search(search));
            case Registry.FindAccount(var account) -> turn.answer(asker, lookup.account(account));
            case Registry.FindHistory find -> turn.answer(asker, lookup.history(find));
            case Registry.FindEntry(long index) -> turn.answer(asker, book.find(index));
            case Registry.FindChannel(var channel) ->
                    turn.answer(
                            asker,
                            new Registry.Entry(
                                    channels.opening(channel), ledger.time().toEpochMilli()));
            case Registry.Submitted _,
                    Registry.Deployed _,
                    Registry.Functions _,
                    Registry.Account _,
                    Registry.History _,
                    Registry.Entry _ ->
                    refuseNoQuestion(asker, question);
        }
    }

    private void refuseNoQuestion(Asker asker, Message message) {
        turn.refuse(
                asker,
                ErrorCode.BAD_ARGUMENT,
                message.getClass().getSimpleName() + " is no question for a tracker",
                "");
    }

    private void serving(Asker asker, Member member, Seeding.Serving said) {
        switch (hosts.serving(member, said)) {
            case Result.Refused<Registered.Function>(var refusal) -> {
                turn.tell("seed.refused", said.function().toString(), member.id() + ": " + refusal);
                turn.refuse(asker, refusal);
            }
            case Result.Ok<Registered.Function>(var function) -> {
                turn.tell("seed.serving", function.name().toString(), member.id().toString());
                turn.answer(asker, new Message.Done());
                calls.wake(function.id());
            }
        }
    }

    private void stopped(Asker asker, Member member, FunctionId function, String reason) {
        if (hosts.stopped(member, function)) {
            turn.tell("seed.stopped", function.toString(), member.id() + ": " + reason);
        }
        turn.answer(asker, new Message.Done());
    }

    private void findProof(Asker asker, Digest call, NodeId host) {
        members.withHost(
                asker,
                host,
                () ->
                        questions.ask(
                                host,
                                new Calling.FindProof(call, host),
                                config.waits().answer(),
                                new Questions.Relayed(turn, asker)));
    }

    private void commanded(Asker.Person asker, Command what) {
        if (!(what instanceof TrackerCommand command)) {
            turn.refuse(asker, ErrorCode.BAD_ARGUMENT, "this is a tracker, not a node", "");
            return;
        }
        switch (command) {
            case TrackerCommand.Call call -> calls.call(asker, call);
            case TrackerCommand.Ask(Membership question) -> membership(asker, question);
            case TrackerCommand.Ask(Registry question) -> registry(asker, question);
            case TrackerCommand.Ask(Seeding.Fetch fetch) -> artefacts.fetch(asker, fetch);
            case TrackerCommand.Ask(Calling.FindProof(var call, var host)) ->
                    findProof(asker, call, host);
            case TrackerCommand.Ask(var other) -> refuseNoQuestion(asker, other);
            case TrackerCommand.FindUsage wanted ->
                    told(
                            asker,
                            settlements
                                    .find(wanted.function(), wanted.where())
                                    .map(TrackerReply.Sums::new));
            case TrackerCommand.FindUse() -> told(asker, Result.ok(members.use()));
            case TrackerCommand.FindIncidents() -> told(asker, Result.ok(incidents.read()));
            case TrackerCommand.FindLog() ->
                    told(asker, Result.ok(TrackerReply.Log.of(ledger.genesis(), checkpoints)));
            case TrackerCommand.FindTile(int level, long index, int width) ->
                    told(asker, Result.ok(tile(new TilePath(level, index, width))));
            case TrackerCommand.FindStatus() -> told(asker, Result.ok(status()));
            case TrackerCommand.FindProof(var call) ->
                    calls.hostOf(call)
                            .ifPresentOrElse(
                                    host -> findProof(asker, call, host),
                                    () ->
                                            turn.refuse(
                                                    asker,
                                                    ErrorCode.UNKNOWN_CALL,
                                                    "call "
                                                            + call
                                                            + " is not among the last ones here",
                                                    "ask the host that the answer named"));
        }
    }

    private void told(Asker.Person asker, Result<Reply> reply) {
        turn.add(new Effect.Return(asker.command(), reply));
    }

    private TrackerReply.Tile tile(TilePath path) {
        return new TrackerReply.Tile(checkpoints.tile(path));
    }

    private TrackerReply.Status status() {
        return new TrackerReply.Status(
                self,
                ledger.genesis().network(),
                config.dev(),
                config.domain(),
                members.count(),
                ledger.functions().size(),
                ledger.next(),
                ledger.stateRoot());
    }
}
