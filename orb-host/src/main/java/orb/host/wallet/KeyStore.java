package orb.host.wallet;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;

/** The encrypted wallet file, open. */
public final class KeyStore implements AutoCloseable {
    /** Makes a wallet with a new key; WALLET_EXISTS, BAD_ARGUMENT for a short passphrase. */
    public static Result<KeyStore> create(
            Path file, String name, char[] passphrase, SecureRandom chance) { throw new UnsupportedOperationException("not yet written"); }

    /** Opens it; WRONG_PASSPHRASE, WALLET_DAMAGED. The passphrase is the caller's to wipe. */
    public static Result<KeyStore> open(Path file, char[] passphrase, SecureRandom chance) { throw new UnsupportedOperationException("not yet written"); }

    /** Checks an exported wallet and puts it at file, such as on a new machine. */
    public static Result<KeyStore> restore(
            Path exported, Path file, char[] passphrase, SecureRandom chance) { throw new UnsupportedOperationException("not yet written"); }

    public String name() { throw new UnsupportedOperationException("not yet written"); }
    public KeyPair wallet() { throw new UnsupportedOperationException("not yet written"); }
    public List<String> functions() { throw new UnsupportedOperationException("not yet written"); }
    public Optional<KeyPair> functionKey(String function) { throw new UnsupportedOperationException("not yet written"); }
    /** The function's key, made and durably kept on first use. */
    public Result<KeyPair> makeFunctionKey(String function) { throw new UnsupportedOperationException("not yet written"); }
    public Optional<Refusal> changePassphrase(char[] passphrase) { throw new UnsupportedOperationException("not yet written"); }
    /** Writes an encrypted copy; it opens with the present passphrase. */
    public Optional<Refusal> exportTo(Path file) { throw new UnsupportedOperationException("not yet written"); }
    /** Wipes the secrets from memory. */
    @Override public void close() { throw new UnsupportedOperationException("not yet written"); }
}
