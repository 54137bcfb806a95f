package orb.cli.world;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.sandbox.Module;
import orb.sandbox.Sandbox;

/**
 * The prepared modules of a runner, kept by use within a budget; one that was dropped is prepared
 * again when it is called.
 *
 * <p>Where compiled code comes from elsewhere a module is interpreted until its code is there, so
 * that a cold function answers early. Thread-safe.
 */
final class Modules {
    private final Sandbox sandbox;
    private final Sources sources;
    private final long budget;
    private final ReentrantLock lock = new ReentrantLock();

    // guarded by lock; access order makes the eldest the least used
    private final Map<Digest, Kept> modules = new LinkedHashMap<>(64, 0.75f, true);
    private long held;

    /**
     * Where artefacts come from.
     *
     * @param blobs reads an artefact by its digest, checked
     * @param codes finds its compiled code: nothing if that is still to come, no bytes if none will
     *     come; there is no such function if modules are compiled here
     */
    record Sources(
            Function<Digest, Optional<Bytes>> blobs,
            Optional<Function<Digest, Optional<Bytes>>> codes) {}

    /**
     * @param isProvisional whether it is interpreted only until its code comes
     * @param weight what it was last found to take, in bytes
     */
    private record Kept(Module module, boolean isProvisional, long weight) {
        Kept(Module module, boolean isProvisional) {
            this(module, isProvisional, module.heldBytes());
        }

        boolean hasGrown() {
            return module.heldBytes() != weight;
        }
    }

    /**
     * @param budget bytes that modules may take, by their own estimate
     */
    Modules(Sandbox sandbox, Sources sources, long budget) {
        this.sandbox = sandbox;
        this.sources = sources;
        this.budget = budget;
    }

    /** A module that is prepared already. */
    Optional<Module> known(Digest artefact) {
        return kept(artefact).map(Kept::module);
    }

    /** Whether a module is interpreted only until its code comes. */
    boolean isProvisional(Module module) {
        return module.isInterpreted()
                && kept(module.artefact()).filter(Kept::isProvisional).isPresent();
    }

    private Optional<Kept> kept(Digest artefact) {
        lock.lock();
        try {
            Optional<Kept> found = Optional.ofNullable(modules.get(artefact));
            found.filter(Kept::hasGrown)
                    .ifPresent(before -> keep(new Kept(before.module, before.isProvisional)));
            return found;
        } finally {
            lock.unlock();
        }
    }

    /** The module of an artefact, prepared now if it was not. */
    Result<Module> module(Digest artefact) {
        Optional<Module> known = known(artefact);
        if (known.isPresent()) {
            return Result.ok(known.get());
        }
        Optional<Bytes> content = sources.blobs.apply(artefact);
        if (content.isEmpty()) {
            return Result.refused(
                    ErrorCode.HASH_MISMATCH, "the artefact " + artefact + " is missing or damaged");
        }
        if (sources.codes.isEmpty()) {
            return keep(sandbox.prepare(content.get()), false);
        }
        Optional<Result<Module>> loaded = loaded(artefact, content.get());
        if (loaded.isPresent()) {
            return keep(loaded.get(), false);
        }
        boolean isToCome = code(artefact).isEmpty();
        Result<Module> made = keep(sandbox.prepareInterpreted(content.get()), isToCome);
        if (isToCome && code(artefact).isPresent()) {
            improve(artefact); // it came meanwhile, and found nothing to improve
        }
        return made;
    }

    /** From compiled code, if there is some that can be loaded. */
    private Optional<Result<Module>> loaded(Digest artefact, Bytes content) {
        return code(artefact)
                .filter(code -> !code.isEmpty())
                .map(code -> sandbox.prepare(content, code))
                .filter(Result::isOk);
    }

    private Optional<Bytes> code(Digest artefact) {
        return sources.codes.flatMap(codes -> codes.apply(artefact));
    }

    /** Puts the compiled module in the place of a provisional one, or lets that stay for good. */
    void improve(Digest artefact) {
        Optional<Kept> before = kept(artefact).filter(Kept::isProvisional);
        if (before.isPresent()) {
            keep(
                    sources.blobs
                            .apply(artefact)
                            .flatMap(content -> loaded(artefact, content))
                            .orElse(Result.ok(before.get().module)),
                    false);
        }
    }

    private Result<Module> keep(Result<Module> made, boolean isProvisional) {
        if (made instanceof Result.Ok<Module>(var module)) {
            keep(new Kept(module, isProvisional));
        }
        return made;
    }

    private void keep(Kept fresh) {
        lock.lock();
        try {
            Optional.ofNullable(modules.put(fresh.module.artefact(), fresh))
                    .ifPresent(before -> held -= before.weight);
            held += fresh.weight;
            while (held > budget && modules.size() > 1) {
                Map.Entry<Digest, Kept> eldest = modules.entrySet().iterator().next();
                modules.remove(eldest.getKey());
                held -= eldest.getValue().weight;
            }
        } finally {
            lock.unlock();
        }
    }
}
