package orb.host.net;

import java.util.Random;
import orb.kernel.identity.KeyPair;

/** Key pairs for tests, the same in every run. */
final class Keys {
    private Keys() {}

    static KeyPair of(int number) {
        return KeyPair.generate(new Random(number)::nextBytes);
    }
}
