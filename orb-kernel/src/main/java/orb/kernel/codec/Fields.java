package orb.kernel.codec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.RefusedException;

/**
 * Reads the fields of a record from a CBOR array, in order, each with its type and bounds.
 *
 * <p>Every method takes the next field and throws {@link RefusedException} ({@code ORB-0001}) if it
 * is missing or of another type or out of bounds. {@link #end} refuses fields that are left over.
 * Not thread-safe.
 */
public final class Fields {
    private final String what;
    private final List<Value> items;
    private int next;

    private Fields(String what, List<Value> items) {
        this.what = what;
        this.items = items;
    }

    /** The fields of an array; {@code what} names the record in refusals. */
    public static Fields of(Value value, String what) {
        if (value instanceof Value.Array(var items)) {
            return new Fields(what, items);
        }
        throw new RefusedException(ErrorCode.MALFORMED_BYTES, what + " is not an array");
    }

    /** A whole number within the bounds, both inclusive. */
    public long number(long min, long max) {
        if (take() instanceof Value.Int(var number) && number >= min && number <= max) {
            return number;
        }
        throw refuse("is not a whole number in " + min + ".." + max);
    }

    public int smallNumber(int min, int max) {
        return (int) number(min, max);
    }

    public boolean truth() {
        Value value = take();
        if (value.equals(Value.TRUE) || value.equals(Value.FALSE)) {
            return value.equals(Value.TRUE);
        }
        throw refuse("is not true or false");
    }

    public Bytes bytes(int lengthMax) {
        if (take() instanceof Value.Blob(var bytes) && bytes.length() <= lengthMax) {
            return bytes;
        }
        throw refuse("is not a byte string of at most " + lengthMax);
    }

    public Bytes exactBytes(int length) {
        if (take() instanceof Value.Blob(var bytes) && bytes.length() == length) {
            return bytes;
        }
        throw refuse("is not a byte string of exactly " + length);
    }

    public String text(int lengthMax) {
        if (take() instanceof Value.Text(var text) && text.length() <= lengthMax) {
            return text;
        }
        throw refuse("is not a text of at most " + lengthMax + " characters");
    }

    public Digest digest() {
        return new Digest(exactBytes(Digest.LENGTH));
    }

    /** An amount of at least zero. */
    public Credits credits() {
        return new Credits(number(0, Long.MAX_VALUE));
    }

    public Fuel fuel() {
        return new Fuel(number(0, Long.MAX_VALUE));
    }

    /** A nested value, unread. */
    public Value value() {
        return take();
    }

    /** A nested record. */
    public Fields fields(String nested) {
        return of(take(), nested);
    }

    /** A list whose items one reader reads; at most {@code countMax} of them. */
    public <T> List<T> list(int countMax, Function<Value, T> reader) {
        if (!(take() instanceof Value.Array(var values)) || values.size() > countMax) {
            throw refuse("is not a list of at most " + countMax);
        }
        List<T> read = new ArrayList<>(values.size());
        values.forEach(value -> read.add(reader.apply(value)));
        return List.copyOf(read);
    }

    /** A field that may be null. */
    public <T> Optional<T> optional(Function<Fields, T> reader) {
        if (next < items.size() && items.get(next).equals(Value.NULL)) {
            next++;
            return Optional.empty();
        }
        return Optional.of(reader.apply(this));
    }

    /** Whether fields are left: rows that an earlier version kept may have fewer. */
    public boolean hasMore() {
        return next < items.size();
    }

    /** Refuses fields beyond those that were read. */
    public void end() {
        if (next != items.size()) {
            throw new RefusedException(
                    ErrorCode.MALFORMED_BYTES,
                    what + " has " + items.size() + " fields, not " + next);
        }
    }

    /** Runs a constructor that checks its values and turns its complaint into a refusal. */
    public static <T> T checked(String what, java.util.function.Supplier<T> constructor) {
        try {
            return constructor.get();
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new RefusedException(ErrorCode.MALFORMED_BYTES, what + ": " + e.getMessage());
        }
    }

    private Value take() {
        if (next >= items.size()) {
            throw refuse("is missing");
        }
        return items.get(next++);
    }

    private RefusedException refuse(String problem) {
        return new RefusedException(
                ErrorCode.MALFORMED_BYTES, "field " + next + " of " + what + " " + problem);
    }
}
