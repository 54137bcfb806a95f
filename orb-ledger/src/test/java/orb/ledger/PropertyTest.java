package orb.ledger;

import static orb.ledger.Town.account;
import static orb.ledger.Town.key;
import static orb.ledger.Town.lane;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Lane;
import orb.kernel.Result;
import orb.kernel.identity.Signature;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random people doing random things, honest and not; whatever they do, the books stay right. */
final class PropertyTest {
    private static final String[] PEOPLE = {"p0", "p1", "p2", "p3"};
    private static final String[] NODES = {"n0", "n1", "n2", "n3"};
    private static final String[] FUNCTIONS = {"f0", "f1", "f2"};
    private static final Signature NO_SIGNATURE = new Signature(Bytes.wrap(new byte[64]));
    private static final Map<String, NodeBinding> BINDINGS = new TreeMap<>();

    static List<Integer> batches() {
        return java.util.stream.IntStream.range(0, 20).boxed().toList();
    }

    /** Ten thousand runs; signatures are left out here, the next test has them. */
    @ParameterizedTest
    @MethodSource("batches")
    @Tag("E11")
    void noMoneyIsMadeLostOrPaidTwiceInTenThousandRuns(int batch) {
        Map<String, Integer> applied = new TreeMap<>();
        for (int i = 0; i < 500; i++) {
            long seed = batch * 500L + i;
            try {
                Run run = new Run(seed, false);
                run.play(20);
                run.applied.forEach((kind, count) -> applied.merge(kind, count, Integer::sum));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(applied).as("every kind of entry was applied").hasSize(9);
        assertThat(applied.values()).allMatch(count -> count >= 20);
    }

    @Test
    @Tag("E11")
    void theSameHoldsWithRealSignaturesAndForgedOnesAreRefused() {
        for (long seed = 0; seed < 60; seed++) {
            try {
                new Run(seed, true).play(40);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /** One ledger, and a plain model of what lanes were paid. */
    private static final class Run {
        private final Random random;
        private final boolean signs;
        private final boolean thorough;
        private final Town town = new Town();
        private final Ledger twin = new Ledger(town.genesis);
        private final List<SignedEntry.Checked> past = new ArrayList<>();
        private final List<Digest> channels = new ArrayList<>();
        private final Map<Digest, String> payers = new TreeMap<>();
        private final Map<String, Integer> applied = new TreeMap<>();
        private final Map<Lane, Long> highest = new TreeMap<>();
        private final Map<Lane, Long> paid = new TreeMap<>();
        private long nonce;

        private Run(long seed, boolean signs) {
            this.random = new Random(seed);
            this.signs = signs;
            this.thorough = signs || seed % 5 == 0;
        }

        void play(int steps) {
            for (int i = 0; i < PEOPLE.length; i++) {
                act(PEOPLE[i], new Entry.OpenAccount(PEOPLE[i]));
                act(PEOPLE[i], register(PEOPLE[i], NODES[i]));
            }
            for (int i = 0; i < FUNCTIONS.length; i++) {
                Plan plan = Plan.STANDARD.get(i);
                act(PEOPLE[i], deployment(PEOPLE[i], FUNCTIONS[i], 1, plan));
            }
            for (int i = 0; i < steps; i++) {
                step();
            }
            town.requireReconciled(PEOPLE);
            if (thorough) {
                assertThat(twin.stateRoot()).isEqualTo(town.ledger.stateRoot());
                assertThat(twin.logRoot()).isEqualTo(town.ledger.logRoot());
            }
            paid.forEach((lane, amount) ->
                    assertThat(amount)
                            .as("never more than the highest voucher")
                            .isLessThanOrEqualTo(highest.getOrDefault(lane, 0L)));
        }

        private void step() {
            if (random.nextInt(4) == 0) {
                town.wait(Duration.ofSeconds(random.nextInt(200)));
            }
            String who = PEOPLE[random.nextInt(PEOPLE.length)];
            switch (random.nextInt(13)) {
                case 0 -> act(who, new Entry.OpenAccount("q" + random.nextInt(3)));
                case 1 -> act(who, register(who, NODES[random.nextInt(NODES.length)]));
                case 2 ->
                        act(
                                who,
                                deployment(
                                        who,
                                        FUNCTIONS[random.nextInt(FUNCTIONS.length)],
                                        1 + random.nextInt(3),
                                        Plan.STANDARD.get(random.nextInt(3))));
                case 3, 4 -> act(who, lock());
                case 5 ->
                        act(
                                who,
                                new Entry.TopUpEscrow(
                                        channel(),
                                        amount(),
                                        town.now().plus(Duration.ofHours(25))));
                case 6, 7, 8 -> settle();
                case 9, 11 -> end(channel(), who);
                case 10 ->
                        act(who, new Entry.Send(account(PEOPLE[random.nextInt(4)]), amount(), "x"));
                default -> again();
            }
        }

        private Credits amount() {
            return switch (random.nextInt(8)) {
                case 0 -> new Credits(Long.MAX_VALUE - random.nextInt(3));
                case 1 -> new Credits(1);
                default -> new Credits(1 + random.nextInt(40_000_000));
            };
        }

        private Digest channel() {
            return channels.isEmpty() ? Digest.ZERO : channels.get(random.nextInt(channels.size()));
        }

        private void end(Digest channel, String who) {
            if (random.nextBoolean()) {
                act(who, new Entry.CloseEscrow(channel));
            } else {
                act(
                        random.nextInt(4) == 0 ? who : payers.getOrDefault(channel, who),
                        new Entry.ReleaseEscrow(channel));
            }
        }

        private Entry lock() {
            Entry.Purpose purpose =
                    random.nextInt(3) == 0
                            ? new Entry.Purpose.Sponsor(
                                    Town.function(FUNCTIONS[random.nextInt(FUNCTIONS.length)]))
                            : new Entry.Purpose.Calls();
            return new Entry.LockEscrow(
                    Town.node(NODES[0]),
                    amount(),
                    key(NODES[0]).publicKey(),
                    purpose,
                    town.now()
                            .plusSeconds(
                                    1 + random.nextInt(random.nextInt(4) == 0 ? 200 : 86_400)));
        }

        private Entry register(String who, String node) {
            NodeBinding binding =
                    BINDINGS.computeIfAbsent(
                            who + node,
                            _ ->
                                    NodeBinding.solve(
                                            town.network,
                                            key(node).publicKey(),
                                            account(who),
                                            town.genesis.gates().workBits()));
            return new Entry.RegisterNode(binding, signs ? binding.sign(key(node)) : NO_SIGNATURE);
        }

        private Entry deployment(String who, String name, int version, Plan plan) {
            return signs
                    ? town.deployment(who, Town.version(name, version, plan))
                    : new Entry.DeployFunction(
                            key(name).publicKey(), Town.version(name, version, plan), NO_SIGNATURE);
        }

        private void settle() {
            Digest channel = channel();
            boolean sponsors =
                    town.ledger.channel(channel).map(Registered.Channel::purpose).orElse(null)
                            instanceof Entry.Purpose.Sponsor;
            int f = random.nextInt(4) == 0 ? random.nextInt(3) : sponsors ? 1 : 0;
            String host = NODES[random.nextInt(NODES.length)];
            Lane lane = lane(channel, host, FUNCTIONS[f]);
            long before = highest.getOrDefault(lane, 0L);
            // sometimes far beyond the escrow, sometimes an old one
            long amount =
                    random.nextInt(5) == 0
                            ? random.nextInt(1_000)
                            : before + random.nextInt(20_000_000);
            Voucher voucher =
                    town.voucher(lane, Plan.STANDARD.get(f), 1 + random.nextInt(50), amount);
            String signer = random.nextInt(6) == 0 ? host : NODES[0];
            Voucher.Signed signed =
                    signs
                            ? voucher.sign(key(signer))
                            : new Voucher.Signed(
                                    voucher,
                                    List.of(
                                            new Voucher.Mark(
                                                    key(signer).publicKey(), NO_SIGNATURE)));
            if (signer.equals(NODES[0])) {
                highest.merge(lane, amount, Math::max);
            }
            act(host, new Entry.Settle(signed, Digest.ZERO));
        }

        private void act(String who, Entry entry) {
            nonce += random.nextInt(10) == 0 ? 0 : 1;
            SignedEntry.Head head =
                    new SignedEntry.Head(
                            town.network,
                            key(who).publicKey(),
                            Math.max(1, nonce),
                            town.now().plusSeconds(30));
            if (!signs) {
                SignedEntry unsigned = new SignedEntry(head, entry, NO_SIGNATURE);
                order(
                        new SignedEntry.Checked(
                                unsigned.encoded(), unsigned.digest(), Result.ok(unsigned)));
                return;
            }
            SignedEntry signed =
                    SignedEntry.sign(key(who), town.network, head.nonce(), head.expiresAt(), entry);
            if (random.nextInt(8) == 0) {
                forge(signed);
            }
            order(SignedEntry.check(signed.encoded()));
        }

        /** The same entry with one bit of its bytes flipped must not be applied. */
        private void forge(SignedEntry signed) {
            byte[] bytes = signed.encoded().toArray();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            assertThat(order(SignedEntry.check(Bytes.wrap(bytes)))).isFalse();
        }

        /** An old entry comes once more. */
        private void again() {
            if (!past.isEmpty()) {
                SignedEntry.Checked old = past.get(random.nextInt(past.size()));
                order(old);
            }
        }

        private static String signerOf(SignedEntry.Checked entry) {
            return java.util.stream.Stream.concat(Arrays.stream(PEOPLE), Arrays.stream(NODES))
                    .filter(name ->
                            key(name).publicKey().equals(entry.result().orThrow().head().signer()))
                    .findFirst()
                    .orElseThrow();
        }

        private boolean order(SignedEntry.Checked entry) {
            Result<Ledger.Applied> result = thorough ? orderThrice(entry) : apply(entry);
            town.ledger.check();
            switch (result) {
                case Result.Refused<Ledger.Applied> _ -> {}
                case Result.Ok<Ledger.Applied>(var done) -> {
                    must(past.stream().noneMatch(old -> old == entry), "applied twice");
                    past.add(entry);
                    note(signerOf(entry), entry.result().orThrow().entry(), done);
                }
            }
            return result.isOk();
        }

        private Result<Ledger.Applied> apply(SignedEntry.Checked entry) {
            return town.ledger.apply(town.ledger.next(), town.now(), entry);
        }

        /** Asks first, applies, applies on the twin, and compares what each of them says. */
        private Result<Ledger.Applied> orderThrice(SignedEntry.Checked entry) {
            Digest before = town.ledger.stateRoot();
            boolean admissible = town.ledger.admissible(entry, town.now()).isOk();
            must(town.ledger.stateRoot().equals(before), "asking changed something");
            Result<Ledger.Applied> result = apply(entry);
            must(result.isOk() == admissible, "admissible and applied differ");
            must(
                    result.isOk() || town.ledger.stateRoot().equals(before),
                    "a refused entry changed something");
            Result<Ledger.Applied> twins = twin.apply(twin.next(), town.now(), entry);
            must(twins.equals(result), "two ledgers differ");
            return result;
        }

        /** As an assertion, without what AssertJ costs half a million times. */
        private static void must(boolean condition, String otherwise) {
            if (!condition) {
                throw new AssertionError(otherwise);
            }
        }

        private void note(String who, Entry entry, Ledger.Applied done) {
            applied.merge(entry.getClass().getSimpleName(), 1, Integer::sum);
            if (entry instanceof Entry.LockEscrow) {
                channels.add(done.entry());
                payers.put(done.entry(), who);
            }
            if (entry instanceof Entry.Settle(var voucher, _)) {
                long sum =
                        done.transfers().stream()
                                .filter(t -> t.phase() == Transfer.Phase.POSTED)
                                .mapToLong(t -> t.amount().micro())
                                .sum();
                paid.merge(voucher.voucher().lane(), sum, Long::sum);
            }
        }
    }
}
