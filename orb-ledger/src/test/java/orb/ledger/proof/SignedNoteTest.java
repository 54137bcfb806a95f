package orb.ledger.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Notes, checkpoints and cosignatures are those of C2SP. */
final class SignedNoteTest {
    /** The example of C2SP signed-note. */
    private static final String VKEY =
            "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    private static final String NOTE =
            """
            This is an example message.

            \u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYj\
            OBH3mFXmRKuwHjG1Yu72IneyaQM=
            """;

    /** The example of C2SP tlog-cosignature, whose keys are not published. */
    private static final String COSIGNED =
            """
            example.com/behind-the-sofa
            20852163
            CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

            \u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeO\
            oRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
            \u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolM\
            I5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
            """;

    private static final Digest NETWORK = Digest.of(Bytes.utf8("network"));
    private static final Checkpoint CHECKPOINT =
            new Checkpoint(
                    NETWORK, 41, Digest.of(Bytes.utf8("root")), Digest.of(Bytes.utf8("state")));

    private static KeyPair key(String name) {
        return KeyPair.ofSeed(Digest.of(Bytes.utf8(name)).bytes().array());
    }

    private static LogRoster roster(int trackers) {
        List<PublicKey> keys = new ArrayList<>();
        for (int i = 0; i < trackers; i++) {
            keys.add(key("tracker " + i).publicKey());
        }
        return new LogRoster(NETWORK, keys);
    }

    private static SignedNote signedBy(LogRoster roster, int... trackers) {
        List<SignedNote.Line> lines = new ArrayList<>();
        for (int i : trackers) {
            lines.add(roster.sign(key("tracker " + i), CHECKPOINT, 7).signatures().getLast());
        }
        return new SignedNote(CHECKPOINT.text(), lines);
    }

    @Test
    void thePublishedNoteVerifiesWithThePublishedKey() {
        NoteKey key = NoteKey.parse(VKEY).orThrow();
        assertThat(key.name()).isEqualTo("example.com/foo");
        assertThat(Integer.toHexString(key.id())).isEqualTo("530d903a");
        assertThat(key.vkey()).isEqualTo(VKEY);

        SignedNote note = SignedNote.decode(Bytes.utf8(NOTE)).orThrow();
        assertThat(note.text()).isEqualTo("This is an example message.\n");
        assertThat(note.signatures()).singleElement().matches(key::isOf);
        assertThat(key.verifies(note.signatures().getFirst(), note.text())).isTrue();
        assertThat(key.verifies(note.signatures().getFirst(), "This is another.\n")).isFalse();
        assertThat(note.encoded()).isEqualTo(Bytes.utf8(NOTE));
    }

    @Test
    void thePublishedCosignatureHasItsTimeBeforeTheSignature() {
        SignedNote note = SignedNote.decode(Bytes.utf8(COSIGNED)).orThrow();
        SignedNote.Line witness = note.signatures().getLast();
        assertThat(witness.name()).isEqualTo("witness.example.com/w1");
        assertThat(witness.signature().slice(0, 8)).isEqualTo(Bytes.hex("00000000641850cb"));
        assertThat(witness.signature().length()).isEqualTo(8 + 64);
        assertThat(note.encoded()).isEqualTo(Bytes.utf8(COSIGNED));
    }

    @Test
    void aCheckpointIsFourLines() {
        assertThat(CHECKPOINT.text())
                .isEqualTo(
                        "orb.ledger/"
                                + NETWORK
                                + "\n41\n"
                                + base64(CHECKPOINT.root())
                                + "\n"
                                + "state "
                                + base64(CHECKPOINT.stateRoot())
                                + "\n");
        assertThat(Checkpoint.parse(CHECKPOINT.text()).orThrow()).isEqualTo(CHECKPOINT);
    }

    private static String base64(Digest digest) {
        return Base64.getEncoder().encodeToString(digest.bytes().array());
    }

    @ParameterizedTest
    @ValueSource(strings = {"041", "-1", "9223372036854775808", "", "4 1", "x"})
    void otherSizesAreNoCheckpoint(String size) {
        String text = CHECKPOINT.text().replace("\n41\n", "\n" + size + "\n");
        assertThat(Checkpoint.parse(text).isOk()).isFalse();
    }

    @Test
    void whatIsCosignedIsTheHeaderTheTimeAndTheWholeText() {
        KeyPair pair = key("tracker 0");
        LogRoster roster = roster(1);
        SignedNote.Line line =
                roster.cosigner(pair.publicKey()).cosign(pair, "text\n", 1_679_315_147);
        Bytes said = Bytes.utf8("cosignature/v1\ntime 1679315147\ntext\n");
        assertThat(line.signature().slice(0, 8)).isEqualTo(Bytes.hex("00000000641850cb"));
        assertThat(line.signature().slice(8, 72)).isEqualTo(pair.sign(Domain.NOTE, said).bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 10, 31, 64})
    void aQuorumIsMoreThanTwoThirds(int trackers) {
        int quorum = roster(trackers).quorum();
        assertThat(3 * quorum).isGreaterThan(2 * trackers);
        assertThat(3 * (quorum - 1)).isLessThanOrEqualTo(2 * trackers);
    }

    @Test
    void cosignaturesCountOncePerTrackerAndOnlyThoseOfTheRoster() {
        LogRoster roster = roster(4);
        assertThat(code(roster.checkFinal(signedBy(roster, 0, 1).encoded())))
                .isEqualTo(ErrorCode.NOT_FINAL);
        assertThat(code(roster.checkFinal(signedBy(roster, 0, 1, 1, 0).encoded())))
                .isEqualTo(ErrorCode.NOT_FINAL);
        assertThat(code(roster.checkFinal(signedBy(roster, 0, 1, 8, 9).encoded())))
                .isEqualTo(ErrorCode.NOT_FINAL);
        assertThat(roster.checkFinal(signedBy(roster, 0, 1, 3).encoded()).isOk()).isTrue();
        assertThat(code(roster.check(signedBy(roster, 8).encoded())))
                .isEqualTo(ErrorCode.BAD_SIGNATURE);
    }

    @Test
    void aSignatureOfTheLogIsNoCosignature() {
        LogRoster roster = roster(1);
        SignedNote both = roster.sign(key("tracker 0"), CHECKPOINT, 7);
        SignedNote log = new SignedNote(both.text(), List.of(both.signatures().getFirst()));
        assertThat(roster.check(log.encoded()).orThrow().signers()).hasSize(1);
        assertThat(code(roster.checkFinal(log.encoded()))).isEqualTo(ErrorCode.NOT_FINAL);
    }

    @Test
    void anyFlippedBitOfANoteIsFound() {
        LogRoster roster = roster(1);
        Bytes good = roster.sign(key("tracker 0"), CHECKPOINT, 7).encoded();
        assertThat(roster.checkFinal(good).isOk()).isTrue();
        for (int i = 0; i < good.length() * 8; i++) {
            byte[] bytes = good.toArray();
            bytes[i / 8] ^= (byte) (1 << i % 8);
            Result<LogRoster.Checked> result = roster.check(Bytes.wrap(bytes));
            boolean isAsGood =
                    result instanceof Result.Ok<LogRoster.Checked>(var checked)
                            && (checked.cosigners().size() == 1
                                    && checked.note().signatures().size() == 2
                                    && checked.note().signatures().stream()
                                            .filter(roster.signer(checked.signers().first())::isOf)
                                            .findAny()
                                            .isPresent());
            assertThat(isAsGood).as("bit %d", i).isFalse();
        }
    }

    @Test
    void aNoteIsNothingElseThatIsSigned() {
        assertThatThrownBy(() -> key("tracker 0").sign(Domain.NOTE, Bytes.utf8("orb/entry/1\0x")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void twoHistoriesOfOneTrackerAreAProofAndNothingLessIs() {
        LogRoster roster = roster(4);
        Checkpoint forged =
                new Checkpoint(NETWORK, 41, CHECKPOINT.root(), Digest.of(Bytes.utf8("credit")));
        Checkpoint later =
                new Checkpoint(NETWORK, 42, CHECKPOINT.root(), Digest.of(Bytes.utf8("credit")));
        Bytes first = roster.sign(key("tracker 2"), CHECKPOINT, 7).encoded();
        Bytes second = roster.sign(key("tracker 2"), forged, 9).encoded();
        assertThat(new FraudProof(first, second).verify(roster).orThrow())
                .isEqualTo(key("tracker 2").publicKey());

        for (Bytes harmless :
                List.of(
                        first,
                        roster.sign(key("tracker 2"), CHECKPOINT, 8).encoded(),
                        roster.sign(key("tracker 2"), later, 8).encoded(),
                        roster.sign(key("tracker 3"), forged, 8).encoded())) {
            assertThat(code(new FraudProof(first, harmless).verify(roster)))
                    .isEqualTo(ErrorCode.PROOF_REFUSED);
        }
        assertThat(code(new FraudProof(first, Bytes.utf8("x")).verify(roster)))
                .isEqualTo(ErrorCode.MALFORMED_BYTES);
        assertThat(code(new FraudProof(first, signedBy(roster, 9).encoded()).verify(roster)))
                .isEqualTo(ErrorCode.BAD_SIGNATURE);
    }

    private static ErrorCode code(Result<?> result) {
        return result instanceof Result.Refused<?>(var refusal)
                ? refusal.code()
                : ErrorCode.INTERNAL;
    }
}
