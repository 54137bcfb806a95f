package orb.ledger;

import static orb.ledger.Town.account;
import static orb.ledger.Town.code;
import static orb.ledger.Town.key;
import static orb.ledger.Town.lane;
import static orb.ledger.Town.settle;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Lane;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class EscrowTest {
    private final Town town = new Town();

    @BeforeEach
    void peopleWithFunctions() {
        town.settleIn("owner", "node-o");
        town.settleIn("host", "node-a");
        town.settleIn("tracker", "hub");
        town.settleIn("caller", "node-c");
        town.deploy("owner", "f", Plan.METERED);
        town.deploy("owner", "g", Plan.SPONSORED);
        town.deploy("owner", "h", Plan.BOTH);
    }

    @Test
    @Tag("K4")
    @Tag("E11")
    void forgedDuplicateAndReplayedVouchersPayNothing() {
        Digest channel = town.lock("caller", "hub", 10_000);
        Lane lane = lane(channel, "node-a", "f");
        Voucher voucher = town.voucher(lane, Plan.METERED, 3, 900);
        Voucher.Signed good = voucher.sign(key("hub"));

        assertThat(town.refusal("node-a", settle(voucher.sign(key("node-a")))))
                .as("signed by the host itself")
                .isEqualTo(ErrorCode.BAD_VOUCHER);
        Voucher.Signed forged =
                new Voucher.Signed(town.voucher(lane, Plan.METERED, 3, 9_000), good.marks());
        assertThat(town.refusal("node-a", settle(forged))).isEqualTo(ErrorCode.BAD_SIGNATURE);
        assertThat(town.refusal("node-o", settle(good)))
                .as("another host")
                .isEqualTo(ErrorCode.BAD_VOUCHER);
        assertThat(town.refusal("host", settle(good)))
                .as("the host's account is not its node")
                .isEqualTo(ErrorCode.UNKNOWN_PEER);

        long before = town.balance("host");
        SignedEntry entry = town.sign("node-a", settle(good));
        town.order(entry.encoded()).orThrow();
        assertThat(town.balance("host") - before).isEqualTo(630);
        assertThat(code(town.order(entry.encoded()))).isEqualTo(ErrorCode.REPLAYED_ENTRY);
        assertThat(town.refusal("node-a", settle(good)))
                .as("the same voucher in a new entry")
                .isEqualTo(ErrorCode.BAD_VOUCHER);
        assertThat(
                        town.refusal(
                                "node-a",
                                settle(
                                        town.voucher(lane, Plan.METERED, 2, 1_000)
                                                .sign(key("hub")))))
                .as("more money for fewer calls")
                .isEqualTo(ErrorCode.BAD_VOUCHER);
        assertThat(town.balance("host") - before).isEqualTo(630);
    }

    @Test
    void aVoucherForAnotherSwarmPlanFunctionOrUnknownThingIsRefused() {
        Digest channel = town.lock("caller", "hub", 10_000);
        Lane lane = lane(channel, "node-a", "f");
        Voucher elsewhere =
                new Voucher(Town.digest("elsewhere"), lane, Plan.METERED.hash(), 1, new Credits(9));
        assertThat(town.refusal("node-a", settle(elsewhere.sign(key("hub")))))
                .isEqualTo(ErrorCode.BAD_VOUCHER);
        assertThat(settling(lane, Plan.BOTH)).isEqualTo(ErrorCode.BAD_VOUCHER);
        assertThat(settling(lane(channel, "node-a", "g"), Plan.SPONSORED))
                .as("a caller's channel does not pay for a sponsored function")
                .isEqualTo(ErrorCode.BAD_VOUCHER);
        assertThat(settling(lane(channel, "node-a", "nothing"), Plan.METERED))
                .isEqualTo(ErrorCode.UNKNOWN_FUNCTION);
        assertThat(settling(lane(Town.digest("no channel"), "node-a", "f"), Plan.METERED))
                .isEqualTo(ErrorCode.UNKNOWN_CHANNEL);
    }

    private ErrorCode settling(Lane lane, Plan plan) {
        return town.refusal("node-a", settle(town.voucher(lane, plan, 1, 100).sign(key("hub"))));
    }

    @Test
    void aPayerWhoSignsItselfStillNeedsItsHub() {
        Digest channel =
                town.does("caller", town.escrow("hub", 1_000, "caller", new Entry.Purpose.Calls()))
                        .entry();
        Voucher voucher = town.voucher(lane(channel, "node-a", "f"), Plan.METERED, 1, 100);
        assertThat(town.refusal("node-a", settle(voucher.sign(key("caller")))))
                .isEqualTo(ErrorCode.BAD_VOUCHER);
        assertThat(town.refusal("node-a", settle(voucher.sign(key("hub")))))
                .isEqualTo(ErrorCode.BAD_VOUCHER);
        town.does("node-a", settle(voucher.sign(key("caller")).countersign(key("hub"))));
    }

    @Test
    void anOwnerSponsorsItsOwnFunctionAlone() {
        Entry.Purpose sponsor = new Entry.Purpose.Sponsor(Town.function("g"));
        assertThat(town.refusal("caller", town.escrow("hub", 500, "hub", sponsor)))
                .isEqualTo(ErrorCode.NOT_OWNER);
        Digest channel = town.does("owner", town.escrow("hub", 5_000, "hub", sponsor)).entry();
        long host = town.balance("host");
        long owner = town.balance("owner");
        Voucher voucher = town.voucher(lane(channel, "node-a", "g"), Plan.SPONSORED, 9, 1_000);
        town.does("node-a", settle(voucher.sign(key("hub"))));
        assertThat(town.balance("host") - host).isEqualTo(900);
        assertThat(town.balance("owner")).isEqualTo(owner);
        assertThat(
                        town.refusal(
                                "node-a",
                                settle(
                                        town.voucher(
                                                        lane(channel, "node-a", "f"),
                                                        Plan.METERED,
                                                        1,
                                                        9)
                                                .sign(key("hub")))))
                .isEqualTo(ErrorCode.BAD_VOUCHER);
        town.requireReconciled("owner", "host", "tracker", "caller");
    }

    @Test
    void underBothPlansPartsTheCallerAndTheOwnerPayFromTheirOwnChannels() {
        Digest calls = town.lock("caller", "hub", 5_000);
        Digest sponsor =
                town.does(
                                "owner",
                                town.escrow(
                                        "hub",
                                        5_000,
                                        "hub",
                                        new Entry.Purpose.Sponsor(Town.function("h"))))
                        .entry();
        long host = town.balance("host");
        pay(calls, "h", Plan.BOTH, 1_000);
        pay(sponsor, "h", Plan.BOTH, 1_000);
        assertThat(town.balance("host") - host).isEqualTo(700 + 900);
    }

    private void pay(Digest channel, String function, Plan plan, long micro) {
        Voucher voucher = town.voucher(lane(channel, "node-a", function), plan, 1, micro);
        town.does("node-a", settle(voucher.sign(key("hub"))));
    }

    @Test
    void aReleasedChannelReservesItsRestPaysLateVouchersAndClosesAfterTwoEpochs() {
        long start = town.balance("caller");
        Digest channel = town.lock("caller", "hub", 10_000);
        assertThat(town.refusal("owner", new Entry.ReleaseEscrow(channel)))
                .isEqualTo(ErrorCode.NOT_OWNER);
        assertThat(town.refusal("caller", new Entry.CloseEscrow(channel)))
                .isEqualTo(ErrorCode.CHANNEL_STATE);

        town.does("caller", new Entry.ReleaseEscrow(channel));
        assertThat(town.ledger.account(Account.escrow(channel)).available())
                .isEqualTo(Credits.ZERO);
        assertThat(town.ledger.account(account("caller")).creditsPending().micro())
                .isEqualTo(10_000);
        assertThat(town.refusal("caller", new Entry.ReleaseEscrow(channel)))
                .isEqualTo(ErrorCode.CHANNEL_STATE);
        assertThat(
                        town.refusal(
                                "caller",
                                new Entry.TopUpEscrow(
                                        channel,
                                        new Credits(5),
                                        town.now().plus(Duration.ofDays(2)))))
                .isEqualTo(ErrorCode.CHANNEL_STATE);

        town.wait(Duration.ofSeconds(119));
        Ledger.Applied late =
                town.does(
                        "node-a",
                        settle(
                                town.voucher(lane(channel, "node-a", "f"), Plan.METERED, 1, 1_000)
                                        .sign(key("hub"))));
        assertThat(late.transfers().getFirst().phase()).isEqualTo(Transfer.Phase.VOIDED);
        assertThat(late.transfers().getLast().phase()).isEqualTo(Transfer.Phase.PENDING);
        assertThat(town.ledger.account(account("caller")).creditsPending().micro())
                .isEqualTo(9_000);
        assertThat(town.refusal("host", new Entry.CloseEscrow(channel)))
                .isEqualTo(ErrorCode.CHANNEL_STATE);

        town.wait(Duration.ofSeconds(1));
        town.does("host", new Entry.CloseEscrow(channel));
        assertThat(town.balance("caller")).isEqualTo(start - 1_000);
        assertThat(town.ledger.channel(channel)).isEmpty();
        assertThat(town.ledger.account(account("caller")).creditsPending()).isEqualTo(Credits.ZERO);
        assertThat(town.refusal("host", new Entry.CloseEscrow(channel)))
                .isEqualTo(ErrorCode.UNKNOWN_CHANNEL);
        assertThat(settling(lane(channel, "node-a", "f"), Plan.METERED))
                .isEqualTo(ErrorCode.UNKNOWN_CHANNEL);
        town.requireReconciled("owner", "host", "tracker", "caller");
    }

    @Test
    void aChannelThatWasPaidOutInItsWindowClosesWithNothingLeft() {
        long start = town.balance("caller");
        Digest channel = town.lock("caller", "hub", 1_000);
        town.does("caller", new Entry.ReleaseEscrow(channel));
        pay(channel, "f", Plan.METERED, 1_000);
        town.wait(Duration.ofSeconds(120));
        assertThat(town.does("caller", new Entry.CloseEscrow(channel)).transfers()).isEmpty();
        assertThat(town.balance("caller")).isEqualTo(start - 1_000);
    }

    @Test
    void anExpiredChannelClosesWithoutARelease() {
        long start = town.balance("caller");
        Digest channel = town.lock("caller", "hub", 1_000);
        town.wait(Duration.ofDays(1));
        assertThat(
                        town.refusal(
                                "caller",
                                new Entry.TopUpEscrow(
                                        channel,
                                        new Credits(5),
                                        town.now().plus(Duration.ofDays(2)))))
                .isEqualTo(ErrorCode.CHANNEL_STATE);
        assertThat(town.refusal("host", new Entry.CloseEscrow(channel)))
                .isEqualTo(ErrorCode.CHANNEL_STATE);
        town.wait(Duration.ofSeconds(120));
        town.does("host", new Entry.CloseEscrow(channel));
        assertThat(town.balance("caller")).isEqualTo(start);
        town.requireReconciled("caller");
    }

    @Test
    void aChannelThatOwesMoreThanItHoldsPaysWhatItHoldsAndTheRestOnceToppedUp() {
        Digest channel = town.lock("caller", "hub", 1_000);
        long host = town.balance("host");
        Voucher.Signed voucher =
                town.voucher(lane(channel, "node-a", "f"), Plan.METERED, 9, 2_500).sign(key("hub"));
        town.does("node-a", settle(voucher));
        assertThat(town.balance("host") - host).isEqualTo(700);
        assertThat(town.refusal("node-a", settle(voucher))).isEqualTo(ErrorCode.CHANNEL_EXHAUSTED);
        Instant expires = town.ledger.channel(channel).orElseThrow().expires();
        assertThat(
                        town.refusal(
                                "caller",
                                new Entry.TopUpEscrow(
                                        channel, new Credits(9_000), expires.minusMillis(1))))
                .isEqualTo(ErrorCode.CHANNEL_STATE);
        town.does("caller", new Entry.TopUpEscrow(channel, new Credits(9_000), expires));
        town.does("node-a", settle(voucher));
        assertThat(town.balance("host") - host).isEqualTo(1_750);
        assertThat(town.ledger.channel(channel).orElseThrow().locked().micro()).isEqualTo(10_000);
        town.requireReconciled("owner", "host", "tracker", "caller");
    }

    @Test
    void lockingNeedsAKnownHubATimeAheadAndTheCredits() {
        assertThat(
                        town.refusal(
                                "caller",
                                town.escrow("nobody", 1, "hub", new Entry.Purpose.Calls())))
                .isEqualTo(ErrorCode.UNKNOWN_PEER);
        assertThat(
                        town.refusal(
                                "caller",
                                town.escrow(
                                        "hub", Long.MAX_VALUE, "hub", new Entry.Purpose.Calls())))
                .isEqualTo(ErrorCode.INSUFFICIENT_BALANCE);
        Entry.LockEscrow past =
                new Entry.LockEscrow(
                        Town.node("hub"),
                        new Credits(1),
                        key("hub").publicKey(),
                        new Entry.Purpose.Calls(),
                        town.now());
        assertThat(town.refusal("caller", past)).isEqualTo(ErrorCode.CHANNEL_STATE);
        assertThat(
                        town.refusal(
                                "caller",
                                new Entry.TopUpEscrow(
                                        Town.digest("none"), new Credits(1), town.now())))
                .isEqualTo(ErrorCode.UNKNOWN_CHANNEL);
    }
}
