package orb.node;

import static orb.kernel.ErrorCode.DEADLINE;
import static orb.kernel.ErrorCode.MODULE_TOO_LARGE;
import static orb.kernel.ErrorCode.OUT_OF_FUEL;
import static orb.kernel.ErrorCode.OUT_OF_MEMORY;
import static orb.kernel.ErrorCode.STACK_EXHAUSTED;
import static orb.kernel.ErrorCode.TRAPPED;

import java.time.Duration;
import java.util.function.Consumer;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.TrapCode;
import orb.kernel.message.Registry;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.Rights;
import orb.kernel.port.RunFacts;
import orb.node.Node.Parts;
import orb.node.Node.Self;
import orb.node.turn.Turn;

/**
 * Runs an executable on its sample input on its owner's own machine, before anything is sent.
 *
 * <p>The work that this run takes is the function's complexity: counted, not timed, so every other
 * machine finds the same.
 */
final class Trials {
    private final Turn turn;
    private final Self self;
    private final Artefacts artefacts;
    private final Runs runs;

    /** What the run on the sample gave. */
    record Trial(ModuleFacts module, Outcome outcome, ByteSize peakMemory) {
        Fuel complexity() {
            return outcome.used();
        }
    }

    Trials(Self self, Parts parts) {
        this.turn = parts.turn();
        this.self = self;
        this.artefacts = parts.artefacts();
        this.runs = parts.runs();
    }

    /** Admits the executable and runs it on the sample, here. */
    void run(
            Bytes artefact,
            Limits limits,
            Rights.Trial rights,
            Request sample,
            Consumer<Result<Trial>> then) {
        if (artefact.length() > Registry.ARTEFACT_MAX) {
            then.accept(
                    Result.refused(
                            new Refusal(
                                    MODULE_TOO_LARGE,
                                    "the executable has "
                                            + artefact.length()
                                            + " bytes, at most "
                                            + Registry.ARTEFACT_MAX
                                            + " travel",
                                    "leave out what it does not need")));
            return;
        }
        Digest digest = Digest.of(artefact);
        artefacts.admit(
                digest,
                artefact,
                module -> {
                    switch (module) {
                        case Result.Ok<ModuleFacts>(var admitted) ->
                                runs.admit(
                                        new Runs.Work(
                                                "(trial)", digest, sample, limits, digest, rights),
                                        turn.now().plus(self.config().waits().deploy()),
                                        new TrialJob(admitted, then));
                        case Result.Refused<ModuleFacts>(var refusal) ->
                                then.accept(Result.refused(refusal));
                    }
                });
    }

    /** The run on the sample; its random source starts from the executable's digest, everywhere. */
    private record TrialJob(ModuleFacts module, Consumer<Result<Trial>> then) implements Runs.Job {
        @Override
        public void ran(Outcome outcome, RunFacts facts, Duration waited) {
            then.accept(
                    outcome instanceof Outcome.Refused(var refusal)
                            ? Result.refused(refusal)
                            : Result.ok(new Trial(module, outcome, facts.peakMemory())));
        }

        @Override
        public void refused(Refusal refusal) {
            then.accept(Result.refused(refusal));
        }
    }

    /** The trial, if it gave a good answer: what fails here is not sent anywhere. */
    static Result<Trial> completed(Trial trial) {
        return switch (trial.outcome) {
            case Outcome.Completed(var response, _) when response.status() < 500 ->
                    Result.ok(trial);
            case Outcome.Completed(var response, _) ->
                    failed(TRAPPED, "answered with status " + response.status());
            case Outcome.OutOfFuel(var limit) -> failed(OUT_OF_FUEL, "used all its " + limit);
            case Outcome.Trapped(var code, var detail, _) ->
                    failed(codeOf(code), "stopped: " + code + " " + detail);
            case Outcome.Refused(var refusal) -> Result.refused(refusal);
        };
    }

    private static ErrorCode codeOf(TrapCode code) {
        return switch (code) {
            case DEADLINE -> DEADLINE;
            case OUT_OF_MEMORY -> OUT_OF_MEMORY;
            case STACK_EXHAUSTED -> STACK_EXHAUSTED;
            case UNREACHABLE,
                    OUT_OF_BOUNDS,
                    ARITHMETIC,
                    INDIRECT_CALL,
                    EXIT,
                    BAD_OUTPUT,
                    SCRIPT_ERROR,
                    ENGINE ->
                    TRAPPED;
        };
    }

    private static Result<Trial> failed(ErrorCode code, String how) {
        return Result.refused(
                new Refusal(
                        code,
                        "on the sample input the function " + how,
                        "nothing was sent and nothing is charged: try it with orb run"));
    }
}
