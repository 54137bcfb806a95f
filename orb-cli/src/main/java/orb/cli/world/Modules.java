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
    private final Map<Digest, Module> modules = new LinkedHashMap<>(64, 0.75f, true);
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
     * @param budget bytes that modules may take, by their own estimate
     */
    Modules(Sandbox sandbox, Sources sources, long budget) {
        this.sandbox = sandbox;
        this.sources = sources;
        this.budget = budget;
    }

    /** A module that is prepared already. */
    Optional<Module> known(Digest artefact) {
        lock.lock();
        try {
            return Optional.ofNullable(modules.get(artefact));
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
        Result<Module> made = prepared(artefact, content.get());
        if (made instanceof Result.Ok<Module>(var module)) {
            keep(module);
        }
        return made;
    }

    private Result<Module> prepared(Digest artefact, Bytes content) {
        if (sources.codes.isEmpty()) {
            return sandbox.prepare(content);
        }
        return loaded(artefact, content).orElseGet(() -> sandbox.prepareInterpreted(content));
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

    /** Whether a module is interpreted only until its code comes. */
    boolean isProvisional(Module module) {
        return module.isInterpreted() && code(module.artefact()).isEmpty();
    }

    /**
     * Puts a compiled module in the place of an interpreted one, if its code is there.
     *
     * @return whether it did
     */
    boolean improve(Digest artefact) {
        if (known(artefact).filter(Module::isInterpreted).isEmpty()) {
            return false;
        }
        Optional<Module> better =
                sources.blobs
                        .apply(artefact)
                        .flatMap(content -> loaded(artefact, content))
                        .map(Result::orThrow);
        better.ifPresent(this::keep);
        return better.isPresent();
    }

    private void keep(Module module) {
        lock.lock();
        try {
            Optional.ofNullable(modules.put(module.artefact(), module))
                    .ifPresent(before -> held -= before.heldBytes());
            held += module.heldBytes();
            while (held > budget && modules.size() > 1) {
                Map.Entry<Digest, Module> eldest = modules.entrySet().iterator().next();
                modules.remove(eldest.getKey());
                held -= eldest.getValue().heldBytes();
            }
        } finally {
            lock.unlock();
        }
    }
}
