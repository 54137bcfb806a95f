package orb.overlay;

import static orb.overlay.Given.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.Value;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import org.junit.jupiter.api.Test;

class SignedRecordTest {
    private static ErrorCode refused(Bytes bytes) {
        return switch (SignedRecord.open(bytes, NOW)) {
            case Result.Refused<SignedRecord>(Refusal refusal) -> refusal.code();
            case Result.Ok<SignedRecord>(var record) ->
                    throw new AssertionError("accepted " + record);
        };
    }

    @Test
    void aRecordReadsBackAsItWasSigned() {
        SignedRecord signed = Given.signed(1, 7);

        SignedRecord read = SignedRecord.open(signed.bytes(), NOW).orThrow();

        assertThat(read).isEqualTo(signed);
        assertThat(read.record()).isEqualTo(Given.record(1, 7));
        assertThat(read.id()).isEqualTo(NodeId.of(Given.key(1).publicKey()));
        assertThat(signed.bytes().length()).isLessThan(SignedRecord.LENGTH_MAX);
    }

    @Test
    void theBytesAreThoseOfTheProtocolPage() {
        PeerRecord record = Given.record(1, 7);
        Bytes said =
                Cbor.encode(
                        Value.array(
                                Value.of(3),
                                Value.of(record.key().bytes()),
                                Value.of(0),
                                Value.of(true),
                                Value.of(""),
                                Value.array(Value.array(Value.of("10.0.0.1"), Value.of(7000))),
                                Value.array(
                                        Value.of(4),
                                        Value.of(512L << 20),
                                        Value.of(0),
                                        Value.of(0),
                                        Value.array(Value.of("aes-ni"), Value.of("cgroup2"))),
                                Value.of(1),
                                Value.of(25),
                                Value.of(0),
                                Value.of(Bytes.EMPTY),
                                Value.of(7),
                                Value.of(NOW.plus(Duration.ofHours(1)).toEpochMilli())));
        Bytes signature = Given.key(1).sign(Domain.NODE_RECORD, said).bytes();

        assertThat(Given.signed(1, 7).bytes())
                .isEqualTo(Cbor.encode(Value.array(Value.of(said), Value.of(signature))));
    }

    @Test
    void aRecordThatAnotherKeySignedIsRefused() {
        Bytes said = Given.record(1, 7).encoded();
        Bytes forged = Given.key(2).sign(Domain.NODE_RECORD, said).bytes();

        assertThat(refused(Cbor.encode(Value.array(Value.of(said), Value.of(forged)))))
                .isEqualTo(ErrorCode.BAD_SIGNATURE);
        assertThatThrownBy(() -> Given.record(1, 7).sign(Given.key(2)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSignatureGivenForAnotherPurposeIsRefused() {
        Bytes said = Given.record(1, 7).encoded();
        Bytes other = Given.key(1).sign(Domain.VOUCHER, said).bytes();

        assertThat(refused(Cbor.encode(Value.array(Value.of(said), Value.of(other)))))
                .isEqualTo(ErrorCode.BAD_SIGNATURE);
    }

    @Test
    void aRecordThatEndedOrLivesTooLongIsRefused() {
        KeyPair key = Given.key(1);
        SignedRecord ended = Given.record(1, 7, NOW).sign(key);
        SignedRecord endless =
                Given.record(1, 7, NOW.plus(SignedRecord.LIFE_MAX).plusMillis(1)).sign(key);
        SignedRecord longest = Given.record(1, 7, NOW.plus(SignedRecord.LIFE_MAX)).sign(key);

        assertThat(refused(ended.bytes())).isEqualTo(ErrorCode.ENTRY_EXPIRED);
        assertThat(refused(endless.bytes())).isEqualTo(ErrorCode.ENTRY_EXPIRED);
        assertThat(SignedRecord.open(longest.bytes(), NOW).isOk()).isTrue();
    }

    @Test
    void aRecordBeyondAThousandBytesIsNotSigned() {
        Address far = new Address("a".repeat(253), 7000);
        PeerRecord r = Given.record(1, 7);
        PeerRecord wide =
                new PeerRecord(
                        r.key(),
                        r.role(),
                        r.dev(),
                        r.domain(),
                        Collections.nCopies(4, far),
                        r.capabilities(),
                        r.assurance(),
                        Credits.ZERO,
                        1,
                        r.expires());

        assertThatThrownBy(() -> wide.sign(Given.key(1)))
                .hasMessageContaining("name fewer addresses");
        assertThatThrownBy(() ->
                        new PeerRecord(
                                r.key(),
                                r.role(),
                                r.dev(),
                                r.domain(),
                                Collections.nCopies(5, Given.address(1)),
                                r.capabilities(),
                                r.assurance(),
                                Credits.ZERO,
                                1,
                                r.expires()))
                .hasMessageContaining("at most 4");
    }

    @Test
    void theHigherSequenceCounts() {
        assertThat(Given.signed(1, 8).isNewerThan(Given.signed(1, 7))).isTrue();
        assertThat(Given.signed(1, 7).isNewerThan(Given.signed(1, 7))).isFalse();
    }

    @Test
    void noMutationOfARecordIsAccepted() {
        Bytes good = Given.signed(1, 7).bytes();
        Random chance = new Random(20_300_101);
        for (int i = 0; i < 3_000; i++) {
            byte[] bytes = good.toArray();
            int at = chance.nextInt(bytes.length);
            switch (chance.nextInt(3)) {
                case 0 -> bytes[at] ^= (byte) (1 << chance.nextInt(8));
                case 1 -> bytes = java.util.Arrays.copyOf(bytes, at);
                default -> bytes = java.util.Arrays.copyOf(bytes, bytes.length + 1 + at);
            }
            assertThat(refused(Bytes.wrap(bytes)))
                    .isIn(List.of(ErrorCode.MALFORMED_BYTES, ErrorCode.BAD_SIGNATURE));
        }
    }

    @FuzzTest
    void anyBytesAreARecordOrACodedRefusal(byte[] input) {
        if (SignedRecord.open(Bytes.of(input), NOW) instanceof Result.Ok<SignedRecord>(var read)) {
            assertThat(read.bytes()).isEqualTo(Bytes.of(input));
        }
        if (Peer.decode(Bytes.of(input)) instanceof Result.Ok<Peer>(var peer)) {
            assertThat(peer.encoded()).isEqualTo(Bytes.of(input));
        }
    }
}
