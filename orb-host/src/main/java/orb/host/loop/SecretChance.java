package orb.host.loop;

import java.security.SecureRandom;
import java.util.random.RandomGenerator;

/**
 * Chance that cannot be guessed, for a role that draws at every call.
 *
 * <p>{@link SecureRandom} takes a lock and a digest for each few bytes; this takes its bytes 4 KiB
 * at a time and hands each out once. Not thread-safe: it belongs to the role's loop.
 */
public final class SecretChance implements RandomGenerator {
    private static final int STOCK_BYTES = 4096;

    private final SecureRandom source;
    private final byte[] stock = new byte[STOCK_BYTES];
    private int used = STOCK_BYTES;

    public SecretChance(SecureRandom source) {
        this.source = source;
    }

    @Override
    public long nextLong() {
        long drawn = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            drawn = drawn << 8 | next() & 0xff;
        }
        return drawn;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = next();
        }
    }

    private byte next() {
        if (used == STOCK_BYTES) {
            source.nextBytes(stock);
            used = 0;
        }
        byte drawn = stock[used];
        stock[used++] = 0;
        return drawn;
    }
}
