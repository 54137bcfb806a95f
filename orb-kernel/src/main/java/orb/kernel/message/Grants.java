package orb.kernel.message;

import static orb.kernel.Require.require;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;
import orb.kernel.ByteSize;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * What a function may ask of the node that runs it, beside computing: nothing that is not here.
 *
 * <p>Its owner signs it with the version, so hosts, trackers and callers can read it before they
 * take the function.
 *
 * @param kv bytes of keys and values that its key-value space may hold on one node; 0 for no space
 * @param http where it may send requests, at most {@link #HTTP_MAX}
 * @param secrets names of what its owner's own node releases to it, at most {@link #SECRETS_MAX}
 * @param idempotent whether its owner says that running a call twice does no harm
 */
public record Grants(ByteSize kv, List<Origin> http, List<String> secrets, boolean idempotent) {
    public static final ByteSize KV_MAX = ByteSize.mib(64);
    public static final int HTTP_MAX = 16;
    public static final int SECRETS_MAX = 16;

    /** A function that computes and nothing else. */
    public static final Grants NONE = new Grants(new ByteSize(0), List.of(), List.of(), false);

    private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");

    public Grants {
        http = List.copyOf(http);
        secrets = List.copyOf(secrets);
        require(kv.compareTo(KV_MAX) <= 0, "a key-value space has at most %s, not %s", KV_MAX, kv);
        require(http.size() <= HTTP_MAX, "at most %d origins, not %d", HTTP_MAX, http.size());
        require(
                secrets.size() <= SECRETS_MAX,
                "at most %d secrets, not %d",
                SECRETS_MAX,
                secrets.size());
        secrets.forEach(name ->
                require(
                        isSecretName(name),
                        "a secret's name is 1..64 of A-Z, 0-9 and _, a letter first: %s",
                        name));
        require(
                new LinkedHashSet<>(http).size() == http.size()
                        && new LinkedHashSet<>(secrets).size() == secrets.size(),
                "no origin and no secret is named twice");
    }

    public static boolean isSecretName(String name) {
        return NAME.matcher(name).matches();
    }

    /** Whether it is granted nothing that acts or knows beyond its sandbox. */
    public boolean isNone() {
        return kv.bytes() == 0 && http.isEmpty() && secrets.isEmpty();
    }

    /** Whether a call that may have begun on one host may be given to another. */
    public boolean mayRunTwice() {
        return idempotent || (kv.bytes() == 0 && http.isEmpty());
    }

    /** For a person, in one line. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (kv.bytes() > 0) {
            parts.add("kv " + kv);
        }
        if (!http.isEmpty()) {
            parts.add("http " + String.join(" ", http.stream().map(Origin::toString).toList()));
        }
        if (!secrets.isEmpty()) {
            parts.add("secrets " + String.join(" ", secrets));
        }
        if (idempotent) {
            parts.add("idempotent");
        }
        return parts.isEmpty() ? "none" : String.join("; ", parts);
    }

    /** Bytes of the space, texts of the origins, names of the secrets, idempotent. */
    public Value toValue() {
        return Value.array(
                Value.of(kv.bytes()),
                Value.array(http.stream().map(origin -> Value.of(origin.toString())).toList()),
                Value.array(secrets.stream().map(Value::of).toList()),
                Value.of(idempotent));
    }

    /** Reads the array, which is refused with {@code ORB-0001} if it is not the one form. */
    public static Grants from(Fields f) {
        Grants grants =
                Fields.checked(
                        "Grants",
                        () ->
                                new Grants(
                                        new ByteSize(f.number(0, KV_MAX.bytes())),
                                        f.list(HTTP_MAX, Grants::origin),
                                        f.list(SECRETS_MAX, value -> text(value, 64)),
                                        f.truth()));
        f.end();
        return grants;
    }

    private static Origin origin(Value value) {
        String text = text(value, Origin.TEXT_MAX);
        Origin origin = Origin.parse(text);
        require(origin.toString().equals(text), "the origin %s is written %s", text, origin);
        return origin;
    }

    private static String text(Value value, int lengthMax) {
        return Fields.of(Value.array(value), "Grants").text(lengthMax);
    }
}
