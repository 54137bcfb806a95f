package orb.cli.bench;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.identity.KeyPair;
import orb.ledger.Entry;
import orb.ledger.Genesis;
import orb.ledger.Ledger;
import orb.ledger.MerkleTree;
import orb.ledger.NodeBinding;
import orb.ledger.SignedEntry;
import orb.ledger.proof.AuditFile;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.EntryBundle;
import orb.ledger.proof.LogLeaf;
import orb.ledger.proof.LogReplay;
import orb.ledger.proof.LogRoster;
import orb.ledger.proof.SignedNote;
import orb.ledger.proof.TilePath;
import orb.ledger.proof.TileTree;

/**
 * Measures what it takes to check the ledger: the size of one entry's file under the cosignatures
 * of three of four trackers, the time to verify it, and the replay of a million entries from their
 * files in memory, on all processors.
 */
public final class ProofBench {
    private static final int ENTRIES = 1_000_000;
    private static final int ROUNDS = 2_000;
    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    private final Genesis genesis = Genesis.standard("bench");
    private final KeyPair payer = key("payer");
    private final Ledger ledger = new Ledger(genesis);
    private final TileTree tree = new TileTree();
    private final NavigableMap<TilePath, Bytes> bundles =
            new TreeMap<>((a, b) -> Long.compare(a.index(), b.index()));
    private final List<Bytes> open = new ArrayList<>();

    private static KeyPair key(String name) {
        return KeyPair.ofSeed(Digest.of(Bytes.utf8(name)).bytes().array());
    }

    /** Measures; some minutes. */
    public void run(Consumer<Figure> each) {
        LogRoster roster =
                new LogRoster(
                        genesis.network(),
                        IntStream.range(0, 4).mapToObj(i -> key("t" + i).publicKey()).toList());
        Checkpoint head = write();
        SignedNote note = roster.sign(key("t0"), head, 1);
        for (int i = 1; i < roster.quorum(); i++) {
            note = note.with(roster.sign(key("t" + i), head, 1).signatures().getLast());
        }
        AuditFile file =
                new AuditFile(
                        genesis,
                        roster.keys(),
                        note.encoded(),
                        "bench",
                        List.of(ENTRIES / 2L),
                        List.of(evidence(ENTRIES / 2L)),
                        Optional.empty());
        Bytes bytes = file.encoded();
        figure(each, "proof_bytes", bytes.length(), "B", 1);
        double[] millis = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long begun = System.nanoTime();
            AuditFile.decode(bytes).orThrow().verify().orThrow();
            millis[i] = (System.nanoTime() - begun) / 1e6;
        }
        Arrays.sort(millis);
        figure(each, "proof_verify_ms", millis[ROUNDS / 2], "ms", ROUNDS);
        long begun = System.nanoTime();
        new LogReplay(
                        genesis,
                        roster,
                        path ->
                                path.level() == TilePath.ENTRIES
                                        ? Optional.ofNullable(bundles.get(path))
                                        : tree.read(path),
                        entries -> entries.parallelStream().map(SignedEntry::check).toList())
                .run(note.encoded(), _ -> {})
                .orThrow();
        figure(each, "replay_1m_s", (System.nanoTime() - begun) / 1e9, "s", ENTRIES);
    }

    private static void figure(
            Consumer<Figure> each, String metric, double value, String unit, long n) {
        each.accept(new Figure("ledger", metric, value, unit, n));
    }

    private AuditFile.Evidence evidence(long index) {
        TilePath path = TilePath.holding(TilePath.ENTRIES, index, ENTRIES);
        Bytes leaf =
                EntryBundle.read(bundles.getOrDefault(path, Bytes.EMPTY))
                        .orThrow()
                        .get((int) (index - path.first()));
        return new AuditFile.Evidence(index, leaf, tree.at(ENTRIES).inclusion(index));
    }

    /** A log of gifts, a thousand a second. */
    private Checkpoint write() {
        AccountId account = AccountId.of(payer.publicKey());
        NodeBinding binding =
                NodeBinding.solve(
                        genesis.network(),
                        key("node").publicKey(),
                        account,
                        genesis.gates().workBits());
        add(List.of(signed(1, new Entry.OpenAccount("payer"))));
        add(List.of(signed(2, new Entry.RegisterNode(binding, binding.sign(key("node"))))));
        KeyPair friend = key("friend");
        add(
                List.of(
                        SignedEntry.sign(
                                friend,
                                genesis.network(),
                                1,
                                START.plusSeconds(60),
                                new Entry.OpenAccount("friend"))));
        Entry gift = new Entry.Send(AccountId.of(friend.publicKey()), new Credits(1), "");
        int batch = 4_096;
        for (int at = 3; at < ENTRIES; at += batch) {
            int end = Math.min(ENTRIES, at + batch);
            add(
                    IntStream.range(at, end)
                            .parallel()
                            .mapToObj(nonce -> signed(nonce, gift))
                            .toList());
        }
        close();
        return new Checkpoint(
                genesis.network(), ledger.next(), ledger.logRoot(), ledger.stateRoot());
    }

    private SignedEntry signed(long nonce, Entry entry) {
        Instant at = START.plusMillis(nonce);
        return SignedEntry.sign(payer, genesis.network(), nonce, at.plusSeconds(60), entry);
    }

    private void add(List<SignedEntry> entries) {
        List<SignedEntry.Checked> checked =
                entries.parallelStream().map(e -> SignedEntry.check(e.encoded())).toList();
        for (SignedEntry.Checked entry : checked) {
            Instant at = START.plusMillis(ledger.next());
            ledger.apply(ledger.next(), at, entry).orThrow();
            Bytes leaf = new LogLeaf(at, entry.bytes()).encoded();
            tree.append(MerkleTree.leafHash(leaf));
            open.add(leaf);
            if (open.size() == TilePath.WIDTH) {
                close();
            }
        }
    }

    private void close() {
        if (!open.isEmpty()) {
            long index = (ledger.next() - 1) / TilePath.WIDTH;
            TilePath path = new TilePath(TilePath.ENTRIES, index, open.size());
            bundles.put(path, EntryBundle.of(open));
            open.clear();
        }
    }
}
