package orb.tracker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.message.Message;
import orb.kernel.message.Witnessing;
import orb.ledger.MerkleTree;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.FraudProof;
import orb.ledger.proof.LogRoster;
import orb.ledger.proof.TilePath;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a tracker signs and cosigns, and what it does with one that tells two histories. */
final class CheckpointsTest {
    private static final Duration OFTEN = Duration.ofMillis(130);

    private static Checkpoint forged(Checkpoint good) {
        Digest credit = Digest.of(Bytes.utf8("a credit that nobody gave"));
        return new Checkpoint(good.network(), good.size(), good.root(), credit);
    }

    private static ErrorCode code(Message answer) {
        return answer instanceof Message.Refused(var refusal) ? refusal.code() : ErrorCode.INTERNAL;
    }

    private static Bytes signed(Council council, int tracker, Checkpoint checkpoint) {
        return council.roster.sign(Council.key(tracker), checkpoint, 1).encoded();
    }

    @Test
    void aTrackerThatIsAloneIsItsOwnQuorum() {
        Council council = new Council(1);
        Council.Seat seat = council.seats.getFirst();
        council.pass(2);
        assertThat(seat.finals()).as("nothing is signed of an empty log").isEmpty();

        council.order(5, OFTEN);
        council.catchUp();
        council.pass(1);

        assertThat(seat.finals().orElseThrow().head())
                .isEqualTo(new MerkleTree.Head(5, seat.ledger.logRoot()));
        assertThat(seat.finals().orElseThrow().stateRoot()).isEqualTo(seat.ledger.stateRoot());
        council.pass(5);
        assertThat(seat.told).as("once for each size").containsExactly("checkpoint.final");
    }

    @Test
    @Tag("E10")
    void fourTrackersThatCarriedOutTheSameMakeItFinalWhateverTheirBatches() {
        Council council = new Council(4);
        council.order(40, OFTEN);
        for (int step = 0; step <= 40; step += 4) {
            for (int i = 0; i < 4; i++) {
                council.seats.get(i).catchUp(Math.min(40, step + i));
            }
            council.pass(1);
        }
        assertThat(council.seats)
                .allSatisfy(seat -> {
                    assertThat(seat.finals().orElseThrow().size())
                            .as("one size that all remember, while no two were at the same")
                            .isPositive();
                    assertThat(seat.forked).isEmpty();
                });
        council.catchUp();
        council.pass(3);
        assertThat(council.seats)
                .allSatisfy(seat -> assertThat(seat.finals().orElseThrow().size()).isEqualTo(40));
    }

    @Test
    void withAThirdOfTheTrackersGoneNothingBecomesFinalUntilOneIsBack() {
        Council council = new Council(4);
        council.seats.get(2).isReachable = false;
        council.seats.get(3).isReachable = false;
        council.order(5, OFTEN);
        council.catchUp();
        council.pass(5);
        assertThat(council.seats).allMatch(seat -> seat.finals().isEmpty());

        council.seats.get(2).isReachable = true;
        council.pass(2);
        assertThat(council.seats.subList(0, 3)).allMatch(seat -> seat.finals().isPresent());
        assertThat(council.seats.get(3).finals()).isEmpty();
    }

    @Test
    @Tag("E10")
    void aFalseCreditIsCosignedByNobodyAndIsAnIncident() {
        Council council = new Council(4);
        council.order(5, OFTEN);
        council.catchUp();
        Checkpoint good = council.seats.getFirst().ledgerHead();

        Bytes note = signed(council, 3, forged(good));
        for (Council.Seat honest : council.seats.subList(0, 3)) {
            assertThat(code(honest.log.offered(council.seats.get(3).id, note)))
                    .isEqualTo(ErrorCode.LOG_FORKED);
            assertThat(honest.forked).containsExactly(council.seats.get(3).id);
        }
        council.seats.get(3).isReachable = false;
        council.pass(3);
        assertThat(council.seats.subList(0, 3))
                .allSatisfy(seat -> assertThat(seat.finals()).contains(good));
    }

    @Test
    @Tag("E10")
    void aTrackerThatTellsTwoHistoriesIsProvedGuiltyEverywhereAndCountsNoMore() {
        Council council = new Council(4);
        council.order(5, OFTEN);
        council.catchUp();
        Council.Seat liar = council.seats.get(3);
        Checkpoint good = council.seats.getFirst().ledgerHead();

        council.seats.get(0).log.offered(liar.id, signed(council, 3, good));
        council.seats.get(0).log.offered(liar.id, signed(council, 3, forged(good)));
        council.deliver();

        for (Council.Seat honest : council.seats.subList(0, 3)) {
            assertThat(honest.log.guilty()).containsExactly(liar.id);
            assertThat(honest.forked).contains(liar.id);
            assertThat(honest.told).contains("checkpoint.fraud");
            assertThat(honest.toNodes)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            Witnessing.Fraud.class,
                            fraud ->
                                    assertThat(
                                                    new FraudProof(fraud.first(), fraud.second())
                                                            .verify(council.roster)
                                                            .orThrow())
                                            .isEqualTo(liar.key.publicKey()));
            honest.restart(5);
            assertThat(honest.log.guilty()).as("it is kept").containsExactly(liar.id);
        }
        council.seats.get(2).isReachable = false;
        council.pass(5);
        assertThat(council.seats.get(0).finals())
                .as("two honest ones and the liar are no quorum")
                .isEmpty();
        council.seats.get(2).isReachable = true;
        council.pass(3);
        LogRoster.Checked checked =
                council.roster
                        .checkFinal(council.seats.get(0).log.finalNote().orElseThrow())
                        .orThrow();
        assertThat(checked.cosigners())
                .isEqualTo(
                        new TreeSet<>(
                                council.seats.subList(0, 3).stream()
                                        .map(seat -> seat.key.publicKey())
                                        .toList()));
    }

    @Test
    void nobodyIsAccusedWithoutAProof() {
        Council council = new Council(4);
        council.order(5, OFTEN);
        council.catchUp();
        Checkpoint good = council.seats.getFirst().ledgerHead();
        Bytes one = signed(council, 3, good);
        for (Bytes other : List.of(one, signed(council, 2, forged(good)), Bytes.utf8("x"))) {
            Message answer = council.seats.get(0).log.accused(new Witnessing.Fraud(one, other));
            assertThat(answer).isInstanceOf(Message.Refused.class);
        }
        assertThat(council.seats.get(0).log.guilty()).isEmpty();
    }

    @Test
    void strangersAndOtherPeoplesCheckpointsGetNoCosignature() {
        Council council = new Council(4);
        council.order(5, OFTEN);
        council.catchUp();
        Checkpoints log = council.seats.getFirst().log;
        Checkpoint good = council.seats.getFirst().ledgerHead();
        Council others = new Council(6);

        assertThat(code(log.offered(others.seats.get(5).id, signed(council, 3, good))))
                .isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(code(log.offered(council.seats.get(2).id, signed(council, 3, good))))
                .isEqualTo(ErrorCode.BAD_SIGNATURE);
        assertThat(code(log.offered(council.seats.get(2).id, Bytes.utf8("x"))))
                .isEqualTo(ErrorCode.MALFORMED_BYTES);
        Checkpoint later = new Checkpoint(good.network(), 6, good.root(), good.stateRoot());
        assertThat(code(log.offered(council.seats.get(2).id, signed(council, 2, later))))
                .isEqualTo(ErrorCode.BUSY);
    }

    @Test
    void aRestartForgetsNothingThatWasSigned() {
        Council council = new Council(4);
        council.order(10, OFTEN);
        council.catchUp();
        council.pass(3);
        Council.Seat seat = council.seats.getFirst();
        Checkpoint before = seat.finals().orElseThrow();
        seat.restart(10);
        assertThat(seat.finals()).contains(before);

        council.order(10, OFTEN);
        council.catchUp();
        council.pass(3);
        assertThat(seat.finals().orElseThrow().size()).isEqualTo(20);
    }

    @Test
    void aLogThatLostItsEndIsNotSignedAndAnotherInItsPlaceIsNoticed() {
        Council council = new Council(1);
        council.order(10, OFTEN);
        council.catchUp();
        council.pass(1);
        Council.Seat seat = council.seats.getFirst();
        seat.restart(7);
        int signatures = seat.told.size();
        council.pass(3);
        assertThat(seat.told).hasSize(signatures);
        assertThat(seat.forked).isEmpty();

        Council other = new Council(1);
        other.order(12, Duration.ofMillis(170));
        Council.Seat fresh = other.seats.getFirst();
        fresh.disk.putAll(seat.disk);
        fresh.restart(12);
        other.pass(3);
        assertThat(fresh.told).as("it never signs a second history").isEmpty();
        assertThat(fresh.forked).containsExactly(fresh.id);
    }

    @Test
    void aNewCheckpointComesWithTheProofThatAnOlderLogIsItsBeginning() {
        Council council = new Council(1);
        Council.Seat seat = council.seats.getFirst();
        assertThat(code(seat.log.find(0))).isEqualTo(ErrorCode.NOT_FINAL);
        council.order(300, OFTEN);
        seat.catchUp(100);
        council.pass(1);
        MerkleTree.Head older = seat.finals().orElseThrow().head();
        council.catchUp();
        council.pass(1);

        Witnessing.Checkpoint found = (Witnessing.Checkpoint) seat.log.find(older.size());
        Checkpoint newer = council.roster.checkFinal(found.note()).orThrow().checkpoint();
        assertThat(newer.size()).isEqualTo(300);
        assertThat(MerkleTree.verifyConsistency(older, newer.head(), found.proof())).isTrue();
        assertThat(((Witnessing.Checkpoint) seat.log.find(0)).proof()).isEmpty();
        assertThat(((Witnessing.Checkpoint) seat.log.find(301)).proof()).isEmpty();
        assertThat(seat.log.tile(new TilePath(0, 0, 256))).isPresent();
        assertThat(seat.log.tile(new TilePath(0, 1, 44))).isPresent();
    }
}
