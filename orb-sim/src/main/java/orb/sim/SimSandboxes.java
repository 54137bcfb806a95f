package orb.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.Timing;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.RunFacts;
import orb.kernel.port.Runner;
import orb.sandbox.Module;
import orb.sandbox.Run;
import orb.sandbox.RunInputs;
import orb.sandbox.Sandbox;

/**
 * The real sandbox under simulated time: functions run for real, and their answer comes after a
 * time that chance chose. Compiled modules are shared by all simulations of this process.
 */
final class SimSandboxes {
    private static final Sandbox SANDBOX = new Sandbox(() -> 0);
    private static final Map<Digest, Result<Module>> COMPILED = new ConcurrentHashMap<>();

    private final RandomGenerator chance;

    SimSandboxes(RandomGenerator chance) {
        this.chance = chance;
    }

    Runner of(SimPeer peer) {
        return new Runner() {
            @Override
            public void prepare(Effect.Prepare effect) {
                peer.later(
                        Duration.ofMillis(5 + chance.nextInt(40)),
                        new Event.Prepared(effect.artefact(), facts(peer, effect.artefact())));
            }

            @Override
            public void run(Effect.Run effect) {
                peer.later(Duration.ofMillis(1 + chance.nextInt(15)), ran(peer, effect));
            }
        };
    }

    private static Result<ModuleFacts> facts(SimPeer peer, Digest artefact) {
        Optional<Bytes> content = peer.load(artefact);
        return module(artefact, content)
                .map(module ->
                        new ModuleFacts(
                                artefact,
                                new ByteSize(content.orElseThrow().length()),
                                "handler",
                                module.gasVersion()));
    }

    private static Event.Ran ran(SimPeer peer, Effect.Run effect) {
        return switch (module(effect.artefact(), peer.load(effect.artefact()))) {
            case Result.Refused<Module>(var refusal) ->
                    new Event.Ran(effect.run(), new Outcome.Refused(refusal), RunFacts.NONE);
            case Result.Ok<Module>(var module) -> {
                Run run =
                        SANDBOX.invoke(
                                module,
                                effect.request(),
                                effect.limits(),
                                new RunInputs(Instant.EPOCH, 0));
                yield new Event.Ran(
                        effect.run(),
                        run.outcome(),
                        new RunFacts(
                                new Timing(0, 0, 0, 0, 1_000_000, true),
                                1_000_000,
                                new ByteSize((long) run.peakPages() << 16),
                                run.logs(),
                                List.of()));
            }
        };
    }

    private static Result<Module> module(Digest artefact, Optional<Bytes> stored) {
        return stored.map(content -> COMPILED.computeIfAbsent(artefact, d -> compile(content)))
                .orElseGet(() ->
                        Result.refused(
                                new Refusal(
                                        ErrorCode.HASH_MISMATCH,
                                        "the artefact " + artefact + " is not here")));
    }

    private static Result<Module> compile(Bytes content) {
        return SANDBOX.prepare(content);
    }
}
