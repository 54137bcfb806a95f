package orb.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import orb.kernel.AccountId;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.Lane;
import orb.kernel.Limits;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.Timing;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Calling;
import orb.kernel.message.Grants;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.ledger.Entry;
import orb.ledger.Genesis;
import orb.ledger.NodeBinding;
import orb.ledger.Plan;
import orb.ledger.SignedEntry;
import orb.ledger.Voucher;

/**
 * A log that somebody wrote by hand, of a payer, a hub and two hosts, for planting what is wrong.
 */
final class PlantedBooks {
    static final Genesis GENESIS =
            new Genesis(
                    "planted",
                    Genesis.standard("planted").pricing(),
                    Plan.STANDARD,
                    Credits.whole(100),
                    new Genesis.Gates(Duration.ofHours(1), 100, 1_000, 4),
                    Duration.ofSeconds(5));

    static final NodeId HUB = NodeId.of(key("hub").publicKey());
    static final NodeId PAYERS_NODE = NodeId.of(key("payer's node").publicKey());
    static final FunctionName NAME = new FunctionName("payer", "f");
    private static final FunctionId FUNCTION = FunctionId.of(key("function").publicKey());
    private static final Fuel FUEL = new Fuel(1_000_000);

    final List<SimDisk.LoggedEntry> log = new ArrayList<>();
    final Digest channel;
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");
    private long nonce;

    PlantedBooks() {
        person("payer", "payer's node");
        person("one", "node one");
        person("two", "node two");
        person("hub's owner", "hub");
        Entry.FunctionVersion version =
                new Entry.FunctionVersion(
                        NAME.name(),
                        1,
                        Digest.of(Bytes.utf8("artefact")),
                        new ByteSize(100),
                        "handler",
                        Limits.DEFAULT,
                        Grants.NONE,
                        Plan.METERED.hash(),
                        FUEL,
                        ByteSize.kib(64),
                        1,
                        Digest.of(Bytes.utf8("source")));
        KeyPair functionKey = key("function");
        add(
                "payer",
                new Entry.DeployFunction(
                        functionKey.publicKey(),
                        version,
                        version.sign(functionKey, GENESIS.network(), account("payer"))));
        channel =
                add(
                        "payer",
                        new Entry.LockEscrow(
                                HUB,
                                Credits.whole(1),
                                key("payer").publicKey(),
                                new Entry.Purpose.Calls(),
                                now.plus(Duration.ofDays(1))));
    }

    static KeyPair key(String name) {
        return KeyPair.ofSeed(Digest.of(Bytes.utf8(name)).bytes().toArray());
    }

    static AccountId account(String name) {
        return AccountId.of(key(name).publicKey());
    }

    private void person(String name, String node) {
        KeyPair nodeKey = key(node);
        String label = name.replaceAll("[^a-z]", "");
        add(name, new Entry.OpenAccount(label));
        NodeBinding binding =
                NodeBinding.solve(GENESIS.network(), nodeKey.publicKey(), account(name), 4);
        add(name, new Entry.RegisterNode(binding, binding.sign(nodeKey)));
    }

    /** Writes an entry into the log; its digest. */
    Digest add(String signer, Entry entry) {
        now = now.plusMillis(1);
        SignedEntry signed =
                SignedEntry.sign(
                        key(signer), GENESIS.network(), ++nonce, now.plusSeconds(60), entry);
        log.add(new SimDisk.LoggedEntry(now, signed.encoded()));
        return signed.digest();
    }

    Lane lane(String host) {
        return new Lane(channel, NodeId.of(key(host).publicKey()), FUNCTION);
    }

    /** A host's first receipt on its lane. */
    Receipt receipt(String host, String call, Credits price) {
        return receipt(host, call, price, 1);
    }

    Receipt receipt(String host, String call, Credits price, long sequence) {
        return new Receipt(
                lane(host),
                Digest.of(Bytes.utf8("artefact")),
                1,
                sequence,
                sequence == 1 ? Digest.ZERO : Digest.of(Bytes.utf8("before")),
                Digest.of(Bytes.utf8("in")),
                Digest.of(Bytes.utf8("out")),
                Receipt.Ending.COMPLETED,
                FUEL,
                1,
                price,
                Plan.METERED.hash(),
                price.times(sequence),
                Digest.of(Bytes.utf8(call)),
                0);
    }

    static Credits price() {
        return Plan.METERED.price(Receipt.Ending.COMPLETED, FUEL);
    }

    Voucher voucher(Receipt last) {
        return new Voucher(
                GENESIS.network(), last.lane(), last.plan(), last.sequence(), last.amount());
    }

    /** The payer's voucher for a receipt, as the hub has countersigned it. */
    Voucher.Signed promised(Receipt last) {
        return voucher(last).sign(key("payer")).countersign(key("hub"));
    }

    /** A host settles a receipt. */
    void settle(String host, Receipt last) {
        add(host, new Entry.Settle(promised(last), last.digest()));
    }

    /** The payer's node asks for a call. */
    void asked(Checker checker, String call) {
        Calling.Invoke invoke =
                new Calling.Invoke(
                        Digest.of(Bytes.utf8(call)),
                        NAME,
                        java.util.Optional.empty(),
                        Request.post(Bytes.EMPTY),
                        Duration.ofSeconds(1));
        checker.stepped(
                PAYERS_NODE,
                new Event.Woke("test"),
                List.of(new Effect.Ask(1, HUB, invoke, Duration.ofSeconds(1))));
    }

    /** A host answers with a receipt. */
    static void gave(Checker checker, Receipt receipt) {
        checker.stepped(
                receipt.lane().host(),
                new Event.Woke("test"),
                List.of(new Effect.Answer(1, invoked(receipt))));
    }

    static Calling.Invoked invoked(Receipt receipt) {
        return new Calling.Invoked(
                new Outcome.Completed(Response.ok(Bytes.EMPTY), FUEL),
                receipt.lane().host(),
                receipt.encoded(),
                Timing.NONE);
    }

    static Refusal refusal() {
        return new Refusal(ErrorCode.BUSY, "busy");
    }

    Replay replay() {
        return Replay.of(GENESIS, log);
    }
}
