package orb.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import orb.kernel.AccountId;
import orb.kernel.Address;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.Limits;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Grants;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.NodeView;
import orb.kernel.message.Registry;
import orb.kernel.message.Seeding;
import orb.kernel.message.Witnessing;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.ledger.Entry;
import orb.ledger.Ledger;
import orb.ledger.NodeBinding;
import orb.ledger.Plan;
import orb.ledger.Registered;
import orb.ledger.SignedEntry;
import orb.ledger.Voucher;
import orb.overlay.Assurance;
import orb.overlay.Bandwidth;
import orb.overlay.Capabilities;
import orb.overlay.PeerRecord;
import orb.overlay.SignedRecord;

/** The answers of a tracker, given by a real ledger, for one driven node. */
final class PlainTracker {
    final KeyPair key;
    final NodeId id;
    final Address address;
    final Ledger ledger;
    final Map<Digest, Bytes> entries;
    final Map<Digest, Bytes> artefacts = new LinkedHashMap<>();
    final List<Bytes> peers = new ArrayList<>();
    long revision = 1;
    final List<Message> heard = new ArrayList<>();
    final List<Effect.Ask> silent = new ArrayList<>();
    final List<Voucher.Signed> vouchers = new ArrayList<>();
    Function<Calling.Invoke, Optional<Message>> calls = _ -> Optional.empty();
    Function<Calling.FindProof, Message> proofs =
            _ -> new Message.Refused(new Refusal(ErrorCode.PROOF_REFUSED, "none"));
    Digest network = Drive.GENESIS.network();

    PlainTracker(int seed) {
        this(seed, new Ledger(Drive.GENESIS), new LinkedHashMap<>());
    }

    private PlainTracker(int seed, Ledger ledger, Map<Digest, Bytes> entries) {
        key = Drive.key(seed);
        id = NodeId.of(key.publicKey());
        address = new Address("127.0.0.1", 9000 + seed);
        this.ledger = ledger;
        this.entries = entries;
    }

    /** A second tracker of the same swarm. */
    PlainTracker twin(int seed) {
        return new PlainTracker(seed, ledger, entries);
    }

    Contact contact() {
        return new Contact(id, address);
    }

    SignedRecord record(Drive drive) {
        return record(drive, key, PeerRecord.Role.TRACKER, address);
    }

    static SignedRecord record(Drive drive, KeyPair key, PeerRecord.Role role, Address address) {
        return new PeerRecord(
                        key.publicKey(),
                        role,
                        true,
                        "",
                        List.of(address),
                        new Capabilities(1, ByteSize.mib(64), Bandwidth.UNKNOWN, List.of()),
                        Assurance.L0,
                        Credits.ZERO,
                        drive.now.toEpochMilli(),
                        drive.now.plusSeconds(3600))
                .sign(key);
    }

    /** Links the node to this tracker, as dialled by it, and answers its first questions. */
    PlainTracker joinedBy(Drive drive) {
        drive.event(new Event.Discovered(List.of(contact())));
        link(drive);
        return this;
    }

    void link(Drive drive) {
        drive.dials.remove(contact());
        drive.event(new Event.Linked(id, address, true));
        serve(drive);
    }

    /** Answers every question that waits here, and those that follow from the answers. */
    void serve(Drive drive) {
        serve(drive, Void.class);
    }

    /** The same, but for questions of this kind. */
    void serve(Drive drive, Class<?> butFor) {
        while (true) {
            Optional<Effect.Ask> next =
                    drive.asks.stream()
                            .filter(ask -> ask.peer().equals(id))
                            .filter(ask -> !butFor.isInstance(ask.message()))
                            .findFirst();
            if (next.isEmpty()) {
                return;
            }
            drive.asks.remove(next.get());
            heard.add(next.get().message());
            Optional<Message> answer = answer(drive, next.get().message());
            if (answer.isPresent()) {
                drive.answer(next.get(), answer.get());
            } else {
                silent.add(next.get());
            }
        }
    }

    private Optional<Message> answer(Drive drive, Message message) {
        return switch (message) {
            case Membership.Hello _ ->
                    Optional.of(
                            new Membership.Welcome(
                                    network, record(drive).bytes(), Drive.HERE, peers, 5_000));
            case Membership.Beat beat -> Optional.of(beat);
            case Membership.Use _, Membership.Incidents _ -> Optional.of(new Message.Done());
            case Membership.FindPeers(var known) ->
                    Optional.of(
                            known == revision
                                    ? new Message.Done()
                                    : new Membership.Peers(peers, revision));
            case Membership.Gauge(_, var wanted) ->
                    Optional.of(new Membership.Gauged(Bytes.wrap(new byte[wanted])));
            case Membership.FindNodes(var which) ->
                    Optional.of(
                            new Membership.Nodes(List.of(view(new NodeId(which.orElseThrow())))));
            case Witnessing.FindCheckpoint _ ->
                    Optional.of(
                            new Message.Refused(
                                    new Refusal(ErrorCode.NOT_FINAL, "nobody cosigns here")));
            case Registry.FindAccount(var account) -> Optional.of(account(account));
            case Registry.Submit(var entry) -> Optional.of(submit(drive, entry));
            case Registry.Deploy deploy -> Optional.of(deploy(drive, deploy));
            case Registry.FindFunction(var name) -> Optional.of(function(name));
            case Registry.FindChannel(var channel) ->
                    Optional.of(new Registry.Entry(Optional.ofNullable(entries.get(channel)), 0));
            case Calling.Pay(_, var voucher, _) -> {
                vouchers.add(Voucher.Signed.decode(voucher).orThrow());
                yield Optional.of(new Message.Done());
            }
            case Calling.Invoke invoke -> calls.apply(invoke);
            case Calling.FindProof find -> Optional.of(proofs.apply(find));
            case Seeding.Fetch(var digest, var offset, var length) -> {
                Bytes all = artefacts.getOrDefault(digest, Bytes.EMPTY);
                int to = (int) Math.min(all.length(), offset + length);
                yield Optional.of(new Seeding.Chunk(all.slice((int) offset, to), all.length()));
            }
            case Seeding.Serving _, Seeding.Stopped _, Calling.Owed _ ->
                    Optional.of(new Message.Done());
            case Registry.Search _ -> Optional.of(new Registry.Functions(List.of()));
            case Registry.FindHistory _ -> Optional.of(new Registry.History(List.of()));
            case Registry.FindEntry _ -> Optional.of(new Registry.Entry(Optional.empty(), 0));
            default -> throw new AssertionError("a tracker is not asked " + message);
        };
    }

    private NodeView view(NodeId node) {
        String owner =
                ledger.node(node)
                        .flatMap(known -> ledger.owner(known.account()))
                        .map(Registered.Owner::name)
                        .orElse("");
        return new NodeView(
                node,
                owner,
                "alive",
                "ready",
                "",
                0,
                1,
                0,
                0,
                new NodeView.Machine(1, 0, 0, 0, List.of(), "L1"));
    }

    private Message account(AccountId account) {
        Optional<Registered.Owner> owner = ledger.owner(account);
        List<Registry.ChannelView> channels =
                ledger.channels(account).stream()
                        .map(channel ->
                                new Registry.ChannelView(
                                        channel.id(),
                                        channel.purpose() instanceof Entry.Purpose.Calls
                                                ? "calls"
                                                : "other",
                                        channel.locked(),
                                        Credits.ZERO,
                                        channel.hub()))
                        .toList();
        return new Registry.Account(
                owner.isPresent(),
                owner.map(Registered.Owner::name).orElse(""),
                ledger.account(account).available(),
                Credits.ZERO,
                Credits.ZERO,
                ledger.nonce(account),
                channels);
    }

    private Result<Ledger.Applied> apply(Drive drive, Bytes entry) {
        entries.put(Digest.of(entry), entry);
        return ledger.apply(ledger.next(), drive.now, entry);
    }

    private Message submit(Drive drive, Bytes entry) {
        return switch (apply(drive, entry)) {
            case Result.Ok<Ledger.Applied>(var applied) -> new Registry.Submitted(applied.index());
            case Result.Refused<Ledger.Applied>(var refusal) -> new Message.Refused(refusal);
        };
    }

    private Message deploy(Drive drive, Registry.Deploy deploy) {
        Entry.DeployFunction entry =
                (Entry.DeployFunction) SignedEntry.decode(deploy.entry()).orThrow().entry();
        return switch (apply(drive, deploy.entry())) {
            case Result.Ok<Ledger.Applied>(var applied) -> {
                artefacts.put(entry.version().artefact(), deploy.artefact());
                Registered.Function function =
                        ledger.function(orb.kernel.FunctionId.of(entry.functionKey()))
                                .orElseThrow();
                yield new Registry.Deployed(function.id(), function.name().path(), applied.index());
            }
            case Result.Refused<Ledger.Applied>(var refusal) -> new Message.Refused(refusal);
        };
    }

    private Message function(FunctionName name) {
        return new Registry.Functions(
                ledger
                        .function(name)
                        .map(function -> new Registry.Listed(facts(function), 1, function.calls()))
                        .stream()
                        .toList());
    }

    private static FunctionFacts facts(Registered.Function function) {
        return function.facts(Drive.GENESIS.plan(function.plan()).orElseThrow().name());
    }

    /** Opens an account and binds a node to it, without any driven node. */
    AccountId person(Drive drive, String name, KeyPair wallet, KeyPair node) {
        AccountId account = AccountId.of(wallet.publicKey());
        entry(drive, wallet, new Entry.OpenAccount(name));
        NodeBinding binding =
                NodeBinding.solve(Drive.GENESIS.network(), node.publicKey(), account, 4);
        entry(drive, wallet, new Entry.RegisterNode(binding, binding.sign(node)));
        return account;
    }

    /** Has an entry recorded that someone else signed; its digest. */
    Digest entry(Drive drive, KeyPair signer, Entry entry) {
        long nonce = ledger.nonce(AccountId.of(signer.publicKey())) + 1;
        SignedEntry signed =
                SignedEntry.sign(
                        signer, Drive.GENESIS.network(), nonce, drive.now.plusSeconds(600), entry);
        apply(drive, signed.encoded()).orThrow();
        return signed.digest();
    }

    /** Deploys a function of someone else. */
    FunctionFacts deployed(Drive drive, KeyPair wallet, KeyPair functionKey, Plan plan) {
        Bytes artefact = Bytes.utf8("the executable of " + functionKey.publicKey());
        Digest digest = Digest.of(artefact);
        artefacts.put(digest, artefact);
        Entry.FunctionVersion version =
                new Entry.FunctionVersion(
                        "f" + (functionKey.publicKey().bytes().at(0) & 0xff),
                        1,
                        digest,
                        new ByteSize(artefact.length()),
                        "handler",
                        Limits.DEFAULT,
                        Grants.NONE,
                        plan.hash(),
                        new orb.kernel.Fuel(1000),
                        ByteSize.kib(64),
                        3,
                        Digest.of(Bytes.utf8("source")));
        entry(
                drive,
                wallet,
                new Entry.DeployFunction(
                        functionKey.publicKey(),
                        version,
                        version.sign(
                                functionKey,
                                Drive.GENESIS.network(),
                                AccountId.of(wallet.publicKey()))));
        return facts(
                ledger.function(orb.kernel.FunctionId.of(functionKey.publicKey())).orElseThrow());
    }

    <T extends Message> List<T> heard(Class<T> kind) {
        return heard.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
