package orb.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.port.Effect;
import orb.kernel.port.ModuleFacts;
import orb.node.turn.Turn;

/**
 * Executables on this machine: stored, read and prepared, each digest by one effect at a time
 * however many wait for it.
 */
final class Artefacts {
    private final Turn turn;
    private final Map<Digest, List<Consumer<Optional<Refusal>>>> storing = new LinkedHashMap<>();
    private final Map<Digest, List<Consumer<Optional<Bytes>>>> loading = new LinkedHashMap<>();
    private final Map<Digest, List<Consumer<Result<ModuleFacts>>>> preparing =
            new LinkedHashMap<>();
    private Optional<Loaded> recent = Optional.empty();

    private record Loaded(Digest digest, Bytes content) {}

    Artefacts(Turn turn) {
        this.turn = turn;
    }

    /** Stores and prepares; the content must be what the digest names. */
    void admit(Digest digest, Bytes content, Consumer<Result<ModuleFacts>> then) {
        Consumer<Optional<Refusal>> stored =
                refusal ->
                        refusal.ifPresentOrElse(
                                why -> then.accept(Result.refused(why)),
                                () -> prepare(digest, then));
        if (wait(storing, digest, stored)) {
            turn.add(new Effect.StoreBlob(digest, content));
        }
    }

    void prepare(Digest digest, Consumer<Result<ModuleFacts>> then) {
        if (wait(preparing, digest, then)) {
            turn.add(new Effect.Prepare(digest));
        }
    }

    /** Reads an executable; empty if it is not there or damaged. The last one is remembered. */
    void load(Digest digest, Consumer<Optional<Bytes>> then) {
        if (recent.isPresent() && recent.get().digest.equals(digest)) {
            then.accept(Optional.of(recent.get().content));
        } else if (wait(loading, digest, then)) {
            turn.add(new Effect.LoadBlob(digest));
        }
    }

    /** Frees the memory of the one that was read last. */
    void forgetRecent() {
        recent = Optional.empty();
    }

    void stored(Digest digest, Optional<Refusal> refusal) {
        release(storing, digest, refusal);
    }

    void loaded(Digest digest, Optional<Bytes> content) {
        recent = content.map(bytes -> new Loaded(digest, bytes));
        release(loading, digest, content);
    }

    void prepared(Digest digest, Result<ModuleFacts> facts) {
        release(preparing, digest, facts);
    }

    private static <T> boolean wait(
            Map<Digest, List<Consumer<T>>> waiters, Digest digest, Consumer<T> then) {
        List<Consumer<T>> those = waiters.computeIfAbsent(digest, _ -> new ArrayList<>());
        those.add(then);
        return those.size() == 1;
    }

    private static <T> void release(
            Map<Digest, List<Consumer<T>>> waiters, Digest digest, T value) {
        List<Consumer<T>> those = waiters.remove(digest);
        if (those != null) {
            those.forEach(then -> then.accept(value));
        }
    }
}
