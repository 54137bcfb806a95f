package orb.host.wallet;

import java.nio.file.Path;
import java.security.SecureRandom;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;

/** The key that a node is known by. */
public final class MachineKey {
    private MachineKey() {}
    /** Reads the key file, or makes it (0600) if there is none. */
    public static Result<KeyPair> openOrCreate(Path file, SecureRandom chance) { throw new UnsupportedOperationException("not yet written"); }
}
