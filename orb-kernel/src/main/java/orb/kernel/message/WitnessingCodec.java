package orb.kernel.message;

import java.util.ArrayList;
import java.util.List;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/** The messages of {@link Witnessing}, kinds 60 to 64. */
final class WitnessingCodec {
    private WitnessingCodec() {}

    static Value encode(Witnessing message) {
        return switch (message) {
            case Witnessing.Offer(var note) -> Value.array(Value.of(60), Value.of(note));
            case Witnessing.Cosigned(var line) -> Value.array(Value.of(61), Value.of(line));
            case Witnessing.FindCheckpoint(var older) -> Value.array(Value.of(62), Value.of(older));
            case Witnessing.Checkpoint(var note, var proof) -> {
                List<Value> hashes = new ArrayList<>(proof.size());
                proof.forEach(hash -> hashes.add(Value.of(hash.bytes())));
                yield Value.array(Value.of(63), Value.of(note), Value.array(hashes));
            }
            case Witnessing.Fraud(var first, var second) ->
                    Value.array(Value.of(64), Value.of(first), Value.of(second));
        };
    }

    static Message decode(int kind, Fields f) {
        return switch (kind) {
            case 60 -> new Witnessing.Offer(f.bytes(Witnessing.NOTE_MAX));
            case 61 -> new Witnessing.Cosigned(f.bytes(Witnessing.LINE_MAX));
            case 62 -> new Witnessing.FindCheckpoint(f.number(0, Long.MAX_VALUE));
            case 63 ->
                    new Witnessing.Checkpoint(
                            f.bytes(Witnessing.NOTE_MAX),
                            f.list(
                                    Witnessing.PROOF_MAX,
                                    hash -> Fields.of(Value.array(hash), "proof").digest()));
            default ->
                    new Witnessing.Fraud(
                            f.bytes(Witnessing.NOTE_MAX), f.bytes(Witnessing.NOTE_MAX));
        };
    }
}
