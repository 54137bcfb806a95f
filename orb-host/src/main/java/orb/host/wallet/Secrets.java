package orb.host.wallet;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.RefusedException;
import orb.kernel.identity.KeyPair;

/**
 * What a wallet holds: its name, its own key and those of its functions. Not thread-safe.
 *
 * <p>Its bytes are a fixed layout of one array rather than CBOR, because an array of known size can
 * be wiped, while an encoder that grows leaves copies behind.
 */
final class Secrets {
    static final int FUNCTIONS_MAX = 4_096;

    private final String name;
    private final KeyPair wallet;
    private final NavigableMap<String, KeyPair> functions;

    Secrets(String name, KeyPair wallet, Map<String, KeyPair> functions) {
        this.name = name;
        this.wallet = wallet;
        this.functions = new TreeMap<>(functions);
    }

    String name() {
        return name;
    }

    KeyPair wallet() {
        return wallet;
    }

    NavigableMap<String, KeyPair> functions() {
        return functions;
    }

    /** Overwrites every key. */
    void forget() {
        wallet.forget();
        functions.values().forEach(KeyPair::forget);
    }

    /** u8 length and name, seed, u16 count, then by name: u8 length and name, seed. Wipe it. */
    byte[] toBytes() {
        int length = 1 + name.length() + KeyPair.SEED_LENGTH + 2;
        for (String function : functions.keySet()) {
            length += 1 + function.length() + KeyPair.SEED_LENGTH;
        }
        ByteBuffer buffer = ByteBuffer.allocate(length);
        put(buffer, name, wallet);
        buffer.putShort((short) functions.size());
        functions.forEach((function, key) -> put(buffer, function, key));
        return buffer.array();
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @throws RefusedException with WALLET_DAMAGED for any other bytes
     */
    static Secrets ofBytes(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            String name = name(buffer);
            KeyPair wallet = key(buffer);
            NavigableMap<String, KeyPair> functions = new TreeMap<>();
            int count = buffer.getShort() & 0xffff;
            String last = "";
            for (int i = 0; i < count; i++) {
                String function = name(buffer);
                if (function.compareTo(last) <= 0) {
                    throw malformed("function names are equal or out of order");
                }
                functions.put(function, key(buffer));
                last = function;
            }
            if (buffer.hasRemaining() || count > FUNCTIONS_MAX) {
                throw malformed(buffer.remaining() + " bytes follow " + count + " functions");
            }
            return new Secrets(name, wallet, functions);
        } catch (BufferUnderflowException e) {
            throw malformed("the content is cut off");
        }
    }

    private static void put(ByteBuffer buffer, String name, KeyPair key) {
        buffer.put((byte) name.length());
        buffer.put(name.getBytes(StandardCharsets.US_ASCII));
        byte[] seed = key.seedForStorage();
        buffer.put(seed);
        Arrays.fill(seed, (byte) 0);
    }

    private static String name(ByteBuffer buffer) {
        byte[] ascii = new byte[buffer.get() & 0xff];
        buffer.get(ascii);
        String name = new String(ascii, StandardCharsets.ISO_8859_1);
        if (!FunctionName.isLabel(name)) {
            throw malformed("a name is not a label");
        }
        return name;
    }

    private static KeyPair key(ByteBuffer buffer) {
        byte[] seed = new byte[KeyPair.SEED_LENGTH];
        buffer.get(seed);
        KeyPair key = KeyPair.ofSeed(seed);
        Arrays.fill(seed, (byte) 0);
        return key;
    }

    private static RefusedException malformed(String how) {
        return new RefusedException(ErrorCode.WALLET_DAMAGED, how);
    }
}
