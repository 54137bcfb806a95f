package orb.ledger.proof;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.ledger.Genesis;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever comes from outside is read as what it is, or refused, and never throws. */
final class ProofFuzzTest {
    private static final Genesis GENESIS = Genesis.standard("fuzz");
    private static final KeyPair KEY =
            KeyPair.ofSeed(Digest.of(Bytes.utf8("fuzz")).bytes().array());
    private static final LogRoster ROSTER =
            new LogRoster(GENESIS.network(), List.of(KEY.publicKey()));
    private static final Bytes NOTE =
            ROSTER.sign(KEY, new Checkpoint(GENESIS.network(), 1, Digest.ZERO, Digest.ZERO), 1)
                    .encoded();
    private static final Bytes LEAF = new LogLeaf(Instant.ofEpochMilli(5), NOTE).encoded();

    static Stream<byte[]> samples() {
        AuditFile file =
                new AuditFile(
                        GENESIS,
                        ROSTER.keys(),
                        NOTE,
                        "fuzz",
                        List.of(0L),
                        List.of(new AuditFile.Evidence(0, LEAF, List.of(Digest.ZERO))),
                        Optional.empty());
        return Stream.of(
                        NOTE,
                        LEAF,
                        file.encoded(),
                        EntryBundle.of(List.of(LEAF, Bytes.EMPTY)),
                        Bytes.utf8(ROSTER.cosigner(KEY.publicKey()).vkey()),
                        Bytes.utf8("tile/0/x001/x234/067.p/12"))
                .map(Bytes::toArray);
    }

    @MethodSource("samples")
    @FuzzTest(maxDuration = "20s")
    void decodersReadOneFormOrRefuse(byte[] data) {
        Bytes bytes = Bytes.of(data);
        String text = bytes.utf8();
        for (Result<Bytes> decoding :
                List.of(
                        SignedNote.decode(bytes).map(SignedNote::encoded),
                        LogLeaf.decode(bytes).map(LogLeaf::encoded),
                        AuditFile.decode(bytes).map(AuditFile::encoded),
                        EntryBundle.read(bytes).map(EntryBundle::of),
                        Checkpoint.parse(text).map(read -> Bytes.utf8(read.text())),
                        NoteKey.parse(text).map(key -> Bytes.utf8(key.vkey())),
                        TilePath.parse(text).map(path -> Bytes.utf8(path.toString())))) {
            switch (decoding) {
                case Result.Ok<Bytes>(var again) -> must(again.equals(bytes), "not one form");
                case Result.Refused<Bytes>(var refusal) ->
                        must(
                                refusal.code() == ErrorCode.MALFORMED_BYTES
                                        || refusal.code() == ErrorCode.BAD_ARGUMENT,
                                refusal.toString());
            }
        }
    }

    @MethodSource("samples")
    @FuzzTest(maxDuration = "20s")
    void nothingIsBelievedThatNoTrackerSigned(byte[] data) {
        Bytes bytes = Bytes.of(data);
        must(
                !ROSTER.check(bytes).isOk() || bytes.equals(NOTE) || isSameText(bytes),
                "an unsigned checkpoint");
        must(!new FraudProof(NOTE, bytes).verify(ROSTER).isOk(), "a fraud that was none");
        must(
                !(AuditFile.decode(bytes) instanceof Result.Ok<AuditFile>(var file))
                        || !file.verify().isOk(),
                "an audit that cannot hold");
        Result<LogReplay.Report> replay =
                new LogReplay(GENESIS, ROSTER, path -> Optional.of(bytes), entries -> List.of())
                        .run(NOTE, _ -> {});
        must(!replay.isOk(), "a log of nothing");
    }

    /** Signatures of unknown keys may stand beside the good one. */
    private static boolean isSameText(Bytes bytes) {
        return SignedNote.decode(bytes) instanceof Result.Ok<SignedNote>(var note)
                && note.encoded().utf8().startsWith(NOTE.utf8().substring(0, 150));
    }

    private static void must(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}
