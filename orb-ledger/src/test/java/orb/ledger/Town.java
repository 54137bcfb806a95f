package orb.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import orb.kernel.AccountId;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.FunctionId;
import orb.kernel.Lane;
import orb.kernel.Limits;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.Grants;

/** A ledger with people, nodes and functions, for tests to act on; every entry is checked after. */
final class Town {
    static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
    static final Genesis GENESIS =
            new Genesis(
                    "town",
                    Pricing.STANDARD,
                    Plan.STANDARD,
                    Credits.whole(100),
                    new Genesis.Gates(Duration.ofHours(1), 1_000, 1_000, 2),
                    Duration.ofSeconds(60));
    static final Fuel LIMIT = new Fuel(10_000_000);

    /** One signed entry with its place and time, as a replica would read it from the log. */
    record Logged(Instant time, Bytes bytes) {}

    final Genesis genesis;
    final Digest network;
    final Ledger ledger;
    final List<Logged> log = new ArrayList<>();
    private final Map<PublicKey, Long> nonces = new TreeMap<>();
    private Instant now = START;

    Town() {
        this(GENESIS);
    }

    Town(Genesis genesis) {
        this.genesis = genesis;
        this.network = genesis.network();
        this.ledger = new Ledger(genesis);
    }

    private static final Map<String, KeyPair> KEYS = new ConcurrentHashMap<>();

    /** The key pair that a name stands for. */
    static KeyPair key(String name) {
        return KEYS.computeIfAbsent(
                name, _ -> KeyPair.ofSeed(Digest.of(Bytes.utf8(name)).bytes().array()));
    }

    static AccountId account(String name) {
        return AccountId.of(key(name).publicKey());
    }

    static NodeId node(String name) {
        return NodeId.of(key(name).publicKey());
    }

    static FunctionId function(String name) {
        return FunctionId.of(key(name).publicKey());
    }

    static Digest digest(String text) {
        return Digest.of(Bytes.utf8(text));
    }

    Instant now() {
        return now;
    }

    void wait(Duration span) {
        now = now.plus(span);
    }

    SignedEntry sign(String signer, Entry entry) {
        KeyPair key = key(signer);
        long nonce = nonces.merge(key.publicKey(), 1L, Long::sum);
        return SignedEntry.sign(key, network, nonce, now.plus(Duration.ofMinutes(5)), entry);
    }

    /** Orders the bytes whatever they are, and checks the books after. */
    Result<Ledger.Applied> order(Bytes bytes) {
        Digest before = ledger.stateRoot();
        log.add(new Logged(now, bytes));
        Result<Ledger.Applied> result = ledger.apply(ledger.next(), now, bytes);
        ledger.check();
        if (!result.isOk()) {
            assertThat(ledger.stateRoot()).as("a refused entry changes nothing").isEqualTo(before);
        }
        return result;
    }

    Ledger.Applied does(String signer, Entry entry) {
        return order(sign(signer, entry).encoded()).orThrow();
    }

    ErrorCode refusal(String signer, Entry entry) {
        return code(order(sign(signer, entry).encoded()));
    }

    static ErrorCode code(Result<?> result) {
        return result instanceof Result.Refused<?>(var refusal)
                ? refusal.code()
                : ErrorCode.INTERNAL;
    }

    /** Opens an account. */
    void open(String name) {
        does(name, new Entry.OpenAccount(name));
    }

    Entry.RegisterNode binding(String owner, String node) {
        NodeBinding binding =
                NodeBinding.solve(
                        network, key(node).publicKey(), account(owner), genesis.gates().workBits());
        return new Entry.RegisterNode(binding, binding.sign(key(node)));
    }

    /** Opens an account with one node, and so with the grant. */
    void settleIn(String owner, String node) {
        open(owner);
        does(owner, binding(owner, node));
    }

    static Entry.FunctionVersion version(String name, int version, Plan plan) {
        return new Entry.FunctionVersion(
                name,
                version,
                digest("artefact " + name + version),
                ByteSize.kib(50),
                "handler",
                Limits.DEFAULT,
                Grants.NONE,
                plan.hash(),
                new Fuel(3_000_000),
                ByteSize.mib(2),
                2,
                digest("source " + name + version));
    }

    Entry.DeployFunction deployment(String owner, Entry.FunctionVersion version) {
        KeyPair functionKey = key(version.name());
        return new Entry.DeployFunction(
                functionKey.publicKey(),
                version,
                version.sign(functionKey, network, account(owner)));
    }

    void deploy(String owner, String name, Plan plan) {
        does(owner, deployment(owner, version(name, 1, plan)));
    }

    Entry.LockEscrow escrow(String hub, long micro, String delegate, Entry.Purpose purpose) {
        return new Entry.LockEscrow(
                node(hub),
                new Credits(micro),
                key(delegate).publicKey(),
                purpose,
                now.plus(Duration.ofDays(1)));
    }

    /** Opens a channel for calls whose hub is the delegate. */
    Digest lock(String payer, String hub, long micro) {
        return does(payer, escrow(hub, micro, hub, new Entry.Purpose.Calls())).entry();
    }

    Voucher voucher(Lane lane, Plan plan, long calls, long micro) {
        return new Voucher(network, lane, plan.hash(), calls, new Credits(micro));
    }

    static Lane lane(Digest channel, String host, String function) {
        return new Lane(channel, node(host), function(function));
    }

    static Entry.Settle settle(Voucher.Signed voucher) {
        return new Entry.Settle(voucher, digest("receipt " + voucher.voucher().calls()));
    }

    long balance(String name) {
        return ledger.account(account(name)).balance().micro();
    }

    long balance(AccountId id) {
        return ledger.account(id).balance().micro();
    }

    /** A ledger that only knows the log. */
    Ledger replayed() {
        Ledger replica = new Ledger(genesis);
        for (Logged logged : log) {
            replica.apply(replica.next(), logged.time(), logged.bytes());
        }
        return replica;
    }

    /** Histories must add up to balances and to what lies in channels. */
    void requireReconciled(String... people) {
        for (String name : people) {
            long amount = 0;
            long allocated = 0;
            for (History.Row row : ledger.history(account(name))) {
                amount += row.amount().micro();
                allocated += row.allocated().micro();
            }
            long escrow = 0;
            for (Registered.Channel channel : ledger.channels(account(name))) {
                escrow += ledger.escrow(channel.id()).micro();
            }
            assertThat(amount).as("history of " + name).isEqualTo(balance(name));
            assertThat(allocated).as("channels of " + name).isEqualTo(escrow);
        }
    }
}
