package orb.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Lane;
import orb.kernel.identity.KeyPair;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Entries a second: checking signatures, applying, and hashing the state after each thousand. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class LedgerBenchmark {
    static final int ENTRIES = 10_000;
    private static final int PEOPLE = 1_000;

    private Bytes sample = Bytes.EMPTY;
    private List<SignedEntry.Checked> setup = new ArrayList<>();
    private List<SignedEntry.Checked> gifts = new ArrayList<>();
    private List<SignedEntry.Checked> settlements = new ArrayList<>();
    private Ledger ledger = new Ledger(Town.GENESIS);

    /** A town of a thousand people and entries that are signed and checked beforehand. */
    @Setup(Level.Trial)
    public void sign() {
        Town town = new Town(genesis());
        town.settleIn("owner", "hub");
        town.deploy("owner", "f", Plan.METERED);
        for (int i = 0; i < PEOPLE; i++) {
            town.settleIn("p" + i, "n" + i);
        }
        Digest channel = town.lock("p0", "hub", 50_000_000);
        town.log.forEach(logged -> setup.add(SignedEntry.check(logged.bytes())));
        KeyPair hub = Town.key("hub");
        for (int i = 0; i < ENTRIES; i++) {
            String from = "p" + i % PEOPLE;
            Entry gift =
                    new Entry.Send(Town.account("p" + (i * 7L + 1) % PEOPLE), new Credits(1), "");
            if (i % PEOPLE != (i * 7L + 1) % PEOPLE) {
                gifts.add(SignedEntry.check(town.sign(from, gift).encoded()));
            }
            Lane lane = Town.lane(channel, "n" + i % PEOPLE, "f");
            Voucher voucher = town.voucher(lane, Plan.METERED, 1 + i / PEOPLE, 100 + i);
            settlements.add(
                    SignedEntry.check(
                            town.sign("n" + i % PEOPLE, Town.settle(voucher.sign(hub))).encoded()));
        }
        sample = gifts.getFirst().bytes();
    }

    private static Genesis genesis() {
        return new Genesis(
                "bench",
                Pricing.STANDARD,
                Plan.STANDARD,
                Credits.whole(100),
                new Genesis.Gates(Duration.ofHours(1), 10_000, 10_000, 0),
                Duration.ofSeconds(60));
    }

    /** Before each measured run, since entries apply once. */
    @Setup(Level.Invocation)
    public void begin() {
        ledger = new Ledger(genesis());
        setup.forEach(this::apply);
        ledger.stateRoot();
    }

    private void apply(SignedEntry.Checked entry) {
        ledger.apply(ledger.next(), Town.START, entry).orThrow();
    }

    @Benchmark
    public SignedEntry.Checked check() {
        return SignedEntry.check(sample);
    }

    @Benchmark
    @OperationsPerInvocation(ENTRIES)
    public Digest applyGifts() {
        return applyAll(gifts);
    }

    @Benchmark
    @OperationsPerInvocation(ENTRIES)
    public Digest applySettlements() {
        return applyAll(settlements);
    }

    private Digest applyAll(List<SignedEntry.Checked> entries) {
        int count = 0;
        for (SignedEntry.Checked entry : entries) {
            apply(entry);
            if (++count % 1_000 == 0) {
                ledger.stateRoot();
            }
        }
        return ledger.stateRoot();
    }
}
