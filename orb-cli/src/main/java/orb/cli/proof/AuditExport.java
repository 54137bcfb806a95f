package orb.cli.proof;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.ledger.Entry;
import orb.ledger.History;
import orb.ledger.Ledger;
import orb.ledger.ReceiptProof;
import orb.ledger.Registered;
import orb.ledger.SignedEntry;
import orb.ledger.proof.AuditFile;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.EntryBundle;
import orb.ledger.proof.LogLeaf;
import orb.ledger.proof.TilePath;
import orb.ledger.proof.TileReader;

/** Makes audit files out of a log's static files. Not thread-safe. */
public final class AuditExport {
    /** How far clocks of hosts may be ahead of the log's time. */
    private static final Duration SKEW = Duration.ofMinutes(10);

    private final LogSource source;
    private final LogCheck check;
    private final Checkpoint checkpoint;

    /** Exports under the newest final checkpoint of this log. */
    public AuditExport(LogSource source) {
        this.source = source;
        check = new LogCheck(source);
        checkpoint = check.checkpoint();
    }

    /**
     * A call: its receipt, and the first entry that settles a voucher which covers it. Entries are
     * read from the newest backwards, down to the time of the call.
     *
     * @throws RefusedException {@code ORB-0702} if no final entry settles it yet
     */
    public AuditFile call(ReceiptProof proof) {
        Receipt receipt = proof.verify().orThrow();
        Instant earliest = Instant.ofEpochMilli(receipt.atMillis()).minus(SKEW);
        NavigableMap<Long, Bytes> found = new TreeMap<>();
        for (long at = last(checkpoint.size()); at >= 0; at -= TilePath.WIDTH) {
            NavigableMap<Long, LogLeaf> leaves = bundle(at);
            leaves.forEach((index, leaf) -> {
                if (AuditFile.settles(leaf.check(), receipt)) {
                    found.put(index, leaf.encoded());
                }
            });
            if (leaves.firstEntry().getValue().orderedAt().isBefore(earliest)) {
                break;
            }
        }
        if (found.isEmpty()) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.NOT_FINAL,
                            "no final entry settles call " + receipt.call() + " yet",
                            "hosts settle once in "
                                    + check.genesis().epoch().toSeconds()
                                    + " s: export it again then, or --receipt alone now"));
        }
        found.tailMap(found.firstKey(), false).clear();
        return file(AuditFile.ofCall(receipt.call()), found, Optional.of(proof));
    }

    /**
     * All entries that an account signed or that moved its credits. The whole log is replayed to
     * know them.
     *
     * @param who an account's id or its holder's name
     */
    public AuditFile wallet(String who, LongConsumer progress) {
        Ledger ledger = check.replay(progress).ledger();
        AccountId account =
                ledger.owner(who)
                        .map(Registered.Owner::id)
                        .orElseGet(() -> who.length() == 64 ? AccountId.parse(who) : unknown(who));
        Set<Long> moved =
                ledger.history(account).stream()
                        .map(History.Row::index)
                        .collect(Collectors.toCollection(TreeSet::new));
        return file(
                AuditFile.ofAccount(account),
                select((index, signed) ->
                        moved.contains(index) || signed.head().account().equals(account)),
                Optional.empty());
    }

    private static AccountId unknown(String who) {
        throw new RefusedException(
                ErrorCode.UNKNOWN_ACCOUNT, "the ledger has no account of " + who);
    }

    /** All versions of a function, and the settlements of its calls. */
    public AuditFile function(FunctionName name, LongConsumer progress) {
        Ledger ledger = check.replay(progress).ledger();
        FunctionId function =
                ledger.function(name)
                        .map(Registered.Function::id)
                        .orElseThrow(() ->
                                new RefusedException(
                                        ErrorCode.UNKNOWN_FUNCTION, "there is no " + name));
        return file(
                AuditFile.ofFunction(function),
                select((_, signed) ->
                        switch (signed.entry()) {
                            case Entry.DeployFunction(var key, _, _) ->
                                    FunctionId.of(key).equals(function);
                            case Entry.Settle(var voucher, _) ->
                                    voucher.voucher().lane().function().equals(function);
                            default -> false;
                        }),
                Optional.empty());
    }

    /** Which entries belong to a subject. */
    private interface Choice {
        boolean has(long index, SignedEntry signed);
    }

    private NavigableMap<Long, Bytes> select(Choice choice) {
        NavigableMap<Long, Bytes> found = new TreeMap<>();
        for (long at = 0; at < checkpoint.size(); at += TilePath.WIDTH) {
            bundle(at)
                    .forEach((index, leaf) -> {
                        if (SignedEntry.decode(leaf.entry())
                                        instanceof Result.Ok<SignedEntry>(var signed)
                                && choice.has(index, signed)) {
                            found.put(index, leaf.encoded());
                        }
                    });
        }
        if (found.size() > AuditFile.EVIDENCE_MAX) {
            throw new RefusedException(
                    ErrorCode.BODY_TOO_LARGE,
                    found.size() + " entries, and one file holds " + AuditFile.EVIDENCE_MAX);
        }
        return found;
    }

    private static long last(long size) {
        return size == 0 ? -1 : (size - 1) / TilePath.WIDTH * TilePath.WIDTH;
    }

    private NavigableMap<Long, LogLeaf> bundle(long first) {
        TilePath path = TilePath.holding(TilePath.ENTRIES, first, checkpoint.size());
        Bytes bundle = source.find(path).orElseThrow(() -> broken("there is no " + path));
        NavigableMap<Long, LogLeaf> leaves = new TreeMap<>();
        for (Bytes leaf : EntryBundle.read(bundle).orThrow()) {
            if (leaves.size() < path.width()) {
                leaves.put(first + leaves.size(), LogLeaf.decode(leaf).orThrow());
            }
        }
        return leaves;
    }

    private static RefusedException broken(String what) {
        return new RefusedException(
                new Refusal(ErrorCode.LOG_BROKEN, what, "read the log from another tracker"));
    }

    private AuditFile file(
            String subject, NavigableMap<Long, Bytes> entries, Optional<ReceiptProof> receipt) {
        TileReader tiles = new TileReader(source, checkpoint.size());
        List<AuditFile.Evidence> evidence = new ArrayList<>();
        entries.forEach((index, leaf) -> {
            List<Digest> path = tiles.inclusion(index);
            evidence.add(new AuditFile.Evidence(index, leaf, path));
        });
        AuditFile file =
                new AuditFile(
                        check.genesis(),
                        check.roster().keys(),
                        check.note(),
                        subject,
                        List.copyOf(entries.keySet()),
                        evidence,
                        receipt);
        file.verify().orThrow(); // what is written holds
        return file;
    }
}
