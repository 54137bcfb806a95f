package orb.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Fuel;
import orb.kernel.Lane;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Response;
import orb.ledger.proof.AuditFile;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.EntryBundle;
import orb.ledger.proof.LogLeaf;
import orb.ledger.proof.LogReplay;
import orb.ledger.proof.LogRoster;
import orb.ledger.proof.SignedNote;
import orb.ledger.proof.TilePath;
import orb.ledger.proof.TileSource;
import orb.ledger.proof.TileTree;

/** The static files of a town's log under a checkpoint of four trackers, for tests to damage. */
final class Archive implements TileSource {
    final Town town = new Town();
    final LogRoster roster =
            new LogRoster(
                    Town.GENESIS.network(),
                    List.of(
                            Town.key("t1").publicKey(),
                            Town.key("t2").publicKey(),
                            Town.key("t3").publicKey(),
                            Town.key("t4").publicKey()));
    final TreeMap<String, Bytes> files = new TreeMap<>();
    Optional<ReceiptProof> receipt = Optional.empty();
    private final TileTree tree = new TileTree();

    /** Accounts, nodes, a function, a paid call, one entry that is refused, many gifts. */
    static Archive of(int gifts) {
        Archive archive = new Archive();
        Town town = archive.town;
        town.settleIn("ann", "node-a");
        town.settleIn("hub", "hub");
        town.deploy("ann", "f", Plan.METERED);
        archive.call(town.lock("ann", "hub", 50_000));
        town.refusal("bob", new Entry.OpenAccount("ann"));
        town.open("bob");
        for (int i = 0; i < gifts; i++) {
            town.wait(Duration.ofMillis(100));
            town.does("ann", new Entry.Send(Town.account("bob"), new Credits(1), "gift " + i));
        }
        archive.write();
        return archive;
    }

    /** Three calls of which the second is the one that is asked for; one voucher settles all. */
    private void call(Digest channel) {
        Lane lane = Town.lane(channel, "node-a", "f");
        HostLane host =
                new HostLane(
                        new HostLane.Terms(
                                Town.GENESIS.network(),
                                lane,
                                Plan.METERED,
                                Town.node("hub"),
                                List.of(Town.key("hub").publicKey()),
                                1_024));
        List<Receipt> receipts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            HostLane.Ticket ticket = host.admit(Credits.whole(1), Town.LIMIT).orThrow();
            receipts.add(
                    host.complete(
                            ticket,
                            new HostLane.Work(
                                    Town.digest("call " + i),
                                    Town.digest("artefact f1"),
                                    1,
                                    Town.digest("input " + i),
                                    Town.digest("output " + i),
                                    new Outcome.Completed(Response.ok(Bytes.EMPTY), new Fuel(999)),
                                    1,
                                    Town.START.toEpochMilli())));
        }
        receipt = Optional.of(ReceiptBatch.seal(Town.key("node-a"), 0, receipts).proof(1));
        Receipt last = receipts.getLast();
        town.does(
                "node-a",
                new Entry.Settle(
                        town.voucher(lane, Plan.METERED, 3, last.amount().micro())
                                .sign(Town.key("hub")),
                        last.digest()));
    }

    private void write() {
        List<Bytes> leaves = new ArrayList<>();
        for (Town.Logged each : town.log) {
            leaves.add(new LogLeaf(each.time(), each.bytes()).encoded());
            tree.append(MerkleTree.leafHash(leaves.getLast()));
        }
        for (long at = 0; at < leaves.size(); at += TilePath.WIDTH) {
            TilePath path = TilePath.holding(TilePath.ENTRIES, at, leaves.size());
            files.put(
                    path.toString(),
                    EntryBundle.of(leaves.subList((int) at, (int) at + path.width())));
        }
        for (int level = 0; tree.size() >> 8 * level > 0; level++) {
            for (long place = 0; place < tree.size() >> 8 * level; place += TilePath.WIDTH) {
                TilePath path = TilePath.holding(level, place, tree.size());
                files.put(path.toString(), tree.read(path).orElseThrow());
            }
        }
    }

    @Override
    public Optional<Bytes> read(TilePath path) {
        return Optional.ofNullable(files.get(path.toString()));
    }

    Checkpoint checkpoint() {
        return new Checkpoint(
                town.network, town.ledger.next(), town.ledger.logRoot(), town.ledger.stateRoot());
    }

    /** The checkpoint, cosigned by the first so many trackers. */
    Bytes cosigned(Checkpoint checkpoint, int trackers) {
        SignedNote note = roster.sign(Town.key("t1"), checkpoint, 1);
        for (int i = 2; i <= trackers; i++) {
            note = note.with(roster.sign(Town.key("t" + i), checkpoint, i).signatures().getLast());
        }
        return note.encoded();
    }

    Bytes note() {
        return cosigned(checkpoint(), 3);
    }

    LogReplay replay() {
        return new LogReplay(
                Town.GENESIS,
                roster,
                this,
                entries -> entries.stream().map(SignedEntry::check).toList());
    }

    /** The file of the call. */
    AuditFile audit() {
        for (int i = 0; i < town.log.size(); i++) {
            SignedEntry entry = SignedEntry.decode(town.log.get(i).bytes()).orThrow();
            if (entry.entry() instanceof Entry.Settle) {
                return audit(receipt, i);
            }
        }
        throw new AssertionError("nothing was settled");
    }

    AuditFile audit(Optional<ReceiptProof> proof, long... places) {
        List<Long> indexes = new ArrayList<>();
        List<AuditFile.Evidence> evidence = new ArrayList<>();
        for (long place : places) {
            Town.Logged each = town.log.get((int) place);
            indexes.add(place);
            evidence.add(
                    new AuditFile.Evidence(
                            place,
                            new LogLeaf(each.time(), each.bytes()).encoded(),
                            tree.at(tree.size()).inclusion(place)));
        }
        String subject =
                proof.map(each -> AuditFile.ofCall(each.receipt().call()))
                        .orElseGet(() -> subject(town.log.get((int) places[0]).bytes()));
        return new AuditFile(
                Town.GENESIS, roster.keys(), note(), subject, indexes, evidence, proof);
    }

    private static String subject(Bytes entry) {
        return AuditFile.ofAccount(SignedEntry.decode(entry).orThrow().head().account());
    }
}
