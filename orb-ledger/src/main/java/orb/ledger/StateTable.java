package orb.ledger;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import orb.kernel.Digest;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.Value;

/**
 * Records of one kind, sorted by key, with the changes of one entry kept apart until it is known
 * that none of them is refused.
 *
 * <p>Not thread-safe.
 *
 * @param <K> the key
 * @param <V> the record, immutable
 */
final class StateTable<K extends Comparable<K>, V> {
    private final byte[] label;
    private final Function<K, byte[]> keyBytes;
    private final Function<V, Value> encoder;
    private final NavigableMap<K, V> settled = new TreeMap<>();
    private final Map<K, Optional<V>> draft = new LinkedHashMap<>();
    private final TreeSet<K> unhashed = new TreeSet<>();

    StateTable(String name, Function<K, byte[]> keyBytes, Function<V, Value> encoder) {
        this.label = ("orb/state/1/" + name + "\0").getBytes(StandardCharsets.US_ASCII);
        this.keyBytes = keyBytes;
        this.encoder = encoder;
    }

    /** The record as the present entry sees it. */
    Optional<V> get(K key) {
        if (!draft.isEmpty()) {
            Optional<V> drafted = draft.get(key);
            if (drafted != null) {
                return drafted;
            }
        }
        return Optional.ofNullable(settled.get(key));
    }

    void put(K key, V value) {
        draft.put(key, Optional.of(value));
    }

    void remove(K key) {
        draft.put(key, Optional.empty());
    }

    /** What entries before this one left. */
    NavigableMap<K, V> settled() {
        return settled;
    }

    /** What this entry changes. */
    Map<K, Optional<V>> draft() {
        return draft;
    }

    /** Makes the draft final. */
    void commit() {
        if (draft.isEmpty()) {
            return;
        }
        draft.forEach((key, value) -> {
            value.ifPresentOrElse(v -> settled.put(key, v), () -> settled.remove(key));
            unhashed.add(key);
        });
        draft.clear();
    }

    /** Forgets the draft. */
    void rollback() {
        if (!draft.isEmpty()) {
            draft.clear();
        }
    }

    /** Brings the tree up to date with what was committed since the last time. */
    void hashInto(StateTree tree) {
        for (K key : unhashed) {
            Digest place = Digest.sha256(label, keyBytes.apply(key));
            Optional.ofNullable(settled.get(key))
                    .ifPresentOrElse(
                            value -> tree.put(place, Cbor.encode(encoder.apply(value))),
                            () -> tree.remove(place));
        }
        unhashed.clear();
    }
}
