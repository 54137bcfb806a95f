package orb.node;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.PublicKey;
import orb.kernel.port.Table;
import orb.node.turn.Turn;

/** The functions that were deployed from this node, kept with what only their owner knows. */
final class Owned {
    private final Turn turn;
    private final Map<FunctionName, Function> functions = new LinkedHashMap<>();

    /**
     * One function in its newest version.
     *
     * @param key the function's public key
     * @param version the newest version
     * @param artefact its executable
     * @param source digest of its source
     * @param plan name of the reward plan
     * @param url its path on every tracker
     */
    record Function(
            FunctionName name,
            PublicKey key,
            int version,
            Digest artefact,
            Digest source,
            String plan,
            String url) {}

    Owned(Turn turn) {
        this.turn = turn;
    }

    void start(NavigableMap<Bytes, Bytes> kept) {
        kept.values().forEach(row -> put(decode(row)));
    }

    void add(Function function) {
        put(function);
        turn.save(
                Table.OWNED,
                FunctionId.of(function.key).digest().bytes(),
                Cbor.encode(
                        Value.array(
                                Value.of(function.name.owner()),
                                Value.of(function.name.name()),
                                Value.of(function.key.bytes()),
                                Value.of(function.version),
                                Value.of(function.artefact.bytes()),
                                Value.of(function.source.bytes()),
                                Value.of(function.plan),
                                Value.of(function.url))));
    }

    Optional<Function> find(FunctionName name) {
        return Optional.ofNullable(functions.get(name));
    }

    List<FunctionName> names() {
        return List.copyOf(functions.keySet());
    }

    private void put(Function function) {
        functions.put(function.name, function);
    }

    private static Function decode(Bytes row) {
        Fields f = Fields.of(Cbor.decodeOrThrow(row, DecodeLimits.ENTRY), "Owned");
        Function function =
                new Function(
                        new FunctionName(f.text(63), f.text(63)),
                        new PublicKey(f.exactBytes(PublicKey.LENGTH)),
                        f.smallNumber(1, Integer.MAX_VALUE),
                        f.digest(),
                        f.digest(),
                        f.text(32),
                        f.text(500));
        f.end();
        return function;
    }
}
