package orb.ledger;

import static orb.ledger.Town.account;
import static orb.ledger.Town.code;
import static orb.ledger.Town.key;
import static orb.ledger.Town.lane;
import static orb.ledger.Town.node;
import static orb.ledger.Town.settle;
import static orb.ledger.Town.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.FunctionName;
import orb.kernel.Lane;
import orb.kernel.Limits;
import orb.kernel.Result;
import orb.kernel.message.Grants;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class LedgerTest {
    private final Town town = new Town();

    @Test
    @Tag("E1")
    void anIdentityGetsItsGrantOnceAndTheSupplyGrowsByExactlyThat() {
        town.open("ann");
        assertThat(town.balance("ann")).isZero();

        Ledger.Applied first = town.does("ann", town.binding("ann", "box"));

        long grant = town.genesis.grant().micro();
        assertThat(town.balance("ann")).isEqualTo(grant);
        assertThat(town.balance(Account.ISSUER)).isEqualTo(-grant);
        assertThat(first.transfers()).hasSize(1);
        assertThat(town.ledger.history(account("ann")).getFirst().evidence().entry())
                .isEqualTo(first.entry());
        assertThat(town.refusal("ann", town.binding("ann", "box")))
                .isEqualTo(ErrorCode.ALREADY_GRANTED);
        assertThat(town.does("ann", town.binding("ann", "box2")).transfers()).isEmpty();
        town.open("bob");
        assertThat(town.refusal("bob", town.binding("bob", "box"))).isEqualTo(ErrorCode.NOT_OWNER);
        assertThat(town.balance(Account.ISSUER)).isEqualTo(-grant);
        town.requireReconciled("ann", "bob");
    }

    @Test
    @Tag("E1")
    void aThousandFakeIdentitiesGetNoMoreThanTheWindowGivesAndTheHonestOneIsNotShutOut() {
        Town small =
                new Town(
                        new Genesis(
                                "small",
                                Pricing.STANDARD,
                                Plan.STANDARD,
                                Credits.whole(100),
                                new Genesis.Gates(Duration.ofHours(1), 10, 2_000, 1),
                                Duration.ofSeconds(60)));
        for (int i = 0; i < 1_000; i++) {
            small.settleIn("fake" + i, "node" + i);
        }
        assertThat(small.balance(Account.ISSUER)).isEqualTo(-10 * Credits.whole(100).micro());

        small.settleIn("honest", "home");
        assertThat(small.balance("honest")).isZero();
        assertThat(small.refusal("honest", small.binding("honest", "home")))
                .isEqualTo(ErrorCode.TOO_MANY_GRANTS);
        small.wait(Duration.ofHours(1));
        small.does("honest", small.binding("honest", "home"));
        assertThat(small.balance("honest")).isEqualTo(Credits.whole(100).micro());
    }

    @Test
    void accountsAreOpenedAtALimitedRate() {
        Town tiny =
                new Town(
                        new Genesis(
                                "tiny",
                                Pricing.STANDARD,
                                Plan.STANDARD,
                                Credits.ZERO,
                                new Genesis.Gates(Duration.ofHours(1), 1, 2, 0),
                                Duration.ofSeconds(60)));
        tiny.open("a");
        tiny.open("b");
        assertThat(tiny.refusal("c", new Entry.OpenAccount("c")))
                .isEqualTo(ErrorCode.TOO_MANY_ACCOUNTS);
        tiny.wait(Duration.ofHours(1));
        tiny.open("c");
    }

    @Test
    void aBindingWithoutItsWorkOrWithAnothersSignatureIsRefused() {
        town.open("ann");
        NodeBinding idle =
                java.util.stream.LongStream.range(0, 100)
                        .mapToObj(stamp ->
                                new NodeBinding(
                                        town.network,
                                        key("box").publicKey(),
                                        account("ann"),
                                        stamp))
                        .filter(binding -> !binding.hasWork(2))
                        .findFirst()
                        .orElseThrow();
        assertThat(town.refusal("ann", new Entry.RegisterNode(idle, idle.sign(key("box")))))
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
        Entry.RegisterNode good = town.binding("ann", "box");
        assertThat(
                        town.refusal(
                                "ann",
                                new Entry.RegisterNode(
                                        good.binding(), good.binding().sign(key("other")))))
                .isEqualTo(ErrorCode.BAD_SIGNATURE);
    }

    @Test
    void namesAreUniqueAndAKeyHasOneAccount() {
        town.open("ann");
        assertThat(town.refusal("bob", new Entry.OpenAccount("ann")))
                .isEqualTo(ErrorCode.NAME_TAKEN);
        assertThat(town.refusal("ann", new Entry.OpenAccount("ann2")))
                .isEqualTo(ErrorCode.NAME_TAKEN);
        assertThat(town.ledger.owner("ann").orElseThrow().id()).isEqualTo(account("ann"));
        assertThatThrownBy(() -> new Entry.OpenAccount("Ann_")).hasMessageContaining("63");
    }

    @Test
    @Tag("E2")
    void deployingCostsTheQuoteAndMoreForTenfoldComplexity() {
        town.settleIn("ann", "box");
        Entry.FunctionVersion simple = version("simple", 1, Plan.METERED);
        Entry.FunctionVersion heavy =
                new Entry.FunctionVersion(
                        "heavy",
                        1,
                        simple.artefact(),
                        simple.size(),
                        simple.shape(),
                        Limits.DEFAULT,
                        Grants.NONE,
                        simple.plan(),
                        new Fuel(simple.complexity().units() * 10),
                        simple.peakMemory(),
                        1,
                        simple.source());
        long quote = simple.cost(town.genesis.pricing()).micro();
        long before = town.balance("ann");

        town.does("ann", town.deployment("ann", simple));
        assertThat(before - town.balance("ann")).isEqualTo(quote).isEqualTo(137_000);
        assertThat(town.balance(Account.DEPLOY_POOL)).isEqualTo(quote);

        town.does("ann", town.deployment("ann", heavy));
        long heavyCost = before - quote - town.balance("ann");
        assertThat(heavyCost).isEqualTo(heavy.cost(town.genesis.pricing()).micro());
        assertThat(heavyCost - quote).isEqualTo(9 * 3 * 10_000);
        town.requireReconciled("ann");
    }

    @Test
    @Tag("E2")
    void aDeployThatCostsMoreThanTheBalanceIsRefusedBeforeAnythingIsOrdered() {
        town.open("poor");
        SignedEntry signed =
                town.sign("poor", town.deployment("poor", version("f", 1, Plan.METERED)));
        Result<Digest> asked =
                town.ledger.admissible(SignedEntry.check(signed.encoded()), town.now());
        assertThat(code(asked)).isEqualTo(ErrorCode.INSUFFICIENT_BALANCE);
        assertThat(code(town.order(signed.encoded()))).isEqualTo(ErrorCode.INSUFFICIENT_BALANCE);
        assertThat(town.ledger.functions()).isEmpty();
    }

    @Test
    void laterVersionsNeedTheFunctionsKeyItsOwnerItsPlanAndTheNextNumber() {
        town.settleIn("ann", "box");
        town.settleIn("bob", "box2");
        town.deploy("ann", "f", Plan.METERED);
        Entry.FunctionVersion second = version("f", 2, Plan.METERED);
        Entry.DeployFunction wrongKey =
                new Entry.DeployFunction(
                        key("f").publicKey(),
                        second,
                        second.sign(key("g"), town.network, account("ann")));
        assertThat(town.refusal("ann", wrongKey)).isEqualTo(ErrorCode.BAD_SIGNATURE);
        assertThat(town.refusal("bob", town.deployment("bob", second)))
                .isEqualTo(ErrorCode.NOT_OWNER);
        Entry.DeployFunction stolen =
                new Entry.DeployFunction(
                        key("f").publicKey(),
                        second,
                        second.sign(key("f"), town.network, account("ann")));
        assertThat(town.refusal("bob", stolen)).isEqualTo(ErrorCode.BAD_SIGNATURE);
        assertThat(town.refusal("ann", town.deployment("ann", version("f", 3, Plan.METERED))))
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
        assertThat(town.refusal("ann", town.deployment("ann", version("f", 2, Plan.BOTH))))
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
        town.does("ann", town.deployment("ann", second));

        Registered.Function f = town.ledger.function(new FunctionName("ann", "f")).orElseThrow();
        assertThat(f.versions()).hasSize(2);
        assertThat(f.facts("metered").version()).isEqualTo(2);
        Entry.FunctionVersion sameName =
                new Entry.FunctionVersion(
                        "f",
                        1,
                        second.artefact(),
                        ByteSize.kib(1),
                        "wasi",
                        Limits.DEFAULT,
                        Grants.NONE,
                        Plan.METERED.hash(),
                        Fuel.ZERO,
                        ByteSize.kib(64),
                        1,
                        second.source());
        Entry.DeployFunction otherKey =
                new Entry.DeployFunction(
                        key("other").publicKey(),
                        sameName,
                        sameName.sign(key("other"), town.network, account("ann")));
        assertThat(town.refusal("ann", otherKey)).isEqualTo(ErrorCode.NAME_TAKEN);
    }

    @Test
    void aPlanThatTheSwarmDoesNotOfferIsRefused() {
        town.settleIn("ann", "box");
        Plan own =
                new Plan(
                        "metered",
                        Plan.Payer.REQUESTER,
                        Credits.ZERO,
                        Credits.ZERO,
                        new Plan.Shares(0, 1000, 0),
                        new Plan.Shares(1000, 0, 0),
                        0);
        assertThat(town.refusal("ann", town.deployment("ann", version("f", 1, own))))
                .isEqualTo(ErrorCode.NO_PLAN);
    }

    @Test
    @Tag("E3")
    @Tag("E4")
    void aHundredCallsCostTheRequesterAHundredPricesAndPayTheOwnersShare() {
        peopleWithFunction();
        long callerBefore = town.balance("caller");
        long ownerBefore = town.balance("owner");
        long hostBefore = town.balance("host-a");
        long hubBefore = town.balance("tracker");
        Digest channel = town.lock("caller", "hub", 1_000_000);
        Lane lane = lane(channel, "node-a", "f");
        long price = Plan.METERED.price(orb.kernel.Receipt.Ending.COMPLETED, fuel()).micro();
        assertThat(price).isEqualTo(250);

        Voucher voucher = town.voucher(lane, Plan.METERED, 100, 100 * price);
        town.does("node-a", settle(voucher.sign(key("hub"))));

        long paid = 100 * price;
        assertThat(town.ledger.escrow(channel).micro()).isEqualTo(1_000_000 - paid);
        assertThat(town.balance("caller")).isEqualTo(callerBefore - 1_000_000);
        assertThat(town.balance("owner") - ownerBefore).isEqualTo(paid * 200 / 1000);
        assertThat(town.balance("host-a") - hostBefore).isEqualTo(paid * 700 / 1000);
        assertThat(town.balance("tracker") - hubBefore).isEqualTo(paid * 100 / 1000);
        assertThat(town.ledger.function(new FunctionName("owner", "f")).orElseThrow().calls())
                .isEqualTo(100);
        town.does("caller", new Entry.ReleaseEscrow(channel));
        town.wait(Duration.ofSeconds(120));
        town.does("tracker", new Entry.CloseEscrow(channel));
        assertThat(town.balance("caller")).isEqualTo(callerBefore - paid);
        town.requireReconciled("caller", "owner", "host-a", "host-b", "tracker");
    }

    @Test
    @Tag("E5")
    void twoHostsThatServeSeventyAndThirtyArePaidSeventyAndThirtyToTheUnit() {
        peopleWithFunction();
        Digest channel = town.lock("caller", "hub", 1_000_000);
        long a = town.balance("host-a");
        long b = town.balance("host-b");
        long debits = 0;
        // interleaved and in many steps, so that roundings could add up if they did not cancel
        for (int step = 1; step <= 10; step++) {
            debits += settleStep(channel, "node-a", 7L * step);
            debits += settleStep(channel, "node-b", 3L * step);
        }
        assertThat(town.balance("host-a") - a).isEqualTo(70 * 257 * 700 / 1000);
        assertThat(town.balance("host-b") - b).isEqualTo(30 * 257 * 700 / 1000);
        assertThat(debits).isEqualTo(100 * 257);
        assertThat(town.ledger.escrow(channel).micro()).isEqualTo(1_000_000 - 100 * 257);
        town.requireReconciled("caller", "owner", "host-a", "host-b", "tracker");
    }

    private long settleStep(Digest channel, String node, long calls) {
        Voucher voucher = town.voucher(lane(channel, node, "f"), Plan.METERED, calls, calls * 257);
        return town.does(node, settle(voucher.sign(key("hub")))).transfers().stream()
                .mapToLong(transfer -> transfer.amount().micro())
                .sum();
    }

    @Test
    void entriesForAnotherSwarmLateOnesAndEverlastingOnesAreRefused() {
        town.open("ann");
        town.open("bob");
        Entry gift = new Entry.Send(account("bob"), new Credits(1), "");
        assertThat(
                        code(
                                town.order(
                                        SignedEntry.sign(
                                                        key("ann"),
                                                        Town.digest("elsewhere"),
                                                        9,
                                                        town.now().plusSeconds(9),
                                                        gift)
                                                .encoded())))
                .isEqualTo(ErrorCode.WRONG_NETWORK);
        assertThat(code(town.order(signedUntil(-1, gift)))).isEqualTo(ErrorCode.ENTRY_EXPIRED);
        assertThat(code(town.order(signedUntil(86_401, gift)))).isEqualTo(ErrorCode.ENTRY_EXPIRED);
        assertThat(code(town.order(signedUntil(86_400, gift))))
                .isEqualTo(ErrorCode.INSUFFICIENT_BALANCE);
    }

    private Bytes signedUntil(long seconds, Entry entry) {
        return SignedEntry.sign(key("ann"), town.network, 9, town.now().plusSeconds(seconds), entry)
                .encoded();
    }

    @Test
    void aReplayedEntryIsRefusedAndGapsInNoncesAreNot() {
        town.settleIn("ann", "box");
        town.open("bob");
        SignedEntry gift = town.sign("ann", new Entry.Send(account("bob"), new Credits(5), "hi"));
        town.order(gift.encoded()).orThrow();
        assertThat(code(town.order(gift.encoded()))).isEqualTo(ErrorCode.REPLAYED_ENTRY);
        assertThat(town.balance("bob")).isEqualTo(5);
        Bytes later =
                SignedEntry.sign(
                                key("ann"),
                                town.network,
                                1_000,
                                town.now().plusSeconds(9),
                                gift.entry())
                        .encoded();
        town.order(later).orThrow();
        assertThat(town.refusal("ann", gift.entry())).isEqualTo(ErrorCode.REPLAYED_ENTRY);
        assertThat(town.ledger.nonce(account("ann"))).isEqualTo(1_000);
    }

    @Test
    void giftsToOneselfToStrangersOrBeyondTheBalanceAreRefused() {
        town.settleIn("ann", "box");
        town.open("bob");
        assertThat(town.refusal("ann", new Entry.Send(account("ann"), new Credits(1), "")))
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
        assertThat(town.refusal("ann", new Entry.Send(account("who"), new Credits(1), "")))
                .isEqualTo(ErrorCode.UNKNOWN_ACCOUNT);
        assertThat(town.refusal("ann", new Entry.Send(Account.ISSUER, new Credits(1), "")))
                .isEqualTo(ErrorCode.UNKNOWN_ACCOUNT);
        assertThat(
                        town.refusal(
                                "ann",
                                new Entry.Send(account("bob"), new Credits(Long.MAX_VALUE), "")))
                .isEqualTo(ErrorCode.INSUFFICIENT_BALANCE);
        assertThat(town.refusal("who", new Entry.Send(account("ann"), new Credits(1), "")))
                .isEqualTo(ErrorCode.UNKNOWN_ACCOUNT);
    }

    @Test
    void bytesThatAreNoEntryHaveTheirPlaceInTheLogAndDoNothing() {
        Digest before = town.ledger.logRoot();
        assertThat(code(town.order(Bytes.utf8("garbage")))).isEqualTo(ErrorCode.MALFORMED_BYTES);
        assertThat(town.ledger.next()).isEqualTo(1);
        assertThat(town.ledger.logRoot()).isNotEqualTo(before);
    }

    @Test
    void anIndexOrATimeOutOfOrderIsABugAndThrows() {
        town.open("ann");
        Bytes bytes = town.sign("ann", new Entry.OpenAccount("x")).encoded();
        assertThatThrownBy(() -> town.ledger.apply(5, town.now(), bytes))
                .hasMessageContaining("the next entry is 1, not 5");
        assertThatThrownBy(() -> town.ledger.apply(1, town.now().minusMillis(1), bytes))
                .hasMessageContaining("is before");
    }

    @Test
    void theLogRootIsThatOfTheTreeOverTimesAndEntries() {
        town.settleIn("ann", "box");
        town.wait(Duration.ofSeconds(3));
        town.deploy("ann", "f", Plan.METERED);
        MerkleTree tree = new MerkleTree();
        for (Town.Logged logged : town.log) {
            tree.append(Ledger.logLeaf(logged.time(), logged.bytes()));
        }
        assertThat(town.ledger.logRoot()).isEqualTo(tree.root());
        assertThat(town.ledger.logHead().size()).isEqualTo(3);
    }

    @Test
    @Tag("E12")
    void everyRowOfAHistoryNamesItsRuleAndEvidenceAndTheRowsSumToTheBalance() {
        peopleWithFunction();
        Digest channel = town.lock("caller", "hub", 10_000);
        Voucher voucher = town.voucher(lane(channel, "node-a", "f"), Plan.METERED, 4, 1_001);
        Ledger.Applied settled = town.does("node-a", settle(voucher.sign(key("hub"))));

        List<History.Row> rows = town.ledger.history(account("caller"));
        assertThat(rows.stream().map(History.Row::rule))
                .containsExactly(Transfer.Rule.GRANT, Transfer.Rule.LOCK, Transfer.Rule.CONSUME);
        History.Row consumed = rows.getLast();
        assertThat(consumed.allocated().micro()).isEqualTo(-1_001);
        assertThat(consumed.counterparty()).isEqualTo(account("host-a"));
        assertThat(consumed.evidence().entry()).isEqualTo(settled.entry());
        assertThat(consumed.evidence().receipt()).contains(Town.digest("receipt 4"));
        History.Row earned = town.ledger.history(account("host-a")).getLast();
        assertThat(earned.rule()).isEqualTo(Transfer.Rule.SEED);
        assertThat(earned.evidence()).isEqualTo(consumed.evidence());
        assertThat(town.ledger.history(account("owner")).getLast().rule())
                .isEqualTo(Transfer.Rule.OWN);
        town.requireReconciled("caller", "owner", "host-a", "host-b", "tracker");

        assertThat(town.ledger.history(account("caller"), Long.MAX_VALUE, 2))
                .containsExactly(rows.get(2), rows.get(1));
        assertThat(town.ledger.history(account("caller"), rows.get(1).index(), 9))
                .containsExactly(rows.get(0));
    }

    @Test
    void aPageNeverPartsTheRowsOfOneEntry() {
        town.settleIn("solo", "node");
        town.deploy("solo", "f", Plan.METERED);
        Digest channel = town.lock("solo", "node", 5_000);
        Voucher voucher = town.voucher(lane(channel, "node", "f"), Plan.METERED, 1, 1_000);
        town.does("node", settle(voucher.sign(key("node"))));
        List<History.Row> page = town.ledger.history(account("solo"), Long.MAX_VALUE, 1);
        assertThat(page.stream().map(History.Row::rule))
                .containsExactlyInAnyOrder(
                        Transfer.Rule.CONSUME,
                        Transfer.Rule.SEED,
                        Transfer.Rule.OWN,
                        Transfer.Rule.HUB);
        town.requireReconciled("solo");
    }

    @Test
    void aReplicaThatReadsTheLogHasTheSameRoots() {
        peopleWithFunction();
        town.lock("caller", "hub", 10_000);
        town.order(Bytes.utf8("noise"));
        Ledger replica = town.replayed();
        assertThat(replica.stateRoot()).isEqualTo(town.ledger.stateRoot());
        assertThat(replica.logRoot()).isEqualTo(town.ledger.logRoot());
        assertThat(replica.functions()).isEqualTo(town.ledger.functions());
        assertThat(replica.history(account("caller")))
                .isEqualTo(town.ledger.history(account("caller")));
    }

    private static Fuel fuel() {
        return new Fuel(3_000_000);
    }

    /** An owner with a function, two hosts, a tracker and a caller. */
    private void peopleWithFunction() {
        town.settleIn("owner", "node-o");
        town.settleIn("host-a", "node-a");
        town.settleIn("host-b", "node-b");
        town.settleIn("tracker", "hub");
        town.settleIn("caller", "node-c");
        town.deploy("owner", "f", Plan.METERED);
        assertThat(town.ledger.node(node("hub")).orElseThrow().account())
                .isEqualTo(account("tracker"));
    }
}
