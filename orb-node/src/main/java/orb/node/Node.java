package orb.node;

import java.nio.BufferUnderflowException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Incident;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.message.Seeding;
import orb.kernel.message.Witnessing;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Machine;
import orb.kernel.port.Table;
import orb.node.around.Surroundings;
import orb.node.finding.Finding;
import orb.node.finding.HostSearch;
import orb.node.finding.Said;
import orb.node.turn.Turn;
import orb.node.witness.Witness;
import orb.overlay.Peer;
import orb.overlay.SignedRecord;

/**
 * The worker role as a pure step: joins a swarm, serves functions, calls functions, and speaks for
 * the person who is logged in.
 *
 * <p>This class alone knows all of its concerns; it hands every event to the one that it is for.
 * Every {@link Event.Commanded} gets exactly one {@link Effect.Return} and every {@link
 * Event.Asked} exactly one {@link Effect.Answer}, provided that the world answers each {@link
 * Effect.Ask} and ends each {@link Effect.Run}. Not thread-safe: one owner, one event at a time.
 */
public final class Node implements Machine {
    private final Turn turn;
    private final Self self;
    private final Runs runs;
    private final Incidents incidents;
    private final Artefacts artefacts;
    private final Trail trail;
    private final Statistics statistics;
    private final Joining joining;
    private final Entries entries;
    private final Login login;
    private final Owned owned;
    private final Seeds seeds;
    private final ReceiptBook book;
    private final Hosting hosting;
    private final OwnCalls own;
    private final Purse purse;
    private final Payments payments;
    private final HostSearch search;
    private final Calls calls;
    private final Deploying deploying;
    private final Witness witness;
    private final Finding finding;
    private final Surroundings surroundings;

    private Node(NodeConfig config, KeyPair machineKey, RandomGenerator chance) {
        turn = new Turn(chance, config.bounds().questionsMax());
        self = Self.of(config, machineKey);
        incidents = new Incidents(turn, config.waits().save());
        runs = new Runs(turn, config.places(), incidents);
        artefacts = new Artefacts(turn);
        trail = new Trail(turn, config.bounds().trailMax());
        statistics = new Statistics(turn, config);
        joining = new Joining(turn, self, runs);
        Parts parts = new Parts(turn, joining, artefacts, runs, trail);
        entries = new Entries(turn, self, joining);
        login = new Login(turn, self, joining, entries);
        owned = new Owned(turn);
        seeds = new Seeds(self, parts, login, incidents);
        book = new ReceiptBook(turn, self);
        hosting = new Hosting(self, parts, new Hosting.Means(seeds, entries, book, statistics));
        own = new OwnCalls(self, parts, book, statistics);
        purse = new Purse(self, parts, entries, login);
        payments = new Payments(self, parts, purse, login);
        Trackers trackers = new Trackers(self, parts, incidents);
        search = new HostSearch(trackers.forSearch());
        Calls.Paid paid = new Calls.Paid(login, purse, payments);
        calls = new Calls(self, parts, new Calls.Means(seeds, own, search, paid));
        deploying = new Deploying(self, parts, new Deploying.Means(login, entries, seeds, owned));
        witness = new Witness(trackers.forWitness(), self.network());
        surroundings = new Surroundings(trackers.forSurroundings(this::publish));
        finding = new Finding(self.said(), turn::add);
        joining.onTracker(tracker -> {
            seeds.announce(tracker);
            hosting.welcomed(tracker);
            payments.welcomed(tracker);
        });
    }

    /**
     * A node before its first event.
     *
     * @param config its settings and bounds
     * @param machineKey proves its links and signs its records, receipts and settlements
     * @param chance where call ids and the jitter of pauses come from; ids must not be guessable
     */
    public static Node of(NodeConfig config, KeyPair machineKey, RandomGenerator chance) {
        return new Node(config, machineKey, chance);
    }

    /** Its Orb id. */
    public NodeId id() {
        return self.id();
    }

    @Override
    public List<Effect> step(Instant now, Event event) {
        turn.begin(now);
        switch (event) {
            case Event.Commanded(var command, NodeCommand what) -> command(command, what);
            case Event.Commanded(var command, _) ->
                    turn.add(new Effect.Return(command, Result.refused(notForNodes("a command"))));
            case Event.Ran(var run, var outcome, var facts) ->
                    runs.ran(run, outcome, facts).ifPresent(seeds::lost);
            case Event.Asked(var inbound, var peer, var message) -> asked(inbound, peer, message);
            case Event.Answered(var exchange, _, var message) -> turn.answered(exchange, message);
            case Event.Unanswered(var exchange, _, var refusal) ->
                    turn.unanswered(exchange, refusal);
            case Event.Woke(var timer) -> woke(timer);
            case Event.Started(var kept) -> start(kept);
            case Event.Discovered(var contacts) -> joining.discovered(contacts);
            case Event.Routed(var route) -> {
                self.said().route(route);
                joining.introduceAgain();
                publish();
            }
            case Event.Met(var record) -> joining.met(record, Peer.Source.DHT);
            case Event.Linked(var peer, var remote, var dialled) -> linked(peer, remote, dialled);
            case Event.DialFailed(var contact, var refusal) -> {
                joining.dialFailed(contact, refusal);
                search.dialFailed(contact.id());
            }
            case Event.Found(var key, var items) -> search.found(key, items);
            case Event.Unlinked(var peer, var reason) -> {
                hosting.unlinked(peer); // while it is known what it was
                joining.unlinked(peer, reason);
                surroundings.unlinked(peer);
            }
            case Event.BlobStored(var digest, var refusal) -> artefacts.stored(digest, refusal);
            case Event.BlobLoaded(var digest, var content) -> artefacts.loaded(digest, content);
            case Event.Prepared(var artefact, var facts) -> artefacts.prepared(artefact, facts);
            case Event.Measured(var use) -> runs.measured(use);
            case Event.Noticed(var kind, var artefact, var detail) -> {
                incidents.note(kind, seeds.nameOf(artefact), Optional.empty(), detail);
                if (kind == Incident.Kind.ARTEFACT_CHANGED) {
                    seeds.lost(artefact);
                }
            }
            case Event.Ordered _, Event.OrderingFailed _ -> {} // only trackers propose
        }
        return turn.end();
    }

    private void logIn(NodeCommand.LogIn in, Consumer<Result<NodeReply>> then) {
        login.logIn(
                in,
                result -> {
                    then.accept(result);
                    if (result.isOk()) {
                        payments.loggedIn();
                    }
                });
    }

    private void linked(NodeId peer, Address remote, boolean dialled) {
        joining.linked(peer, remote, dialled);
        search.linked(peer);
    }

    private void start(NavigableMap<Table, NavigableMap<Bytes, Bytes>> kept) {
        load(kept, Table.TRAIL, trail::start);
        load(kept, Table.STATISTICS, statistics::start);
        load(kept, Table.INCIDENTS, incidents::start);
        load(kept, Table.SETTINGS, login::start);
        load(kept, Table.OWNED, owned::start);
        load(kept, Table.BATCHES, book::start);
        load(kept, Table.LANES, own::start);
        load(kept, Table.LANES, purse::start);
        NavigableMap<Bytes, Bytes> receipts = kept.getOrDefault(Table.RECEIPTS, new TreeMap<>());
        load(kept, Table.LANES, lanes -> hosting.start(lanes, receipts));
        load(kept, Table.SEEDS, seeds::start);
        load(kept, Table.CHECKPOINTS, witness::start);
        load(kept, Table.PEERS, joining::start);
    }

    /** Gives a table's rows to who kept them; a damaged row stops the node before it does harm. */
    private static void load(
            NavigableMap<Table, NavigableMap<Bytes, Bytes>> kept,
            Table table,
            Consumer<NavigableMap<Bytes, Bytes>> reader) {
        try {
            reader.accept(kept.getOrDefault(table, new TreeMap<>()));
        } catch (RefusedException | IllegalArgumentException | BufferUnderflowException e) {
            RefusedException damaged =
                    new RefusedException(
                            new Refusal(
                                    ErrorCode.STORE_DAMAGED,
                                    "a row of table "
                                            + table
                                            + " cannot be read: "
                                            + e.getMessage(),
                                    "restore the data folder from a copy, or start on a fresh"
                                            + " one"));
            damaged.initCause(e);
            throw damaged;
        }
    }

    private void woke(String timer) {
        switch (timer) {
            case Joining.BEAT_TIMER -> {
                joining.wokeToBeat(statistics::report, incidents);
                artefacts.forgetRecent();
                witness.beat();
                surroundings.beat();
                publish();
            }
            case Joining.DIAL_TIMER -> joining.wokeToDial();
            case Runs.TIMER -> runs.woke();
            case Statistics.TIMER -> statistics.woke();
            case Incidents.TIMER -> incidents.woke();
            case ReceiptBook.TIMER -> book.woke();
            case OwnCalls.TIMER -> own.woke();
            case Payments.TIMER -> payments.woke();
            case Seeds.TIMER -> seeds.woke();
            case Hosting.EPOCH_TIMER -> hosting.epoch();
            default -> {
                if (timer.startsWith(Calls.TIMER)) {
                    calls.woke(timer);
                }
            }
        }
    }

    /** Says in the hash table what has changed. */
    private void publish() {
        self.said().busy(runs.running() + runs.waiting(), runs.capacity());
        finding.publish(turn.now(), seeds.served());
    }

    private void asked(long inbound, NodeId peer, Message message) {
        switch (message) {
            case Calling.Invoke invoke when joining.isTracker(peer) ->
                    hosting.invoke(inbound, peer, invoke);
            case Calling.Direct direct -> hosting.invoke(inbound, peer, direct);
            case Calling.Pay pay when joining.isTracker(peer) -> answer(inbound, hosting.pay(pay));
            case Calling.FindProof question -> answer(inbound, book.proof(question));
            case Seeding.Available(var facts) when joining.isTracker(peer) ->
                    answer(inbound, seeds.available(peer, facts));
            case Seeding.Fetch fetch -> seeds.chunk(fetch, chunk -> answer(inbound, chunk));
            case Membership membership -> answer(inbound, joining.answer(peer, membership));
            case Witnessing.Fraud fraud -> answer(inbound, witness.accused(fraud));
            case Calling _,
                    Seeding _,
                    Witnessing _,
                    Registry _,
                    Message.Refused _,
                    Message.Done _ ->
                    answer(
                            inbound,
                            new Message.Refused(
                                    notForNodes(
                                            message.getClass().getSimpleName()
                                                    + " from "
                                                    + peer.brief())));
        }
    }

    private void answer(long inbound, Message message) {
        turn.add(new Effect.Answer(inbound, message));
    }

    private static Refusal notForNodes(String what) {
        return new Refusal(
                ErrorCode.BAD_ARGUMENT,
                "this node does not answer " + what,
                "ask a tracker, or link as one first");
    }

    private void command(long command, NodeCommand what) {
        Consumer<Result<NodeReply>> then = result -> turn.add(new Effect.Return(command, result));
        switch (what) {
            case NodeCommand.Call call -> calls.call(command, call);
            case NodeCommand.LogIn in -> logIn(in, then);
            case NodeCommand.LogOut() -> {
                login.holder().ifPresent(holder -> payments.promiseAll(holder.wallet()));
                purse.forgetAll();
                login.logOut();
                then.accept(Result.ok(new NodeReply.Done()));
            }
            case NodeCommand.WhoAmI() ->
                    then.accept(Result.ok(login.identity(owned.names(), seeds.names())));
            case NodeCommand.Quote quote -> deploying.quote(quote, then);
            case NodeCommand.Deploy deploy -> deploying.deploy(command, deploy, then);
            case NodeCommand.Leave() -> {
                joining.leave();
                then.accept(Result.ok(new NodeReply.Done()));
            }
            case NodeCommand.Seed(var name) -> seed(name, then);
            case NodeCommand.Unseed(var name) -> then.accept(seeds.unseed(name));
            case NodeCommand.Search(var text, var offset, var limit) ->
                    relay(new Registry.Search(text, offset, limit), then);
            case NodeCommand.Describe(var name) -> describe(name, then);
            case NodeCommand.FindLogs(var name) -> then.accept(Result.ok(statistics.logs(name)));
            case NodeCommand.FindStatus() -> then.accept(Result.ok(status()));
            case NodeCommand.FindStatistics() -> then.accept(Result.ok(statistics.read()));
            case NodeCommand.FindIncidents() -> then.accept(Result.ok(incidents.read()));
            case NodeCommand.FindUse() ->
                    then.accept(Result.ok(new NodeReply.Use(statistics.report(runs.use()))));
            case NodeCommand.FindPeers() ->
                    then.accept(Result.ok(joining.peers(surroundings::isNamed)));
            case NodeCommand.FindNodes() -> relay(new Membership.FindNodes(Optional.empty()), then);
            case NodeCommand.FindAccount() ->
                    withHolder(then, who -> relay(new Registry.FindAccount(who.account()), then));
            case NodeCommand.FindHistory(var before, var limit) ->
                    withHolder(
                            then,
                            who ->
                                    relay(
                                            new Registry.FindHistory(who.account(), before, limit),
                                            then));
            case NodeCommand.FindEntry(var index) -> relay(new Registry.FindEntry(index), then);
            case NodeCommand.OpenChannel open -> purse.openChannel(open, then);
            case NodeCommand.FindProof find -> proof(find, then);
        }
    }

    private void withHolder(Consumer<Result<NodeReply>> then, Consumer<Login.Holder> action) {
        login.holder()
                .ifPresentOrElse(action, () -> then.accept(Result.refused(login.notLoggedIn())));
    }

    private void relay(Message question, Consumer<Result<NodeReply>> then) {
        joining.askTracker(
                question,
                answer -> then.accept(answer.as(Message.class).map(NodeReply.Relayed::new)));
    }

    private void find(FunctionName name, Consumer<Result<Registry.Listed>> then) {
        joining.askTracker(
                new Registry.FindFunction(name),
                answer ->
                        then.accept(
                                answer.as(Registry.Functions.class)
                                        .then(found ->
                                                found.functions().stream()
                                                        .findFirst()
                                                        .map(Result::ok)
                                                        .orElseGet(() ->
                                                                Result.refused(
                                                                        Calls.unknown(name))))));
    }

    private void seed(FunctionName name, Consumer<Result<NodeReply>> then) {
        find(
                name,
                found -> {
                    switch (found) {
                        case Result.Ok<Registry.Listed>(var listed) ->
                                seeds.seed(listed.facts(), then);
                        case Result.Refused<Registry.Listed>(var refusal) ->
                                then.accept(Result.refused(refusal));
                    }
                });
    }

    private void describe(FunctionName name, Consumer<Result<NodeReply>> then) {
        find(
                name,
                found ->
                        then.accept(
                                found.map(listed -> {
                                    FunctionFacts facts = calls.remember(listed.facts());
                                    return new NodeReply.Described(
                                            facts,
                                            listed.seeders(),
                                            seeds.serving(name).isPresent(),
                                            owned.find(name).map(Owned.Function::source),
                                            trail.about(name.toString()));
                                })));
    }

    private void proof(NodeCommand.FindProof find, Consumer<Result<NodeReply>> then) {
        Optional<Bytes> here = book.proof(find.call());
        if (here.isPresent()) {
            then.accept(Result.ok(new NodeReply.ProofFound(here.get())));
            return;
        }
        Optional<NodeId> host = calls.hostOf(find.call());
        if (host.isEmpty()) {
            then.accept(Result.refused(ReceiptBook.noProof(find.call())));
            return;
        }
        joining.askTracker(
                new Calling.FindProof(find.call(), host.get()),
                answer ->
                        then.accept(
                                answer.as(Calling.Proof.class)
                                        .map(proof -> new NodeReply.ProofFound(proof.proof()))));
    }

    private NodeReply.Status status() {
        return new NodeReply.Status(
                self.id(),
                login.ownerName(),
                self.network(),
                joining.followed(),
                joining.linkedPeers(),
                runs.tasks(),
                runs.waiting(),
                seeds.names(),
                self.config().places(),
                self.config().policy(),
                self.config().self().capabilities().features(),
                runs.use(),
                runs.yields());
    }

    /** Who this node is: its settings, its machine key, and the names that follow from both. */
    record Self(NodeConfig config, KeyPair key, NodeId id, Digest network, Said said) {
        private static final Duration RECORD_LIFE = Duration.ofHours(12);

        static Self of(NodeConfig config, KeyPair key) {
            NodeConfig.Self always = config.self();
            return new Self(
                    config,
                    key,
                    NodeId.of(key.publicKey()),
                    config.genesis().network(),
                    new Said(
                            key,
                            always.listen().map(List::of).orElse(List.of()),
                            always.capabilities(),
                            always.assurance()));
        }

        Refusal wrongNetwork(Digest other) {
            return new Refusal(
                    ErrorCode.WRONG_NETWORK,
                    "the peer belongs to swarm "
                            + other.hex().substring(0, 8)
                            + ", this node to "
                            + network.hex().substring(0, 8),
                    "use the bootstrap file of the swarm that you mean");
        }

        /** What it says of itself to others, signed, from now on. */
        SignedRecord record(Instant now) {
            return said.record(now, RECORD_LIFE);
        }
    }

    /**
     * What the concerns of a node share: the step under way and the ways out of it.
     *
     * @param turn time, chance and effects of the step
     * @param joining links to trackers and other nodes
     * @param artefacts executables on this machine
     * @param runs places for invocations
     * @param trail what happened to functions
     */
    record Parts(Turn turn, Joining joining, Artefacts artefacts, Runs runs, Trail trail) {}
}
