package orb.ledger.proof;

import static orb.kernel.Require.require;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.identity.Signature;

/**
 * A key that signs notes under a name: C2SP signed-note's Ed25519, or the timestamped cosignature
 * of C2SP tlog-cosignature. Immutable, thread-safe.
 *
 * @param name which key it is for people; no space, no plus
 * @param key the Ed25519 key
 * @param type what a signature of it covers
 */
public record NoteKey(String name, PublicKey key, Type type) {
    private static final int TIME_LENGTH = 8;
    private static final Pattern VKEY =
            Pattern.compile("([^+]{1,200})\\+([0-9a-f]{8})\\+([A-Za-z0-9+/=]{44})");

    /** The types of signature that are known here, with the byte that the specification gives. */
    public enum Type {
        /** Over the text alone. */
        SIGNATURE(1),
        /** Over a time and the text. */
        COSIGNATURE(4);

        private final byte number;

        Type(int number) {
            this.number = (byte) number;
        }
    }

    public NoteKey {
        require(SignedNote.isName(name), "a key's name is not empty and has no space and no plus");
    }

    /** The first four bytes of SHA-256 over name, newline, type and key. */
    public int id() {
        Digest digest =
                Digest.sha256(
                        name.getBytes(StandardCharsets.UTF_8),
                        new byte[] {'\n', type.number},
                        key.bytes().array());
        return ByteBuffer.wrap(digest.bytes().array()).getInt();
    }

    /** The key as text for other programs: {@code name+id+base64}. */
    public String vkey() {
        Bytes material = Bytes.of(type.number).concat(key.bytes());
        return name
                + "+"
                + HexFormat.of().toHexDigits(id())
                + "+"
                + Base64.getEncoder().encodeToString(material.array());
    }

    /** Reads what {@link #vkey} gives; {@code ORB-0001} for anything else. */
    public static Result<NoteKey> parse(String vkey) {
        Matcher m = VKEY.matcher(vkey);
        if (m.matches() && SignedNote.isName(m.group(1))) {
            try {
                Bytes material = Bytes.wrap(Base64.getDecoder().decode(m.group(3)));
                for (Type type : Type.values()) {
                    if (material.length() == 1 + PublicKey.LENGTH
                            && material.at(0) == type.number) {
                        PublicKey key = new PublicKey(material.slice(1, material.length()));
                        NoteKey read = new NoteKey(m.group(1), key, type);
                        if (read.vkey().equals(vkey)) {
                            return Result.ok(read);
                        }
                    }
                }
            } catch (IllegalArgumentException e) {
                return Result.refused(ErrorCode.MALFORMED_BYTES, "no key: " + e.getMessage());
            }
        }
        return Result.refused(ErrorCode.MALFORMED_BYTES, "this is no key for notes");
    }

    /** Signs a note's text; the pair is this key's, the type SIGNATURE. */
    public SignedNote.Line sign(KeyPair pair, String text) {
        require(type == Type.SIGNATURE && pair.publicKey().equals(key), "another key or type");
        return line(pair.sign(Domain.NOTE, Bytes.utf8(text)).bytes());
    }

    /**
     * Cosigns a checkpoint's text; the pair is this key's, the type COSIGNATURE.
     *
     * @param epochSecond when, at least 0
     */
    public SignedNote.Line cosign(KeyPair pair, String text, long epochSecond) {
        require(type == Type.COSIGNATURE && pair.publicKey().equals(key), "another key or type");
        require(epochSecond >= 0, "a time is not negative: %d", epochSecond);
        Bytes time = Bytes.wrap(ByteBuffer.allocate(TIME_LENGTH).putLong(epochSecond).array());
        return line(time.concat(pair.sign(Domain.NOTE, cosigned(text, epochSecond)).bytes()));
    }

    private SignedNote.Line line(Bytes signature) {
        return new SignedNote.Line(name, id(), signature);
    }

    private static Bytes cosigned(String text, long epochSecond) {
        return Bytes.utf8("cosignature/v1\ntime " + epochSecond + "\n" + text);
    }

    /** Whether the line says that it is of this key. */
    public boolean isOf(SignedNote.Line line) {
        return line.keyId() == id() && line.name().equals(name);
    }

    /** Whether the line is this key's signature of the text. */
    public boolean verifies(SignedNote.Line line, String text) {
        Bytes all = line.signature();
        int before = type == Type.COSIGNATURE ? TIME_LENGTH : 0;
        if (!isOf(line) || all.length() != before + Signature.LENGTH) {
            return false;
        }
        Signature signature = new Signature(all.slice(before, all.length()));
        if (type == Type.SIGNATURE) {
            return key.verifies(signature, Domain.NOTE, Bytes.utf8(text));
        }
        long epochSecond = ByteBuffer.wrap(all.array()).getLong();
        return epochSecond >= 0
                && key.verifies(signature, Domain.NOTE, cosigned(text, epochSecond));
    }
}
