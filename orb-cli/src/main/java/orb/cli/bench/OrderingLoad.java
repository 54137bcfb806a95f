package orb.cli.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import orb.host.hashgraph.Ceremony;
import orb.host.hashgraph.GossipKeys;
import orb.host.hashgraph.HashgraphOrdering;
import orb.host.store.DataFolder;
import orb.host.wallet.MachineKey;
import orb.kernel.Bytes;
import orb.kernel.NodeId;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;

/** One tracker of {@link OrderingBench}: its ordering engine and the load that it puts on it. */
final class OrderingLoad {
    static final String DONE = "done ";

    private static final int ENTRY_LENGTH = 256; // a signed transfer's

    private final int self;
    private final HashgraphOrdering engine;

    /** When each entry of ours that has no place yet was proposed. */
    private final Map<Long, Long> underWay = new ConcurrentHashMap<>();

    private final AtomicInteger arrived = new AtomicInteger();
    private volatile Semaphore window = new Semaphore(0);
    private volatile double[] millis = {};
    private long next;

    private OrderingLoad(Path folder, Path roster) {
        DataFolder data = DataFolder.open(folder).orThrow();
        SecureRandom chance = new SecureRandom();
        NodeId id =
                NodeId.of(MachineKey.openOrCreate(data.machineKey(), chance).orThrow().publicKey());
        self = id.hashCode();
        engine =
                HashgraphOrdering.open(
                                new HashgraphOrdering.Settings(
                                        data,
                                        Ceremony.readRoster(roster).orThrow(),
                                        id,
                                        GossipKeys.openOrCreate(data, id, chance).orThrow(),
                                        Duration.ofMinutes(2),
                                        500),
                                this::heard,
                                refusal -> System.err.println(refusal))
                        .orThrow();
    }

    /** Words: data folder, roster. Lines {@code load COUNT WINDOW} are answered by one line. */
    public static void main(String[] words) throws IOException {
        OrderingLoad load = new OrderingLoad(Path.of(words[0]), Path.of(words[1]));
        load.engine.replay(event -> {});
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] parts = line.split(" ", -1);
                load.put(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
                double[] sorted = load.millis.clone();
                Arrays.sort(sorted);
                System.out.println(DONE + sorted[sorted.length / 2]);
                System.out.flush();
            }
        }
        System.exit(0);
    }

    private void put(int count, int windowSize) {
        millis = new double[count];
        arrived.set(0);
        window = new Semaphore(windowSize);
        for (int i = 0; i < count; i++) {
            window.acquireUninterruptibly();
            ByteBuffer entry = ByteBuffer.allocate(ENTRY_LENGTH);
            entry.putInt(self).putLong(next);
            underWay.put(next++, System.nanoTime());
            engine.propose(new Effect.Propose(Bytes.wrap(entry.array())));
        }
        window.acquireUninterruptibly(windowSize); // all have come back
    }

    private void heard(Event event) {
        if (event instanceof Event.Ordered(var index, var at, var bytes)) {
            ByteBuffer entry = ByteBuffer.wrap(bytes.array());
            if (entry.getInt() == self) {
                Long begun = underWay.remove(entry.getLong());
                if (begun != null) {
                    millis[arrived.getAndIncrement()] = (System.nanoTime() - begun) / 1e6;
                    window.release();
                }
            }
        } else {
            System.err.println(event); // nothing may fail here; the bench sees that we are gone
            System.exit(1);
        }
    }
}
