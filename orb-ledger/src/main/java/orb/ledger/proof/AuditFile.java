package orb.ledger.proof;

import static orb.kernel.Require.require;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.PublicKey;
import orb.ledger.Entry;
import orb.ledger.Genesis;
import orb.ledger.MerkleTree;
import orb.ledger.Plan;
import orb.ledger.ReceiptProof;
import orb.ledger.SignedEntry;
import orb.ledger.Voucher;

/**
 * Entries of the log with all that is needed to check them without asking anybody: genesis, keys of
 * the trackers, a cosigned checkpoint, and for each entry its path to the checkpoint's root. For a
 * call it also has the host's receipt, and the entry is the settlement that pays for it.
 *
 * <p>It proves that these entries stand in the log at these places. Whether an entry was carried
 * out, and that no other entry belongs to the subject, a replay of the log proves ({@link
 * LogReplay}). Bytes and steps are in {@code docs/protocol/log.md}. Immutable.
 *
 * @param genesis what the swarm agreed on
 * @param keys of the trackers
 * @param note the cosigned checkpoint
 * @param subject what it is about, for people: {@code call ...}, {@code account ...}
 * @param indexes places of the entries in the log, ascending
 * @param evidence one for each place, in that order
 * @param receipt of the call, if it is about one
 */
public record AuditFile(
        Genesis genesis,
        List<PublicKey> keys,
        Bytes note,
        String subject,
        List<Long> indexes,
        List<Evidence> evidence,
        Optional<ReceiptProof> receipt) {
    /** More entries are not exported into one file. */
    public static final int EVIDENCE_MAX = 10_000;

    private static final String FORMAT = "orb-audit";
    private static final int VERSION = 1;
    private static final int SUBJECT_MAX = 200;
    private static final DecodeLimits LIMITS = new DecodeLimits(64 << 20, 8, 1_000_000);

    /**
     * One entry and its path.
     *
     * @param index its place in the log
     * @param leaf what the tree hashes for it
     * @param path from its hash to the root
     */
    public record Evidence(long index, Bytes leaf, List<Digest> path) {
        public Evidence {
            path = List.copyOf(path);
        }
    }

    /**
     * What holds.
     *
     * @param checked the checkpoint, with who cosigned it
     * @param roster the keys by which it was checked
     * @param entries what the entries say, in the order of the log
     */
    public record Verified(
            LogRoster.Checked checked, LogRoster roster, List<SignedEntry.Checked> entries) {}

    public AuditFile {
        keys = List.copyOf(keys);
        indexes = List.copyOf(indexes);
        evidence = List.copyOf(evidence);
        require(
                indexes.size() <= EVIDENCE_MAX && evidence.size() <= EVIDENCE_MAX,
                "a file has at most %d entries",
                EVIDENCE_MAX);
        require(
                subject.length() <= SUBJECT_MAX,
                "a subject has at most %d characters",
                SUBJECT_MAX);
    }

    /** The trackers whose cosignatures it counts. */
    public LogRoster roster() {
        return new LogRoster(genesis.network(), keys);
    }

    /**
     * Checks everything that the file says against everything else in it.
     *
     * @return {@code ORB-0701} naming the first part that fails
     */
    public Result<Verified> verify() {
        return Result.catching(() -> {
            LogRoster roster = roster();
            LogRoster.Checked checked =
                    switch (roster.checkFinal(note)) {
                        case Result.Ok<LogRoster.Checked>(var good) -> good;
                        case Result.Refused<LogRoster.Checked>(var why) ->
                                throw broken("checkpoint", why.what());
                    };
            if (!roster.namesAll(checked.note())) { // a changed byte may have made it unknown
                throw broken("checkpoint", "a signature on it is of nobody in the roster");
            }
            List<SignedEntry.Checked> entries = new ArrayList<>(evidence.size());
            for (int i = 0; i < indexes.size(); i++) {
                long index = indexes.get(i);
                if (i >= evidence.size() || evidence.get(i).index() != index) {
                    throw broken("entry " + index, "it is missing");
                }
                entries.add(held(evidence.get(i), checked.checkpoint()));
            }
            if (evidence.size() > indexes.size()) {
                throw broken("entry " + evidence.getLast().index(), "the list does not name it");
            }
            NavigableSet<Long> ascending = new TreeSet<>(indexes);
            if (!List.copyOf(ascending).equals(indexes)) {
                throw broken("indexes", "they do not ascend");
            }
            receipt.ifPresent(proof -> paid(proof, entries));
            if (!isAbout(entries)) {
                throw broken("subject", "the entries are not those of " + subject);
            }
            return new Verified(checked, roster, List.copyOf(entries));
        });
    }

    private static SignedEntry.Checked held(Evidence each, Checkpoint checkpoint) {
        String name = "entry " + each.index();
        if (!MerkleTree.verifyInclusion(
                MerkleTree.leafHash(each.leaf()),
                each.index(),
                checkpoint.size(),
                each.path(),
                checkpoint.root())) {
            throw broken(name, "it and its path do not lead to the signed root");
        }
        return switch (LogLeaf.decode(each.leaf())) {
            case Result.Ok<LogLeaf>(var leaf) -> leaf.check();
            case Result.Refused<LogLeaf>(var why) -> throw broken(name, why.what());
        };
    }

    /** The receipt holds, and an entry of the file settles a voucher that covers it. */
    private void paid(ReceiptProof proof, List<SignedEntry.Checked> entries) {
        Receipt stated = proof.receipt();
        Plan plan =
                genesis.plan(stated.plan())
                        .orElseThrow(() -> broken("receipt", "the swarm has no such plan"));
        Receipt good =
                switch (proof.verify(plan)) {
                    case Result.Ok<Receipt>(var held) -> held;
                    case Result.Refused<Receipt>(var why) -> throw broken("receipt", why.what());
                };
        if (entries.stream().noneMatch(entry -> settles(entry, good))) {
            throw broken("settlement", "no entry of the file pays for this receipt");
        }
    }

    /** The subject of a call's file. */
    public static String ofCall(Digest call) {
        return "call " + call;
    }

    /** The subject of an account's file; one of its entries at least is signed by it. */
    public static String ofAccount(AccountId account) {
        return "account " + account;
    }

    /** The subject of a function's file: its versions and the settlements of its calls. */
    public static String ofFunction(FunctionId function) {
        return "function " + function;
    }

    private boolean isAbout(List<SignedEntry.Checked> entries) {
        if (receipt.isPresent()) {
            return subject.equals(ofCall(receipt.get().receipt().call()));
        }
        List<SignedEntry> signed =
                entries.stream()
                        .map(SignedEntry.Checked::result)
                        .filter(Result::isOk)
                        .map(Result::orThrow)
                        .toList();
        return signed.stream().anyMatch(one -> ofAccount(one.head().account()).equals(subject))
                || (!signed.isEmpty()
                        && signed.stream()
                                .allMatch(one ->
                                        functionOf(one.entry())
                                                .filter(id -> ofFunction(id).equals(subject))
                                                .isPresent()));
    }

    private static Optional<FunctionId> functionOf(Entry entry) {
        return switch (entry) {
            case Entry.DeployFunction(var key, _, _) -> Optional.of(FunctionId.of(key));
            case Entry.Settle(var voucher, _) -> Optional.of(voucher.voucher().lane().function());
            default -> Optional.empty();
        };
    }

    /** Whether the entry settles a voucher that covers the receipt. */
    public static boolean settles(SignedEntry.Checked entry, Receipt receipt) {
        if (!(entry.result() instanceof Result.Ok<SignedEntry>(var signed))
                || !(signed.entry() instanceof Entry.Settle(var marked, var head))) {
            return false;
        }
        Voucher voucher = marked.voucher();
        boolean isLast = voucher.calls() == receipt.sequence();
        return voucher.lane().equals(receipt.lane())
                && voucher.plan().equals(receipt.plan())
                && voucher.calls() >= receipt.sequence()
                && voucher.amount().compareTo(receipt.amount()) >= 0
                && (!isLast || head.equals(receipt.digest()));
    }

    private static RefusedException broken(String part, String why) {
        return new RefusedException(
                new Refusal(
                        ErrorCode.PROOF_REFUSED,
                        part + " is broken: " + why,
                        "export the file again, from another tracker too"));
    }

    /** Canonical bytes: the file. */
    public Bytes encoded() {
        List<Value> keyValues = new ArrayList<>();
        keys.forEach(key -> keyValues.add(Value.of(key.bytes())));
        List<Value> places = new ArrayList<>();
        indexes.forEach(index -> places.add(Value.of(index)));
        List<Value> parts = new ArrayList<>();
        evidence.forEach(each -> parts.add(value(each)));
        return Cbor.encode(
                Value.array(
                        Value.of(FORMAT),
                        Value.of(VERSION),
                        Value.of(genesis.encoded()),
                        Value.array(keyValues),
                        Value.of(note),
                        Value.of(subject),
                        Value.array(places),
                        Value.array(parts),
                        receipt.map(proof -> Value.of(proof.encoded())).orElse(Value.NULL)));
    }

    private static Value value(Evidence each) {
        List<Value> hashes = new ArrayList<>();
        each.path().forEach(hash -> hashes.add(Value.of(hash.bytes())));
        return Value.array(Value.of(each.index()), Value.of(each.leaf()), Value.array(hashes));
    }

    /** Whether the bytes claim to be such a file: they may be a receipt's proof instead. */
    public static boolean isOne(Bytes bytes) {
        Bytes name = Bytes.utf8(FORMAT);
        return bytes.length() > 2 + name.length() && bytes.slice(2, 2 + name.length()).equals(name);
    }

    /** Reads canonical bytes, strictly; {@code ORB-0001} for anything else. */
    public static Result<AuditFile> decode(Bytes bytes) {
        return Result.catching(() -> {
            Fields f = Fields.of(Cbor.decodeOrThrow(bytes, LIMITS), "AuditFile");
            if (!f.text(FORMAT.length()).equals(FORMAT) || f.number(0, 1_000) != VERSION) {
                throw new RefusedException(
                        ErrorCode.MALFORMED_BYTES, "this is no audit file of version " + VERSION);
            }
            Genesis genesis = Genesis.decode(f.bytes(LIMITS.bytesMax())).orThrow();
            List<PublicKey> keys =
                    f.list(
                            LogRoster.KEYS_MAX,
                            key -> new PublicKey(one(key, "key").exactBytes(PublicKey.LENGTH)));
            Bytes note = f.bytes(SignedNote.LENGTH_MAX);
            String subject = f.text(SUBJECT_MAX);
            List<Long> places =
                    f.list(EVIDENCE_MAX, index -> one(index, "index").number(0, Long.MAX_VALUE));
            List<Evidence> evidence = f.list(EVIDENCE_MAX, AuditFile::evidence);
            Optional<ReceiptProof> receipt =
                    f.optional(nested -> nested.bytes(LIMITS.bytesMax()))
                            .map(proof -> ReceiptProof.decode(proof).orThrow());
            f.end();
            if (keys.isEmpty() || !List.copyOf(new TreeSet<>(keys)).equals(keys)) {
                throw new RefusedException(
                        ErrorCode.MALFORMED_BYTES, "the trackers' keys ascend, each once");
            }
            return new AuditFile(genesis, keys, note, subject, places, evidence, receipt);
        });
    }

    private static Fields one(Value value, String what) {
        return Fields.of(Value.array(value), what);
    }

    private static Evidence evidence(Value value) {
        Fields f = Fields.of(value, "Evidence");
        long index = f.number(0, Long.MAX_VALUE);
        Bytes leaf = f.bytes(DecodeLimits.ENTRY.bytesMax() + 16);
        List<Digest> path = f.list(MerkleTree.PROOF_MAX, hash -> one(hash, "path").digest());
        f.end();
        return new Evidence(index, leaf, path);
    }
}
