package orb.node;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.message.Calling;
import orb.kernel.message.Message;
import orb.kernel.port.Table;
import orb.ledger.ReceiptBatch;
import orb.node.Node.Self;
import orb.node.turn.Turn;

/**
 * Signs receipts in batches and gives proofs of them.
 *
 * <p>A batch is signed when it is full or after {@link NodeConfig.Waits#batch}, or at once when a
 * proof of one of its receipts is asked for. Paid and free receipts go into batches of their own,
 * so that many free calls do not push out what somebody paid for; of each kind the newest are kept,
 * up to their bound. Signatures are deterministic, so a kept batch is signed again, to the same
 * bytes, when a proof is cut from it, and no tree is held in memory.
 */
final class ReceiptBook {
    static final String TIMER = "receipts";

    /** As many receipts fill a batch of paid ones. */
    static final int PAID_BATCH = 16;

    /** As many fill a batch of free ones: nobody waits for those. */
    static final int FREE_BATCH = 64;

    private final Turn turn;
    private final Self self;
    private final Map<Digest, Batch> byCall = new LinkedHashMap<>();
    private final Map<Digest, Page> pending = new LinkedHashMap<>();
    private final Page paid;
    private final Page free;
    private long next; // number of the next receipt among all that this host ever signed
    private boolean timerSet;

    /** A batch that was signed: the bytes that are kept, and whose calls are in it. */
    private record Batch(long first, List<Digest> calls, Bytes row) {}

    private record Line(Receipt receipt, Bytes encoded) {}

    /** The batches of one kind and the receipts that wait for the next. */
    private static final class Page {
        final boolean isPaid;
        final int batchMax;
        final int keptMax;
        final List<Line> lines = new ArrayList<>();
        final ArrayDeque<Batch> batches = new ArrayDeque<>();
        int kept;

        Page(boolean isPaid, int batchMax, int keptMax) {
            this.isPaid = isPaid;
            this.batchMax = batchMax;
            this.keptMax = keptMax;
        }
    }

    ReceiptBook(Turn turn, Self self) {
        this.turn = turn;
        this.self = self;
        NodeConfig.Bounds bounds = self.config().bounds();
        paid = new Page(true, PAID_BATCH, bounds.paidReceiptsMax());
        free = new Page(false, FREE_BATCH, bounds.freeReceiptsMax());
    }

    /** Takes up the batches that were kept. */
    void start(NavigableMap<Bytes, Bytes> kept) {
        for (Bytes row : kept.values()) {
            Fields f = Fields.of(Cbor.decodeOrThrow(row, DecodeLimits.MESSAGE), "batch");
            Page page = f.truth() ? paid : free;
            long first = f.number(0, Long.MAX_VALUE);
            List<Digest> calls = receipts(f).stream().map(Receipt::call).toList();
            put(page, new Batch(first, calls, row));
            next = Math.max(next, first + calls.size());
        }
    }

    /** Adds a receipt with its canonical bytes. */
    void add(Receipt receipt, Bytes encoded, boolean isPaid) {
        Page page = isPaid ? paid : free;
        page.lines.add(new Line(receipt, encoded));
        pending.put(receipt.call(), page);
        if (page.lines.size() >= page.batchMax) {
            seal(page);
        } else if (!timerSet) {
            timerSet = true;
            turn.wakeAfter(TIMER, self.config().waits().batch());
        }
    }

    /** Signs what waits. */
    void woke() {
        timerSet = false;
        seal(paid);
        seal(free);
    }

    /** Whether the receipt of this call is here. */
    boolean has(Digest call) {
        return byCall.containsKey(call) || pending.containsKey(call);
    }

    /** The proof of a receipt of this host, for a peer that asks. */
    Message proof(Calling.FindProof question) {
        return proof(question.call())
                .<Message>map(Calling.Proof::new)
                .orElseGet(() -> new Message.Refused(noProof(question.call())));
    }

    static Refusal noProof(Digest call) {
        return new Refusal(
                ErrorCode.PROOF_REFUSED,
                "this host has no receipt of call " + call + ", or no longer",
                "proofs are kept of the newest calls alone: fetch them soon after the call");
    }

    /** The proof file of a call's receipt; empty if this host does not have it any more. */
    Optional<Bytes> proof(Digest call) {
        Page page = pending.get(call);
        if (page != null) {
            seal(page);
        }
        Batch batch = byCall.get(call);
        if (batch == null) {
            return Optional.empty();
        }
        Fields f = Fields.of(Cbor.decodeOrThrow(batch.row, DecodeLimits.MESSAGE), "batch");
        f.truth();
        f.number(0, Long.MAX_VALUE);
        List<Receipt> receipts = receipts(f);
        return Optional.of(
                ReceiptBatch.seal(self.key(), batch.first, receipts)
                        .proof(batch.calls.indexOf(call))
                        .encoded());
    }

    private void seal(Page page) {
        if (page.lines.isEmpty()) {
            return;
        }
        List<Receipt> receipts = new ArrayList<>(page.lines.size());
        List<Digest> calls = new ArrayList<>(page.lines.size());
        List<Value> encoded = new ArrayList<>(page.lines.size());
        for (Line line : page.lines) {
            receipts.add(line.receipt);
            calls.add(line.receipt.call());
            encoded.add(Value.of(line.encoded));
            pending.remove(line.receipt.call());
        }
        page.lines.clear();
        ReceiptBatch.Signed signed = ReceiptBatch.seal(self.key(), next, receipts).signed();
        Bytes row =
                Cbor.encode(
                        Value.array(
                                Value.of(page.isPaid),
                                Value.of(next),
                                Value.array(encoded),
                                Value.of(signed.encoded())));
        turn.save(Table.BATCHES, key(next), row);
        put(page, new Batch(next, calls, row));
        next += receipts.size();
    }

    private void put(Page page, Batch batch) {
        page.batches.add(batch);
        page.kept += batch.calls.size();
        batch.calls.forEach(call -> byCall.put(call, batch));
        while (page.kept > page.keptMax && page.batches.size() > 1) {
            Batch oldest = page.batches.removeFirst();
            page.kept -= oldest.calls.size();
            oldest.calls.forEach(call -> byCall.remove(call, oldest));
            turn.erase(Table.BATCHES, key(oldest.first));
        }
    }

    private static List<Receipt> receipts(Fields f) {
        return f.list(
                FREE_BATCH,
                value ->
                        Receipt.decode(
                                        Fields.of(Value.array(value), "receipt")
                                                .bytes(DecodeLimits.ENTRY.bytesMax()))
                                .orThrow());
    }

    private static Bytes key(long first) {
        return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(first).array());
    }
}
