package orb.ledger.proof;

import static orb.kernel.Require.require;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Result;

/**
 * Text signed by one or more keys, as C2SP signed-note has it. Immutable; says nothing of whether a
 * signature is good, see {@link NoteKey}.
 *
 * @param text ends with a newline, which is its only control character
 * @param signatures in the order in which they stand, 1..{@link #SIGNATURES_MAX}
 */
public record SignedNote(String text, List<Line> signatures) {
    /** More bytes are refused unread. */
    public static final int LENGTH_MAX = 32 << 10;

    /** A roster has 64 trackers at most, each signs twice at most. */
    public static final int SIGNATURES_MAX = 130;

    private static final int SIGNATURE_MAX = 5_000;
    private static final String DASH = "\u2014 ";
    private static final int ID_LENGTH = 4;

    /**
     * One signature line.
     *
     * @param name of the key: no space, no plus, no control character
     * @param keyId which key of that name
     * @param signature what the key's type makes of the text
     */
    public record Line(String name, int keyId, Bytes signature) {
        public Line {
            require(isName(name), "a key's name is not empty and has no space and no plus");
            require(
                    signature.length() >= 1 && signature.length() <= SIGNATURE_MAX,
                    "a signature has 1..%d bytes, not %d",
                    SIGNATURE_MAX,
                    signature.length());
        }

        @Override
        public String toString() {
            byte[] bytes =
                    ByteBuffer.allocate(ID_LENGTH + signature.length())
                            .putInt(keyId)
                            .put(signature.array())
                            .array();
            return DASH + name + " " + Base64.getEncoder().encodeToString(bytes) + "\n";
        }

        /** Reads one line with its newline; {@code ORB-0001} for anything else. */
        public static Result<Line> parse(String line) {
            int space = line.lastIndexOf(' ');
            if (line.startsWith(DASH) && space > DASH.length() && line.endsWith("\n")) {
                try {
                    byte[] bytes =
                            Base64.getDecoder()
                                    .decode(line.substring(space + 1, line.length() - 1));
                    if (bytes.length > ID_LENGTH && bytes.length <= ID_LENGTH + SIGNATURE_MAX) {
                        Line read =
                                new Line(
                                        line.substring(DASH.length(), space),
                                        ByteBuffer.wrap(bytes).getInt(),
                                        Bytes.wrap(bytes).slice(ID_LENGTH, bytes.length));
                        if (read.toString().equals(line)) {
                            return Result.ok(read);
                        }
                    }
                } catch (IllegalArgumentException e) {
                    return malformed("a signature line: " + e.getMessage());
                }
            }
            return malformed("a signature line");
        }
    }

    public SignedNote {
        signatures = List.copyOf(signatures);
        require(
                isText(text),
                "a note's text ends with a newline and has no other control character");
        require(
                !signatures.isEmpty() && signatures.size() <= SIGNATURES_MAX,
                "a note has 1..%d signatures, not %d",
                SIGNATURES_MAX,
                signatures.size());
    }

    static boolean isName(String name) {
        return !name.isEmpty()
                && name.codePoints()
                        .noneMatch(c -> c == '+' || c < ' ' || Character.isSpaceChar(c));
    }

    private static boolean isText(String text) {
        return text.endsWith("\n") && text.codePoints().noneMatch(c -> c < ' ' && c != '\n');
    }

    /** The same with another signature behind the others. */
    public SignedNote with(Line signature) {
        List<Line> more = new ArrayList<>(signatures);
        more.add(signature);
        return new SignedNote(text, more);
    }

    /** The note's bytes. */
    public Bytes encoded() {
        StringBuilder note = new StringBuilder(text).append('\n');
        signatures.forEach(note::append);
        return Bytes.utf8(note.toString());
    }

    /** Reads a note, strictly; {@code ORB-0001} for anything else. */
    public static Result<SignedNote> decode(Bytes bytes) {
        if (bytes.length() > LENGTH_MAX) {
            return malformed("a note of " + bytes.length() + " bytes");
        }
        String all;
        try {
            all =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes.array()))
                            .toString();
        } catch (CharacterCodingException e) {
            return malformed("a note that is not UTF-8");
        }
        int blank = all.lastIndexOf("\n\n");
        if (blank < 0 || !all.endsWith("\n") || !isText(all)) {
            return malformed("a note");
        }
        String[] lines = all.substring(blank + 2).split("(?<=\n)");
        List<Line> signatures = new ArrayList<>();
        for (String line : lines) {
            if (!(Line.parse(line) instanceof Result.Ok<Line>(var signature))) {
                return malformed("a note's signature");
            }
            signatures.add(signature);
        }
        return signatures.size() > SIGNATURES_MAX
                ? malformed("a note with so many signatures")
                : Result.ok(new SignedNote(all.substring(0, blank + 1), signatures));
    }

    private static <T> Result<T> malformed(String what) {
        return Result.refused(ErrorCode.MALFORMED_BYTES, "this is not " + what);
    }
}
