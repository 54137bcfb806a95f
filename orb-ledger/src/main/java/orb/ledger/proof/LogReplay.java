package orb.ledger.proof;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongConsumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.ledger.Genesis;
import orb.ledger.Ledger;
import orb.ledger.MerkleTree;
import orb.ledger.SignedEntry;

/**
 * Replays a whole log from its static files alone, and holds it to a checkpoint.
 *
 * <p>In this order, so that the first thing that is wrong is named: a quorum has cosigned the
 * checkpoint; the tiles of hashes lead to its root; each entry is the one that the tree has at its
 * place; all of them, carried out one after the other, give the checkpoint's state root. Whoever
 * runs it believes nobody but the roster's keys. Not thread-safe.
 */
public final class LogReplay {
    private final LogRoster roster;
    private final Ledger ledger;
    private final TileSource source;
    private final Function<List<Bytes>, List<SignedEntry.Checked>> checker;
    private long applied;

    /**
     * What came of it.
     *
     * @param checked the checkpoint and who cosigned it
     * @param ledger the state after the last entry
     * @param applied entries that changed it; the others were refused
     */
    public record Report(LogRoster.Checked checked, Ledger ledger, long applied) {}

    /**
     * A replay that has not begun.
     *
     * @param checker checks the entries of one bundle, in their order; signatures take most of the
     *     time, so whoever has several processors may use them
     */
    public LogReplay(
            Genesis genesis,
            LogRoster roster,
            TileSource source,
            Function<List<Bytes>, List<SignedEntry.Checked>> checker) {
        this.roster = roster;
        this.source = source;
        this.checker = checker;
        ledger = new Ledger(genesis);
    }

    /**
     * Replays up to a checkpoint; once.
     *
     * @param note the cosigned checkpoint
     * @param progress is told how many entries are done, after each bundle
     * @return why the note is not final, or {@code ORB-0703} naming the first file or entry that is
     *     broken
     * @throws IllegalStateException if the ledger's own books would be wrong
     */
    public Result<Report> run(Bytes note, LongConsumer progress) {
        return roster.checkFinal(note)
                .then(checked ->
                        Result.catching(() -> {
                            Checkpoint checkpoint = checked.checkpoint();
                            TileReader tiles = hold(checkpoint);
                            for (long at = 0; at < checkpoint.size(); at = ledger.next()) {
                                bundle(
                                        TilePath.holding(TilePath.ENTRIES, at, checkpoint.size()),
                                        tiles);
                                progress.accept(ledger.next());
                            }
                            if (!ledger.stateRoot().equals(checkpoint.stateRoot())) {
                                throw broken(
                                        "the state after entry "
                                                + (checkpoint.size() - 1)
                                                + " has root "
                                                + ledger.stateRoot()
                                                + ", and "
                                                + checkpoint.stateRoot()
                                                + " was signed");
                            }
                            return new Report(checked, ledger, applied);
                        }));
    }

    /** Tiles that lead to the checkpoint's root, each and every one. */
    private TileReader hold(Checkpoint checkpoint) {
        TileReader tiles = new TileReader(source, checkpoint.size());
        if (!tiles.root().equals(checkpoint.root())) {
            throw broken(
                    "the tiles at the right edge lead to root "
                            + tiles.root()
                            + ", and "
                            + checkpoint.root()
                            + " was signed");
        }
        for (int level = TilePath.LEVEL_MAX - 1; level >= 0; level--) {
            long full = checkpoint.size() >> 8 * (level + 1);
            for (long index = 0; index < full; index++) {
                TilePath path = new TilePath(level, index, TilePath.WIDTH);
                TilePath above = TilePath.holding(level + 1, index, checkpoint.size());
                int place = (int) (index - above.first()) * Digest.LENGTH;
                Bytes hash = tiles.tile(above).slice(place, place + Digest.LENGTH);
                if (!TileReader.rootOf(tiles.tile(path)).bytes().equals(hash)) {
                    throw TileReader.broken(path, "does not have the hash that " + above + " has");
                }
            }
        }
        return tiles;
    }

    private void bundle(TilePath path, TileReader tiles) {
        Bytes bundle =
                source.find(path)
                        .orElseThrow(
                                () -> broken("entry " + path.first() + " is missing: no " + path));
        if (!(EntryBundle.read(bundle) instanceof Result.Ok<List<Bytes>>(var all))) {
            throw broken("entry " + path.first() + " cannot be read: " + path + " is no bundle");
        }
        Bytes hashes = tiles.tile(TilePath.holding(0, path.first(), path.first() + path.width()));
        List<Bytes> leaves = all.subList(0, Math.min(path.width(), all.size()));
        List<LogLeaf> read = new ArrayList<>(leaves.size());
        for (Bytes leaf : leaves) {
            int place = read.size() * Digest.LENGTH;
            long index = path.first() + read.size();
            if (!MerkleTree.leafHash(leaf)
                    .bytes()
                    .equals(hashes.slice(place, place + Digest.LENGTH))) {
                throw broken("entry " + index + " is not the one that was signed");
            }
            read.add(
                    switch (LogLeaf.decode(leaf)) {
                        case Result.Ok<LogLeaf>(var good) -> good;
                        case Result.Refused<LogLeaf>(var why) ->
                                throw broken("entry " + index + " is no leaf: " + why.what());
                    });
        }
        if (read.size() < path.width()) {
            throw broken("entry " + (path.first() + read.size()) + " is missing in " + path);
        }
        apply(read);
    }

    private void apply(List<LogLeaf> leaves) {
        List<SignedEntry.Checked> checked =
                checker.apply(leaves.stream().map(LogLeaf::entry).toList());
        for (int i = 0; i < leaves.size(); i++) {
            if (leaves.get(i).orderedAt().isBefore(ledger.time())) {
                throw broken("entry " + ledger.next() + " was ordered before the one before it");
            }
            if (ledger.apply(ledger.next(), leaves.get(i).orderedAt(), checked.get(i)).isOk()) {
                applied++;
            }
        }
    }

    private static RefusedException broken(String what) {
        return new RefusedException(
                new Refusal(
                        ErrorCode.LOG_BROKEN,
                        what,
                        "read the log from another tracker, and compare"));
    }
}
