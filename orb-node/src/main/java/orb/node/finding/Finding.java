package orb.node.finding;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.FunctionName;
import orb.kernel.message.FunctionFacts;
import orb.kernel.port.Effect;
import orb.overlay.SignedRecord;
import orb.overlay.dht.Key;
import orb.overlay.dht.SeedRecord;

/**
 * A node's own records in the hash table, kept fresh.
 *
 * <p>The node's record is signed again every {@link #RECORD_EVERY}, and when its load has changed
 * by a quarter; a record for each function that it serves every {@link #SEED_EVERY}, and at once
 * when it begins to serve. Each lives three times as long, so that one which is not renewed ends
 * soon by itself. Not thread-safe.
 */
public final class Finding {
    /** Between two signings of the node's own record, at the latest. */
    public static final Duration RECORD_EVERY = Duration.ofMinutes(5);

    /** Between two signings of the record of a function that is served. */
    public static final Duration SEED_EVERY = Duration.ofMinutes(10);

    /** Between two signings because of the load, at the soonest. */
    private static final Duration LOAD_EVERY = Duration.ofSeconds(10);

    private static final int LIVES = 3;
    private static final int LOAD_STEP = 250;

    private final Said said;
    private final Consumer<Effect> effects;
    private final Map<FunctionName, Published> seeds = new TreeMap<>();
    private Instant recordAt = Instant.MIN;
    private int loadSaid;
    private Bytes routeSaid = Bytes.EMPTY;

    private record Published(FunctionFacts facts, Instant at) {}

    /**
     * A finding before its first word.
     *
     * @param said what its record says now
     * @param effects takes what is to be done, in this step
     */
    public Finding(Said said, Consumer<Effect> effects) {
        this.said = said;
        this.effects = effects;
    }

    /** Publishes what is due. Nothing before this peer has a part in the hash table. */
    public void publish(Instant now, List<FunctionFacts> serving) {
        if (said.route().isEmpty()) {
            return;
        }
        boolean isMoved = !said.route().equals(routeSaid);
        boolean isBusier =
                Math.abs(said.load() - loadSaid) >= LOAD_STEP
                        && !now.isBefore(recordAt.plus(LOAD_EVERY));
        if (isMoved || isBusier || isDue(recordAt, RECORD_EVERY, now)) {
            recordAt = now;
            loadSaid = said.load();
            routeSaid = said.route();
            SignedRecord signed = said.record(now, RECORD_EVERY.multipliedBy(LIVES));
            effects.accept(new Effect.Publish(Key.of(signed.id()).point(), signed.bytes()));
        }
        Set<FunctionName> gone = new TreeSet<>(seeds.keySet());
        for (FunctionFacts facts : serving) {
            gone.remove(facts.name());
            Published before = seeds.get(facts.name());
            if (before == null
                    || !before.facts.equals(facts)
                    || isDue(before.at, SEED_EVERY, now)) {
                seeds.put(facts.name(), new Published(facts, now));
                publish(now, facts);
            }
        }
        for (FunctionName name : gone) {
            seeds.remove(name);
            effects.accept(new Effect.Withdraw(Key.of(name).point()));
        }
    }

    private static boolean isDue(Instant last, Duration every, Instant now) {
        return last.equals(Instant.MIN) || !now.isBefore(last.plus(every));
    }

    private void publish(Instant now, FunctionFacts facts) {
        SeedRecord record =
                new SeedRecord(
                        said.key().publicKey(),
                        facts.name(),
                        facts.id(),
                        facts.artefact(),
                        facts.version(),
                        said.addresses(),
                        now.toEpochMilli(),
                        now.plus(SEED_EVERY.multipliedBy(LIVES)));
        effects.accept(new Effect.Publish(Key.of(facts.name()).point(), record.sign(said.key())));
    }
}
