package orb.ledger;

import static orb.ledger.Town.code;
import static orb.ledger.Town.key;
import static orb.ledger.Town.lane;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Lane;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Response;
import orb.kernel.Result;
import orb.kernel.TrapCode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class LaneTest {
    private static final Digest CHANNEL = Town.digest("channel");
    static final Credits PLENTY = Credits.whole(1_000);

    static HostLane.Terms terms(String host) {
        return new HostLane.Terms(
                Town.GENESIS.network(),
                lane(CHANNEL, host, "f"),
                Plan.METERED,
                Town.node("hub"),
                List.of(key("hub").publicKey()),
                HostLane.UNPAID_MAX);
    }

    private static HostLane.Work work(Digest call, Outcome outcome) {
        return new HostLane.Work(
                call,
                Town.digest("artefact"),
                1,
                Town.digest("in"),
                Town.digest("out"),
                outcome,
                1,
                1_900_000_000_000L);
    }

    private static Outcome completed(long fuel) {
        return new Outcome.Completed(Response.ok(Bytes.EMPTY), new Fuel(fuel));
    }

    static Receipt serve(HostLane host, String call, long fuel) {
        return host.complete(
                host.admit(PLENTY, Town.LIMIT).orThrow(), work(Town.digest(call), completed(fuel)));
    }

    @Test
    void aHostStopsAtSixteenUnpaidCallsAndGoesOnAfterAVoucher() {
        HostLane host = new HostLane(terms("node-a"));
        for (int i = 0; i < 16; i++) {
            serve(host, "call " + i, 1_000_000);
        }
        assertThat(code(host.admit(PLENTY, Town.LIMIT))).isEqualTo(ErrorCode.UNPAID);
        Voucher voucher =
                new Voucher(
                        Town.GENESIS.network(),
                        host.terms().lane(),
                        Plan.METERED.hash(),
                        10,
                        new Credits(1_500));
        host.accept(voucher.sign(key("hub"))).orThrow();
        assertThat(host.atRisk()).isEqualTo(6);
        assertThat(host.admit(PLENTY, Town.LIMIT).isOk()).isTrue();
    }

    @Test
    void aHostRunsNothingThatCouldCostMoreThanItsSlice() {
        HostLane host = new HostLane(terms("node-a"));
        Credits most = Plan.METERED.priceMax(Town.LIMIT);
        assertThat(code(host.admit(new Credits(most.micro() - 1), Town.LIMIT)))
                .isEqualTo(ErrorCode.CHANNEL_EXHAUSTED);
        HostLane.Ticket ticket = host.admit(most, Town.LIMIT).orThrow();
        assertThat(code(host.admit(most, Town.LIMIT))).isEqualTo(ErrorCode.CHANNEL_EXHAUSTED);
        host.cancel(ticket);
        assertThat(host.admit(most, Town.LIMIT).isOk()).isTrue();
    }

    @Test
    @Tag("E3")
    void onlyCompletedCallsAreChargedAndNoneForMoreFuelThanWasAllowed() {
        HostLane host = new HostLane(terms("node-a"));
        List<Outcome> free =
                List.of(
                        new Outcome.OutOfFuel(Town.LIMIT),
                        new Outcome.Trapped(TrapCode.UNREACHABLE, "", new Fuel(9)));
        for (Outcome outcome : free) {
            HostLane.Ticket ticket = host.admit(PLENTY, Town.LIMIT).orThrow();
            Receipt receipt = host.complete(ticket, work(Town.digest("x"), outcome));
            assertThat(receipt.price()).isEqualTo(Credits.ZERO);
        }
        assertThat(serve(host, "y", 2_000_001).price()).isEqualTo(new Credits(201));
        HostLane.Ticket ticket = host.admit(PLENTY, Town.LIMIT).orThrow();
        Outcome refused = new Outcome.Refused(new Refusal(ErrorCode.BUSY, "busy"));
        assertThatThrownBy(() -> host.complete(ticket, work(Town.digest("z"), refused)))
                .hasMessageContaining("has no receipt");
        assertThatThrownBy(() ->
                        host.complete(
                                ticket, work(Town.digest("z"), completed(Town.LIMIT.units() + 1))))
                .hasMessageContaining("of at most");
    }

    @Test
    void aHostTakesNoVoucherThatPromisesTooLittleTooManyCallsOrLacksASignature() {
        HostLane host = new HostLane(terms("node-a"));
        serve(host, "a", 1_000_000);
        serve(host, "b", 1_000_000);
        assertThat(code(host.accept(voucher(host, 2, 299).sign(key("hub")))))
                .isEqualTo(ErrorCode.BAD_VOUCHER);
        assertThat(code(host.accept(voucher(host, 3, 450).sign(key("hub")))))
                .isEqualTo(ErrorCode.BAD_VOUCHER);
        assertThat(code(host.accept(voucher(host, 2, 300).sign(key("caller")))))
                .isEqualTo(ErrorCode.BAD_VOUCHER);
        Voucher.Signed forged =
                new Voucher.Signed(
                        voucher(host, 2, 300), voucher(host, 1, 150).sign(key("hub")).marks());
        assertThat(code(host.accept(forged))).isEqualTo(ErrorCode.BAD_SIGNATURE);
        assertThat(host.settlement(Credits.ZERO)).isEmpty();

        Voucher.Signed good = voucher(host, 2, 300).sign(key("hub"));
        host.accept(good).orThrow();
        assertThat(host.accept(voucher(host, 1, 150).sign(key("hub"))).orThrow())
                .as("a late one changes nothing")
                .isEqualTo(good);
        Entry.Settle settle = host.settlement(new Credits(150)).orElseThrow();
        assertThat(settle.voucher()).isEqualTo(good);
        assertThat(settle.receiptHead()).isEqualTo(host.head());
        assertThat(host.settlement(new Credits(300))).isEmpty();
    }

    static Voucher voucher(HostLane host, long calls, long micro) {
        return new Voucher(
                Town.GENESIS.network(),
                host.terms().lane(),
                Plan.METERED.hash(),
                calls,
                new Credits(micro));
    }

    @Test
    void aHostResumesWithItsVoucherAndItsUnpaidReceipts() {
        HostLane host = new HostLane(terms("node-a"));
        List<Receipt> receipts = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            receipts.add(serve(host, "call " + i, 0));
        }
        Voucher.Signed voucher = voucher(host, 3, 300).sign(key("hub"));
        host.accept(voucher).orThrow();

        HostLane again =
                HostLane.resume(host.terms(), receipts.subList(2, 5), Optional.of(voucher));
        assertThat(again.unpaid()).isEqualTo(host.unpaid());
        assertThat(again.settlement(Credits.ZERO)).isEqualTo(host.settlement(Credits.ZERO));
        assertThat(serve(again, "x", 7)).isEqualTo(serve(host, "x", 7));
        assertThat(HostLane.resume(host.terms(), receipts, Optional.empty()).atRisk()).isEqualTo(5);
        assertThatThrownBy(() ->
                        HostLane.resume(host.terms(), receipts.subList(3, 5), Optional.of(voucher)))
                .hasMessageContaining("does not follow");
        assertThatThrownBy(() -> HostLane.resume(host.terms(), List.of(), Optional.of(voucher)))
                .hasMessageContaining("missing");
    }

    @Test
    void aPayerRefusesReceiptsThatItDidNotCauseOrThatCostTooMuch() {
        HostLane host = new HostLane(terms("node-a"));
        PayerLane payer = new PayerLane(terms("node-a"), PLENTY);
        Instant now = Town.START;
        payer.send(Town.digest("a"), new Fuel(1_000_000)).orThrow();
        assertThat(code(payer.send(Town.digest("a"), new Fuel(1))))
                .isEqualTo(ErrorCode.REPLAYED_ENTRY);
        Receipt unasked = serve(new HostLane(terms("node-a")), "b", 5);
        assertThat(code(payer.receive(unasked, now))).isEqualTo(ErrorCode.PROOF_REFUSED);
        Receipt greedy = serve(new HostLane(terms("node-a")), "a", 1_000_001);
        assertThat(code(payer.receive(greedy, now))).isEqualTo(ErrorCode.PROOF_REFUSED);
        Receipt good = serve(host, "a", 1_000_000);
        assertThat(code(payer.receive(dearer(good), now))).isEqualTo(ErrorCode.PROOF_REFUSED);
        payer.receive(good, now).orThrow();
        payer.receive(good, now).orThrow();
        assertThat(payer.amount()).isEqualTo(new Credits(150));
        payer.send(Town.digest("c"), new Fuel(1_000_000)).orThrow();
        Receipt second = serve(host, "c", 0);
        assertThat(code(payer.receive(inflated(second), now))).isEqualTo(ErrorCode.PROOF_REFUSED);
        payer.receive(second, now).orThrow();
    }

    private static Receipt dearer(Receipt r) {
        return with(r, new Credits(r.price().micro() + 1), new Credits(r.amount().micro() + 1));
    }

    private static Receipt inflated(Receipt r) {
        return with(r, r.price(), new Credits(r.amount().micro() + 1));
    }

    static Receipt with(Receipt r, Credits price, Credits amount) {
        return new Receipt(
                r.lane(),
                r.artefact(),
                r.version(),
                r.sequence(),
                r.previous(),
                r.input(),
                r.output(),
                r.ending(),
                r.fuel(),
                r.gasSchedule(),
                price,
                r.plan(),
                amount,
                r.call(),
                r.atMillis());
    }

    @Test
    void aVoucherIsDueAfterEightReceiptsOrASecond() {
        HostLane host = new HostLane(terms("node-a"));
        PayerLane payer = new PayerLane(terms("node-a"), PLENTY);
        Instant now = Town.START;
        for (int i = 0; i < 8; i++) {
            assertThat(payer.due(now)).isEmpty();
            payer.send(Town.digest("call " + i), Town.LIMIT).orThrow();
            payer.receive(serve(host, "call " + i, 0), now).orThrow();
        }
        Voucher due = payer.due(now).orElseThrow();
        assertThat(due.calls()).isEqualTo(8);
        assertThat(due.amount()).isEqualTo(new Credits(800));
        assertThat(payer.due(now)).isEmpty();

        payer.send(Town.digest("late"), Town.LIMIT).orThrow();
        payer.receive(serve(host, "late", 0), now).orThrow();
        assertThat(payer.due(now.plusMillis(999))).isEmpty();
        assertThat(payer.due(now.plusMillis(1_000)).orElseThrow().calls()).isEqualTo(9);
        assertThat(payer.promised().orElseThrow().calls()).isEqualTo(9);

        PayerLane again =
                PayerLane.resume(terms("node-a"), PLENTY, Optional.of(host.unpaid().getLast()));
        assertThat(again.promised()).isEqualTo(payer.promised());
        again.send(Town.digest("next"), Town.LIMIT).orThrow();
        again.receive(serve(host, "next", 3), now).orThrow();
        assertThat(again.sequence()).isEqualTo(10);
    }

    @Test
    void receiptsCountInWhateverOrderTheyCome() {
        HostLane host = new HostLane(terms("node-a"));
        PayerLane payer = new PayerLane(terms("node-a"), PLENTY);
        List<Receipt> receipts = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            payer.send(Town.digest("call " + i), Town.LIMIT).orThrow();
            receipts.add(serve(host, "call " + i, i));
        }
        for (int i = 5; i >= 0; i--) {
            payer.receive(receipts.get(i), Town.START).orThrow();
            assertThat(payer.sequence()).isEqualTo(i == 0 ? 6 : 0);
        }
        assertThat(payer.promiseAll().orElseThrow().amount()).isEqualTo(host.amount());
        assertThat(payer.open()).isZero();
        assertThat(payer.needs()).isEqualTo(host.amount());
    }

    @Test
    void aHubPromisesNothingTwice() {
        HubSlices hub = new HubSlices();
        Lane a = lane(CHANNEL, "node-a", "f");
        Lane b = lane(CHANNEL, "node-b", "f");
        assertThat(code(hub.cover(a, new Credits(1)))).isEqualTo(ErrorCode.UNKNOWN_CHANNEL);
        hub.locked(CHANNEL, new Credits(1_000));
        hub.cover(a, new Credits(600)).orThrow();
        assertThat(code(hub.cover(b, new Credits(401)))).isEqualTo(ErrorCode.CHANNEL_EXHAUSTED);
        hub.cover(b, new Credits(400)).orThrow();
        assertThat(hub.cover(a, new Credits(5)).orThrow()).isEqualTo(new Credits(600));
        Voucher voucher = new Voucher(Town.GENESIS.network(), a, Digest.ZERO, 1, new Credits(500));
        hub.promise(voucher).orThrow();
        assertThat(
                        code(
                                hub.promise(
                                        new Voucher(
                                                Town.GENESIS.network(),
                                                a,
                                                Digest.ZERO,
                                                2,
                                                new Credits(601)))))
                .isEqualTo(ErrorCode.BAD_VOUCHER);
        hub.shrink(a, new Credits(100));
        assertThat(hub.free(CHANNEL)).contains(new Credits(100));
        hub.locked(CHANNEL, new Credits(1_500));
        assertThat(hub.free(CHANNEL)).contains(new Credits(600));
        hub.released(CHANNEL);
        assertThat(code(hub.cover(b, new Credits(401)))).isEqualTo(ErrorCode.CHANNEL_STATE);
        hub.promise(voucher).orThrow();
        hub.closed(CHANNEL);
        assertThat(hub.free(CHANNEL)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aPayerWhoNeverPaysCostsItsHostSixteenCallsAtMost(int seed) {
        Random random = new Random(seed);
        HostLane host = new HostLane(terms("node-a"));
        List<HostLane.Ticket> running = new ArrayList<>();
        int refusals = 0;
        for (int i = 0; i < 300; i++) {
            if (random.nextBoolean() || running.isEmpty()) {
                switch (host.admit(PLENTY, Town.LIMIT)) {
                    case Result.Ok<HostLane.Ticket>(var ticket) -> running.add(ticket);
                    case Result.Refused<HostLane.Ticket>(var refusal) -> {
                        assertThat(refusal.code()).isEqualTo(ErrorCode.UNPAID);
                        refusals++;
                    }
                }
            } else {
                HostLane.Ticket ticket = running.remove(random.nextInt(running.size()));
                if (random.nextInt(3) == 0) {
                    host.cancel(ticket);
                } else {
                    host.complete(ticket, work(Town.digest("call " + i), completed(9)));
                }
            }
            assertThat(host.atRisk()).isLessThanOrEqualTo(HostLane.UNPAID_MAX);
        }
        assertThat(host.sequence()).isLessThanOrEqualTo(HostLane.UNPAID_MAX);
        assertThat(refusals).isPositive();
    }

    static List<Integer> seeds() {
        return IntStream.range(0, 60).boxed().toList();
    }

    /** A payer, its hub and three hosts on a network that loses, doubles and reorders. */
    @ParameterizedTest
    @MethodSource("seeds")
    void noHostRisksMoreThanSixteenCallsAndNoPayerPaysMoreThanItsEscrow(int seed) {
        new Street(seed).run(400);
    }

    private static final class Street {
        private static final List<String> HOSTS = List.of("node-a", "node-b", "node-c");
        private final Random random;
        private final Credits escrow;
        private final HubSlices hub = new HubSlices();
        private final List<HostLane> hosts = new ArrayList<>();
        private final List<PayerLane> payers = new ArrayList<>();
        private final List<Runnable> onTheWay = new ArrayList<>();
        private Instant now = Town.START;
        private int calls;

        private Street(int seed) {
            random = new Random(seed);
            escrow = new Credits(5_000 + random.nextInt(100_000));
            hub.locked(CHANNEL, escrow);
            for (String host : HOSTS) {
                hosts.add(new HostLane(terms(host)));
                payers.add(new PayerLane(terms(host), escrow));
            }
        }

        private void run(int steps) {
            for (int i = 0; i < steps; i++) {
                now = now.plusMillis(random.nextInt(200));
                int at = random.nextInt(HOSTS.size());
                switch (random.nextInt(5)) {
                    case 0, 1, 2 -> call(at);
                    case 3 -> {
                        payers.get(at).due(now).ifPresent(voucher -> pay(at, voucher));
                        if (random.nextInt(4) == 0) {
                            payers.get(at).promised().ifPresent(voucher -> pay(at, voucher));
                            hosts.get(at).unpaid().forEach(receipt -> give(at, receipt));
                        }
                    }
                    default -> deliver();
                }
                check();
            }
            settleEverything();
        }

        private void call(int at) {
            PayerLane payer = payers.get(at);
            HostLane host = hosts.get(at);
            Digest call = Town.digest("call " + calls++);
            Fuel limit = new Fuel(random.nextInt(20_000_000));
            Result<Credits> needs = payer.send(call, limit);
            if (!(needs instanceof Result.Ok<Credits>(var amount))) {
                return;
            }
            Result<HostLane.Ticket> ticket =
                    hub.cover(host.terms().lane(), amount).then(slice -> host.admit(slice, limit));
            if (!(ticket instanceof Result.Ok<HostLane.Ticket>(var leave))) {
                payer.refused(call);
                return;
            }
            onTheWay.add(() -> {
                Fuel used = new Fuel(random.nextLong(limit.units() + 1));
                Outcome outcome =
                        random.nextInt(5) == 0
                                ? new Outcome.Trapped(TrapCode.UNREACHABLE, "", used)
                                : completed(used.units());
                give(at, host.complete(leave, work(call, outcome)));
            });
        }

        private void give(int at, Receipt receipt) {
            for (int copies = random.nextInt(3); copies > 0; copies--) {
                onTheWay.add(() -> payers.get(at).receive(receipt, now).orThrow());
            }
        }

        private void pay(int at, Voucher voucher) {
            Voucher.Signed signed = hub.promise(voucher).orThrow().sign(key("hub"));
            for (int copies = random.nextInt(3); copies > 0; copies--) {
                onTheWay.add(() -> hosts.get(at).accept(signed).orThrow());
            }
        }

        private void deliver() {
            if (!onTheWay.isEmpty()) {
                onTheWay.remove(random.nextInt(onTheWay.size())).run();
            }
        }

        private void check() {
            long promised = 0;
            for (int at = 0; at < HOSTS.size(); at++) {
                assertThat(hosts.get(at).atRisk()).isLessThanOrEqualTo(HostLane.UNPAID_MAX);
                promised +=
                        payers.get(at)
                                .promised()
                                .map(voucher -> voucher.amount().micro())
                                .orElse(0L);
            }
            assertThat(promised).isLessThanOrEqualTo(escrow.micro());
        }

        /** In the end what hosts hold is what payers owe, and the ledger pays all of it. */
        private void settleEverything() {
            Town town = new Town();
            town.settleIn("owner", "node-o");
            town.settleIn("tracker", "hub");
            town.settleIn("caller", "node-x");
            town.deploy("owner", "f", Plan.METERED);
            Digest channel = town.lock("caller", "hub", escrow.micro());
            long paid = 0;
            for (int at = 0; at < HOSTS.size(); at++) {
                while (!onTheWay.isEmpty()) {
                    deliver();
                }
                PayerLane payer = payers.get(at);
                HostLane host = hosts.get(at);
                host.unpaid().forEach(receipt -> payer.receive(receipt, now).orThrow());
                payer.promiseAll()
                        .ifPresent(voucher ->
                                host.accept(hub.promise(voucher).orThrow().sign(key("hub")))
                                        .orThrow());
                assertThat(host.unpaid()).isEmpty();
                assertThat(payer.amount()).isEqualTo(host.amount());
                town.settleIn("owner-of-" + HOSTS.get(at), HOSTS.get(at));
                paid += settle(town, channel, host);
            }
            assertThat(town.ledger.escrow(channel).micro()).isEqualTo(escrow.micro() - paid);
        }

        private static long settle(Town town, Digest channel, HostLane host) {
            if (host.amount().isZero()) {
                return 0;
            }
            Lane lane = new Lane(channel, host.terms().lane().host(), Town.function("f"));
            Voucher voucher =
                    town.voucher(lane, Plan.METERED, host.sequence(), host.amount().micro());
            String node =
                    HOSTS.stream()
                            .filter(name -> Town.node(name).equals(lane.host()))
                            .findFirst()
                            .orElseThrow();
            return town
                    .does(node, new Entry.Settle(voucher.sign(key("hub")), host.head()))
                    .transfers()
                    .stream()
                    .mapToLong(transfer -> transfer.amount().micro())
                    .sum();
        }
    }
}
