package orb.host.wallet;

import static orb.kernel.Require.require;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * The bytes of a wallet file: canonical CBOR around one sealed byte string.
 *
 * <p>Three checks, one inside the other, tell apart what can honestly be told apart. A plain
 * SHA-256 over the file fails for every accident: damaged. A MAC of the header under a key from the
 * passphrase fails for a wrong passphrase, and also if somebody changed the header and made the
 * SHA-256 fit; nobody without the passphrase can tell these two apart. AES-256-GCM over the content
 * with header and MAC as associated data fails after the MAC held: damaged, on purpose. Keys come
 * from Argon2id (RFC 9106). Layout byte by byte: docs/protocol/wallet.md.
 */
final class WalletFile {
    static final int FILE_MAX = 1 << 20;
    static final int SALT_LENGTH = 16;
    static final int NONCE_LENGTH = 12;

    private static final String NAME = "orb-wallet";
    private static final int VERSION = 1;
    private static final int KEY_LENGTH = 32;
    private static final int TAG_BITS = 128;
    private static final DecodeLimits LIMITS = new DecodeLimits(FILE_MAX, 2, 16);

    private WalletFile() {}

    /**
     * What one guess of the passphrase costs.
     *
     * @param memoryKib 8 per lane .. 1 GiB, so that a forged file cannot take all memory
     * @param passes 1..64
     * @param lanes 1..16
     */
    record Cost(int memoryKib, int passes, int lanes) {
        /** RFC 9106's second recommendation: 64 MiB, three passes, four lanes. */
        static final Cost STANDARD = new Cost(64 << 10, 3, 4);

        Cost {
            require(lanes >= 1 && lanes <= 16, "lanes are 1..16, not %d", lanes);
            require(passes >= 1 && passes <= 64, "passes are 1..64, not %d", passes);
            require(
                    memoryKib >= 8 * lanes && memoryKib <= 1 << 20,
                    "memory is %d..1048576 KiB, not %d",
                    8 * lanes,
                    memoryKib);
        }
    }

    /** The part of the header from which, with the passphrase, the keys come. */
    record Derivation(Cost cost, Bytes salt) {}

    /** Two keys from one passphrase; wipe them. */
    static final class Keys {
        private final Derivation derivation;
        private final byte[] sealing;
        private final byte[] proving;

        private Keys(Derivation derivation, byte[] sealing, byte[] proving) {
            this.derivation = derivation;
            this.sealing = sealing;
            this.proving = proving;
        }

        Derivation derivation() {
            return derivation;
        }

        void wipe() {
            Arrays.fill(sealing, (byte) 0);
            Arrays.fill(proving, (byte) 0);
        }
    }

    /** An opened file: its keys and its content; wipe both. */
    static final class Opened {
        private final Keys keys;
        private final byte[] content;

        private Opened(Keys keys, byte[] content) {
            this.keys = keys;
            this.content = content;
        }

        Keys keys() {
            return keys;
        }

        /** The content itself, not a copy, so that it can be wiped. */
        byte[] content() {
            return content;
        }
    }

    /** Derives the keys; the passphrase stays the caller's to wipe. */
    static Keys derive(char[] passphrase, Derivation derivation) {
        byte[] secret = utf8(passphrase);
        byte[] output = new byte[2 * KEY_LENGTH];
        try {
            Argon2BytesGenerator argon2 = new Argon2BytesGenerator();
            argon2.init(
                    new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                            .withMemoryAsKB(derivation.cost().memoryKib())
                            .withIterations(derivation.cost().passes())
                            .withParallelism(derivation.cost().lanes())
                            .withSalt(derivation.salt().toArray())
                            .build());
            argon2.generateBytes(secret, output);
            return new Keys(
                    derivation,
                    Arrays.copyOfRange(output, 0, KEY_LENGTH),
                    Arrays.copyOfRange(output, KEY_LENGTH, 2 * KEY_LENGTH));
        } finally {
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(output, (byte) 0);
        }
    }

    /** The file's bytes; the nonce must never have been used with these keys. */
    static Bytes seal(Keys keys, Bytes nonce, byte[] content) {
        Value[] header = header(keys.derivation(), nonce);
        Bytes proved = Cbor.encode(Value.array(header));
        Bytes proof = mac(keys, proved);
        Bytes sealed =
                Bytes.wrap(crypt(Cipher.ENCRYPT_MODE, keys, nonce, proved.concat(proof), content));
        Value[] fields = Arrays.copyOf(header, header.length + 2);
        fields[header.length] = Value.of(proof);
        fields[header.length + 1] = Value.of(sealed);
        Bytes body = Cbor.encode(Value.array(fields));
        return Cbor.encode(Value.array(Value.of(body), Value.of(Digest.of(body).bytes())));
    }

    /**
     * Opens a file; {@code file} names it in refusals.
     *
     * @throws RefusedException with WRONG_PASSPHRASE or WALLET_DAMAGED
     */
    static Opened open(String file, Bytes bytes, char[] passphrase) {
        Parsed parsed;
        try {
            parsed = parse(bytes);
        } catch (RefusedException e) {
            throw damaged(file, e.refusal().what());
        }
        Keys keys = derive(passphrase, parsed.derivation());
        Bytes header = Cbor.encode(Value.array(header(parsed.derivation(), parsed.nonce())));
        if (!MessageDigest.isEqual(mac(keys, header).array(), parsed.proof().array())) {
            keys.wipe();
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.WRONG_PASSPHRASE,
                            "the passphrase does not open " + file,
                            "try again; if you are sure of the passphrase, somebody may have "
                                    + "changed the file: restore it from an export"));
        }
        try {
            byte[] content =
                    crypt(
                            Cipher.DECRYPT_MODE,
                            keys,
                            parsed.nonce(),
                            header.concat(parsed.proof()),
                            parsed.sealed().array());
            return new Opened(keys, content);
        } catch (RefusedException e) {
            keys.wipe();
            throw damaged(file, e.refusal().what());
        }
    }

    static RefusedException damaged(String file, String how) {
        return new RefusedException(
                new Refusal(
                        ErrorCode.WALLET_DAMAGED,
                        file + ": " + how,
                        "restore the wallet from an export (orb wallet import)"));
    }

    private record Parsed(Derivation derivation, Bytes nonce, Bytes proof, Bytes sealed) {}

    /** Reads what needs no passphrase. */
    private static Parsed parse(Bytes bytes) {
        Fields outer = Fields.of(Cbor.decodeOrThrow(bytes, LIMITS), "the wallet file");
        Bytes body = outer.bytes(FILE_MAX);
        Digest check = outer.digest();
        outer.end();
        if (!Digest.of(body).equals(check)) {
            throw new RefusedException(
                    ErrorCode.WALLET_DAMAGED, "its content does not fit its checksum");
        }
        Fields f = Fields.of(Cbor.decodeOrThrow(body, LIMITS), "the wallet");
        if (!f.text(32).equals(NAME)) {
            throw new RefusedException(ErrorCode.WALLET_DAMAGED, "it is not a wallet");
        }
        long version = f.number(0, Long.MAX_VALUE);
        if (version != VERSION) {
            throw new RefusedException(
                    ErrorCode.WALLET_DAMAGED, "its format is " + version + ", not " + VERSION);
        }
        int memory = f.smallNumber(0, Integer.MAX_VALUE);
        int passes = f.smallNumber(0, Integer.MAX_VALUE);
        int lanes = f.smallNumber(0, Integer.MAX_VALUE);
        Cost cost = Fields.checked("the cost", () -> new Cost(memory, passes, lanes));
        Derivation derivation = new Derivation(cost, f.exactBytes(SALT_LENGTH));
        Parsed parsed =
                new Parsed(
                        derivation,
                        f.exactBytes(NONCE_LENGTH),
                        f.exactBytes(32),
                        f.bytes(FILE_MAX));
        f.end();
        return parsed;
    }

    private static Value[] header(Derivation derivation, Bytes nonce) {
        return new Value[] {
            Value.of(NAME),
            Value.of(VERSION),
            Value.of(derivation.cost().memoryKib()),
            Value.of(derivation.cost().passes()),
            Value.of(derivation.cost().lanes()),
            Value.of(derivation.salt()),
            Value.of(nonce)
        };
    }

    private static Bytes mac(Keys keys, Bytes header) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(keys.proving, "HmacSHA256"));
            return Bytes.wrap(mac.doFinal(header.array()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    private static byte[] crypt(
            int mode, Keys keys, Bytes nonce, Bytes associated, byte[] content) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    mode,
                    new SecretKeySpec(keys.sealing, "AES"),
                    new GCMParameterSpec(TAG_BITS, nonce.array()));
            cipher.updateAAD(associated.array());
            return cipher.doFinal(content);
        } catch (AEADBadTagException e) {
            throw new RefusedException(
                    ErrorCode.WALLET_DAMAGED,
                    "the passphrase is right but the content was changed");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES/GCM", e);
        }
    }

    /** In NFC, so that one passphrase is the same bytes from every keyboard (RFC 8265). */
    private static byte[] utf8(char[] passphrase) {
        CharBuffer chars = CharBuffer.wrap(passphrase);
        boolean ascii = chars.chars().allMatch(c -> c < 128);
        CharBuffer normal =
                ascii ? chars : CharBuffer.wrap(Normalizer.normalize(chars, Normalizer.Form.NFC));
        ByteBuffer buffer = ByteBuffer.allocate(normal.remaining() * 3);
        StandardCharsets.UTF_8
                .newEncoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .encode(normal, buffer, true);
        byte[] bytes = Arrays.copyOf(buffer.array(), buffer.position());
        Arrays.fill(buffer.array(), (byte) 0);
        return bytes;
    }

    /** Why a passphrase may not protect a wallet. */
    static Optional<Refusal> weakness(char[] passphrase) {
        return passphrase.length >= KeyStore.PASSPHRASE_MIN
                        && passphrase.length <= KeyStore.PASSPHRASE_MAX
                ? Optional.empty()
                : Optional.of(
                        new Refusal(
                                ErrorCode.BAD_ARGUMENT,
                                String.format(
                                        "a passphrase has %d..%d characters, not %d",
                                        KeyStore.PASSPHRASE_MIN,
                                        KeyStore.PASSPHRASE_MAX,
                                        passphrase.length),
                                "choose a longer one, such as four words"));
    }
}
