package orb.sim;

import static orb.kernel.Require.require;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How badly the world behaves.
 *
 * <p>The real links are TLS: between honest peers no byte changes on its way, and no message comes
 * twice. A message that is changed here stands for a peer that lies, one that comes twice for a
 * peer that repeats itself, a lost one for a peer that keeps still.
 *
 * @param name by which {@code orb sim --faults} takes it
 * @param lostPermille messages of a thousand that never arrive
 * @param forgedPermille messages of a thousand that arrive with changed bytes
 * @param doubledPermille questions of a thousand that arrive twice
 * @param slowPermille messages of a thousand that take a hundred times as long
 * @param crashes processes ended at a random moment during a run, a third of the nodes' in an
 *     orderly way
 * @param partitions times that a peer is cut off for a while
 * @param outages times that all trackers end at once, and are away for a while
 * @param lostWrites whether a crash may lose what was not yet synced to disk
 * @param tornWrites whether a crash may keep a part of it
 * @param rot times that a bit of a stored artefact flips
 * @param fullDisks times that the tracker's disk is full for a while
 * @param skewMillis how far each peer's clock is wrong at most, either way
 */
public record Faults(
        String name,
        int lostPermille,
        int forgedPermille,
        int doubledPermille,
        int slowPermille,
        int crashes,
        int partitions,
        int outages,
        boolean lostWrites,
        boolean tornWrites,
        int rot,
        int fullDisks,
        int skewMillis) {
    /** A world where nothing goes wrong. */
    public static final Faults NONE =
            new Faults("none", 0, 0, 0, 0, 0, 0, 0, false, false, 0, 0, 0);

    /** Everything at once, at rates at which work still gets done. */
    public static final Faults ALL =
            new Faults("all", 10, 3, 5, 20, 4, 2, 1, true, true, 1, 1, 2_000);

    /** Each kind of fault by itself, more often than in {@link #ALL}. */
    public static final List<Faults> SINGLES =
            List.of(
                    new Faults("lost", 30, 0, 0, 0, 0, 0, 0, false, false, 0, 0, 0),
                    new Faults("forged", 0, 15, 0, 0, 0, 0, 0, false, false, 0, 0, 0),
                    new Faults("doubled", 0, 0, 50, 0, 0, 0, 0, false, false, 0, 0, 0),
                    new Faults("slow", 0, 0, 0, 80, 0, 0, 0, false, false, 0, 0, 0),
                    new Faults("crashes", 0, 0, 0, 0, 6, 0, 0, false, false, 0, 0, 0),
                    new Faults("lost-writes", 0, 0, 0, 0, 6, 0, 0, true, false, 0, 0, 0),
                    new Faults("torn-writes", 0, 0, 0, 0, 6, 0, 0, false, true, 0, 0, 0),
                    new Faults("rot", 0, 0, 0, 0, 3, 0, 0, false, false, 6, 0, 0),
                    new Faults("partitions", 0, 0, 0, 0, 0, 4, 0, false, false, 0, 0, 0),
                    new Faults("outages", 0, 0, 0, 0, 0, 0, 2, false, false, 0, 0, 0),
                    new Faults("full-disks", 0, 0, 0, 0, 0, 0, 0, false, false, 0, 3, 0),
                    new Faults("clocks", 0, 0, 0, 0, 0, 0, 0, false, false, 0, 0, 120_000));

    public Faults {
        require(
                lostPermille >= 0
                        && forgedPermille >= 0
                        && doubledPermille >= 0
                        && slowPermille >= 0,
                "rates are not negative");
        require(
                lostPermille + forgedPermille + slowPermille <= 1000,
                "rates sum to at most 1000 permille");
        require(
                crashes >= 0 && partitions >= 0 && rot >= 0 && fullDisks >= 0 && skewMillis >= 0,
                "counts are not negative");
    }

    /** Whether a crash may lose what a process had just done. */
    boolean loseWrites() {
        return lostWrites || tornWrites;
    }

    /** Those of this name; empty if there are none. */
    public static Optional<Faults> named(String name) {
        return all().stream().filter(faults -> faults.name.equals(name)).findFirst();
    }

    /** All that have a name. */
    public static List<Faults> all() {
        List<Faults> all = new ArrayList<>(List.of(NONE, ALL));
        all.addAll(SINGLES);
        return List.copyOf(all);
    }
}
