package orb.node;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.FunctionId;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.RefusedException;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.PublicKey;
import orb.ledger.Genesis;
import orb.ledger.HostLane;
import orb.ledger.Plan;
import orb.ledger.Voucher;

/**
 * A lane that this node is paid on, with what of it is kept.
 *
 * <p>Two kinds of rows let it go on after a restart: one with its terms, its highest voucher and
 * that voucher's last receipt, and a ring of rows with the receipts since. Each receipt's row is
 * saved before its answer leaves, one small row per call.
 */
final class HostedLane {
    /** More than can be unpaid, so that no receipt that counts is overwritten. */
    static final int RING = 32;

    private static final char PREFIX = 'h';
    private static final int PROMISERS_MAX = 4;

    final HostLane lane;
    private Optional<Covered> covered;
    private Credits settled;
    private boolean settling;

    /** The highest voucher and the receipt that it ends with. */
    record Covered(Voucher.Signed voucher, Receipt last) {}

    private HostedLane(HostLane lane, Optional<Covered> covered, Credits settled) {
        this.lane = lane;
        this.covered = covered;
        this.settled = settled;
    }

    static HostedLane fresh(HostLane.Terms terms) {
        return new HostedLane(new HostLane(terms), Optional.empty(), Credits.ZERO);
    }

    void cover(Voucher.Signed voucher, Receipt last) {
        covered = Optional.of(new Covered(voucher, last));
    }

    Credits settled() {
        return settled;
    }

    boolean isSettling() {
        return settling;
    }

    void settling() {
        settling = true;
    }

    /** A settlement has its answer; {@code amount} is what the ledger has paid at least. */
    void settled(Credits amount) {
        settling = false;
        settled = amount.compareTo(settled) > 0 ? amount : settled;
    }

    /** Nothing is owed, promised or running here that a later call would need. */
    boolean isIdle() {
        return lane.atRisk() == 0 && !settling && lane.settlement(settled).isEmpty();
    }

    static Bytes key(Lane lane) {
        byte[] name =
                Digest.sha256(
                                lane.channel().bytes().array(),
                                lane.host().digest().bytes().array(),
                                lane.function().digest().bytes().array())
                        .bytes()
                        .array();
        return Bytes.of((byte) PREFIX).concat(Bytes.wrap(name));
    }

    static boolean isKey(Bytes key) {
        return key.length() == 1 + Digest.LENGTH && key.at(0) == PREFIX;
    }

    /** Where a receipt stands in its lane's ring. */
    static Bytes receiptKey(Receipt receipt) {
        return key(receipt.lane()).concat(Bytes.of((byte) (receipt.sequence() % RING)));
    }

    /** The row of {@code Table.LANES}. */
    Bytes encoded() {
        HostLane.Terms terms = lane.terms();
        List<Value> promisers = new ArrayList<>();
        terms.promisers().forEach(key -> promisers.add(Value.of(key.bytes())));
        return Cbor.encode(
                Value.array(
                        Value.of(terms.lane().channel().bytes()),
                        Value.of(terms.lane().host().digest().bytes()),
                        Value.of(terms.lane().function().digest().bytes()),
                        Value.of(terms.plan().hash().bytes()),
                        Value.of(terms.hub().digest().bytes()),
                        Value.array(promisers),
                        Value.of(settled.micro()),
                        covered.map(HostedLane::encoded).orElse(Value.NULL)));
    }

    private static Value encoded(Covered covered) {
        return Value.array(Value.of(covered.voucher.encoded()), Value.of(covered.last.encoded()));
    }

    /**
     * A lane as it was kept; empty if the swarm's plans no longer have its plan.
     *
     * @param ring the rows of its receipts, in any order, older ones among them
     * @throws RefusedException if a row is damaged
     */
    static Optional<HostedLane> decode(Bytes row, List<Receipt> ring, Genesis genesis) {
        Fields f = Fields.of(Cbor.decodeOrThrow(row, DecodeLimits.ENTRY), "lane");
        Lane lane = new Lane(f.digest(), new NodeId(f.digest()), new FunctionId(f.digest()));
        Optional<Plan> plan = genesis.plan(f.digest());
        NodeId hub = new NodeId(f.digest());
        List<PublicKey> promisers =
                f.list(
                        PROMISERS_MAX,
                        value ->
                                new PublicKey(
                                        Fields.of(Value.array(value), "key")
                                                .exactBytes(PublicKey.LENGTH)));
        Credits settled = f.credits();
        Optional<Covered> covered = f.optional(HostedLane::covered);
        f.end();
        return plan.map(known -> {
            HostLane.Terms terms =
                    new HostLane.Terms(
                            genesis.network(), lane, known, hub, promisers, HostLane.UNPAID_MAX);
            HostLane resumed =
                    HostLane.resume(terms, chain(covered, ring), covered.map(Covered::voucher));
            return new HostedLane(resumed, covered, settled);
        });
    }

    private static Covered covered(Fields outer) {
        Fields f = outer.fields("covered");
        Covered covered =
                new Covered(
                        Voucher.Signed.decode(f.bytes(DecodeLimits.ENTRY.bytesMax())).orThrow(),
                        Receipt.decode(f.bytes(DecodeLimits.ENTRY.bytesMax())).orThrow());
        f.end();
        return covered;
    }

    /** The receipts from the covered one on that follow each other without a gap. */
    private static List<Receipt> chain(Optional<Covered> covered, List<Receipt> ring) {
        List<Receipt> chain = new ArrayList<>();
        covered.ifPresent(known -> chain.add(known.last));
        List<Receipt> ordered = new ArrayList<>(ring);
        ordered.sort(Comparator.comparingLong(Receipt::sequence));
        for (Receipt receipt : ordered) {
            long last = chain.isEmpty() ? 0 : chain.getLast().sequence();
            Digest head = chain.isEmpty() ? Digest.ZERO : chain.getLast().digest();
            if (receipt.sequence() == last + 1 && receipt.previous().equals(head)) {
                chain.add(receipt);
            }
        }
        return chain;
    }
}
