package orb.overlay;

import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Chooses a host by the power of two choices: draws two at random and takes the less busy one, or
 * the only one of them that is trusted.
 *
 * <p>Taking the least busy of all herds every chooser to the same host while its load is still
 * being reported; two random candidates balance almost as well and cannot herd (Mitzenmacher, "The
 * power of two choices in randomized load balancing", IEEE TPDS 12:10, 2001). Hosts that are unfit
 * or full are never drawn. Deterministic for the chance it was made with; not thread-safe.
 */
public final class Choice {
    private static final int DRAWS_MAX = 8;

    private final RandomGenerator chance;

    public Choice(RandomGenerator chance) {
        this.chance = chance;
    }

    /**
     * A host and the one it was compared with; {@link #trail} says why it was taken.
     *
     * @param <T> kind of host
     * @param host who was chosen
     * @param other the other candidate, the same as {@code host} if there was none
     */
    public record Picked<T extends Load>(T host, T other) {
        /** One line for people; made only when it is read. */
        public String trail() {
            return host.id().equals(other.id())
                    ? host.id().brief() + " chosen: " + busy(host) + ", the only one with a place"
                    : host.id().brief()
                            + " chosen: "
                            + busy(host)
                            + ", against "
                            + other.id().brief()
                            + " with "
                            + busy(other);
        }

        private static String busy(Load load) {
            return load.running()
                    + "/"
                    + load.capacity()
                    + " running, "
                    + load.queueMicros()
                    + " us";
        }
    }

    /** One of the hosts; empty if none is fit and has a free place. Touches few of many. */
    public <T extends Load> Optional<Picked<T>> pick(List<T> hosts) {
        int first = draw(hosts, -1);
        if (first < 0) {
            return Optional.empty();
        }
        int second = draw(hosts, first);
        T one = hosts.get(first);
        if (second < 0) {
            return Optional.of(new Picked<>(one, one));
        }
        T two = hosts.get(second);
        return Optional.of(isWorse(one, two) ? new Picked<>(two, one) : new Picked<>(one, two));
    }

    private int draw(List<? extends Load> hosts, int except) {
        int size = hosts.size();
        if (size == 0) {
            return -1;
        }
        int at = 0;
        for (int i = 0; i < Math.min(size, DRAWS_MAX); i++) {
            at = size == 1 ? 0 : chance.nextInt(size);
            if (at != except && hasPlace(hosts.get(at))) {
                return at;
            }
        }
        for (int i = 1; i <= size; i++) { // few are free: take the next one round the list
            int next = (at + i) % size;
            if (next != except && hasPlace(hosts.get(next))) {
                return next;
            }
        }
        return -1;
    }

    private static boolean hasPlace(Load load) {
        return load.isFit() && load.running() < load.capacity();
    }

    private static boolean isWorse(Load one, Load two) {
        return one.isTrusted() == two.isTrusted() ? isBusier(one, two) : two.isTrusted();
    }

    private static boolean isBusier(Load one, Load two) {
        // running/capacity as cross products: no division, no rounding
        long left = (long) one.running() * two.capacity();
        long right = (long) two.running() * one.capacity();
        return left != right ? left > right : one.queueMicros() > two.queueMicros();
    }
}
