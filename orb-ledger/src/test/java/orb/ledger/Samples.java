package orb.ledger;

import static orb.ledger.Town.key;
import static orb.ledger.Town.lane;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Lane;
import orb.kernel.Result;

/** One of everything that has bytes, always the same. */
final class Samples {
    private static final Digest NETWORK = Town.GENESIS.network();
    private static final Instant EXPIRES = Instant.parse("2030-01-01T00:05:00Z");
    private static final Digest CHANNEL = Town.digest("channel");

    private Samples() {}

    /** Every kind of entry by its name. */
    static Map<String, Entry> entries() {
        NodeBinding binding =
                NodeBinding.solve(NETWORK, key("node-a").publicKey(), Town.account("ann"), 8);
        Entry.FunctionVersion version = Town.version("f", 1, Plan.METERED);
        Lane lane = lane(CHANNEL, "node-a", "f");
        Voucher.Signed voucher =
                new Voucher(NETWORK, lane, Plan.METERED.hash(), 16, new Credits(2_400))
                        .sign(key("ann"))
                        .countersign(key("hub"));
        Map<String, Entry> entries = new LinkedHashMap<>();
        entries.put("open-account", new Entry.OpenAccount("ann"));
        entries.put("register-node", new Entry.RegisterNode(binding, binding.sign(key("node-a"))));
        entries.put(
                "deploy-function",
                new Entry.DeployFunction(
                        key("f").publicKey(),
                        version,
                        version.sign(key("f"), NETWORK, Town.account("ann"))));
        entries.put(
                "lock-escrow",
                new Entry.LockEscrow(
                        Town.node("hub"),
                        Credits.whole(5),
                        key("hub").publicKey(),
                        new Entry.Purpose.Calls(),
                        EXPIRES.plusSeconds(3_600)));
        entries.put(
                "lock-escrow-sponsor",
                new Entry.LockEscrow(
                        Town.node("hub"),
                        Credits.whole(5),
                        key("hub").publicKey(),
                        new Entry.Purpose.Sponsor(Town.function("f")),
                        EXPIRES.plusSeconds(3_600)));
        entries.put(
                "top-up-escrow",
                new Entry.TopUpEscrow(CHANNEL, new Credits(1), EXPIRES.plusSeconds(7_200)));
        entries.put("settle", new Entry.Settle(voucher, Town.digest("receipt")));
        entries.put("release-escrow", new Entry.ReleaseEscrow(CHANNEL));
        entries.put("close-escrow", new Entry.CloseEscrow(CHANNEL));
        entries.put("send", new Entry.Send(Town.account("bob"), new Credits(250_000), "thanks"));
        return entries;
    }

    /** The entry as ann signs it; hosts sign settlements. */
    static SignedEntry signed(Entry entry) {
        String signer = entry instanceof Entry.Settle ? "node-a" : "ann";
        return SignedEntry.sign(key(signer), NETWORK, 7, EXPIRES, entry);
    }

    /** Everything that has bytes, by its name. */
    static Map<String, Bytes> everything() {
        Map<String, Bytes> all = new LinkedHashMap<>();
        entries().forEach((name, entry) -> all.put(name, signed(entry).encoded()));
        all.put("genesis", Genesis.standard("orb").encoded());
        all.put("voucher", ((Entry.Settle) entries().get("settle")).voucher().encoded());
        ReceiptBatch.Sealed sealed =
                ReceiptBatch.seal(key("node-a"), 0, ReceiptProofTest.receipts(5));
        all.put("receipt", sealed.proof(2).receipt().encoded());
        all.put("receipt-batch", sealed.signed().encoded());
        all.put("receipt-proof", sealed.proof(2).encoded());
        return all;
    }

    /** Every decoder of this module on the same bytes, each with the encoding of what it read. */
    static List<Result<Bytes>> decodings(Bytes bytes) {
        return List.of(
                SignedEntry.decode(bytes).map(SignedEntry::encoded),
                Genesis.decode(bytes).map(Genesis::encoded),
                Voucher.Signed.decode(bytes).map(Voucher.Signed::encoded),
                orb.kernel.Receipt.decode(bytes).map(orb.kernel.Receipt::encoded),
                ReceiptBatch.Signed.decode(bytes).map(ReceiptBatch.Signed::encoded),
                ReceiptProof.decode(bytes).map(ReceiptProof::encoded));
    }
}
