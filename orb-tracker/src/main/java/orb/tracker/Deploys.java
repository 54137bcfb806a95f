package orb.tracker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.port.Effect;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.Rights;
import orb.kernel.port.RunFacts;
import orb.ledger.Entry;
import orb.ledger.Ledger;
import orb.ledger.SignedEntry;
import orb.overlay.Exchanges;

/**
 * Deploys: the executable is stored, prepared and run here on the owner's sample before its entry
 * is ordered, so nothing gets a URL that does not run or costs more than its owner claims.
 *
 * <p>Stages of one deploy, in order: admissible, stored, prepared, run, ordered. Each ends in the
 * next or in the one answer.
 */
final class Deploys {
    private final Turn turn;
    private final Book book;
    private final Ledger ledger;
    private final Artefacts artefacts;
    private final String base;
    private final int deploysMax;
    private final Duration patience;
    private final Map<Digest, Deploy> underWay = new LinkedHashMap<>();
    private final Exchanges<Deploy> runs;

    private enum Stage {
        STORING,
        PREPARING,
        RUNNING,
        ORDERING
    }

    private static final class Deploy {
        private final Asker asker;
        private final SignedEntry.Checked entry;
        private final Entry.DeployFunction what;
        private final Bytes artefact;
        private final Request sample;
        private final Instant overdue;
        private Stage stage = Stage.STORING;

        Deploy(
                Asker asker,
                SignedEntry.Checked entry,
                Entry.DeployFunction what,
                Registry.Deploy said,
                Instant overdue) {
            this.asker = asker;
            this.entry = entry;
            this.what = what;
            this.artefact = said.artefact();
            this.sample = said.sample();
            this.overdue = overdue;
        }

        Entry.FunctionVersion version() {
            return what.version();
        }
    }

    Deploys(Turn turn, Book book, Ledger ledger, Artefacts artefacts, TrackerConfig config) {
        this.turn = turn;
        this.book = book;
        this.ledger = ledger;
        this.artefacts = artefacts;
        base = config.base();
        deploysMax = config.bounds().deploysMax();
        patience = config.waits().deploy();
        runs = new Exchanges<>(deploysMax);
    }

    void deploy(Asker asker, Registry.Deploy said) {
        SignedEntry.Checked entry = SignedEntry.check(said.entry());
        Optional<Refusal> refusal = problem(entry, said);
        if (refusal.isPresent()) {
            turn.refuse(asker, refusal.get());
        } else if (entry.result() instanceof Result.Ok<SignedEntry>(var signed)
                && signed.entry() instanceof Entry.DeployFunction what) {
            Deploy deploy = new Deploy(asker, entry, what, said, turn.now().plus(patience));
            underWay.put(entry.digest(), deploy);
            tell(deploy, "deploy.received", "from " + signed.head().account().brief());
            turn.add(new Effect.StoreBlob(what.version().artefact(), said.artefact()));
        }
    }

    private Optional<Refusal> problem(SignedEntry.Checked entry, Registry.Deploy said) {
        if (entry.result() instanceof Result.Refused<SignedEntry>(var refusal)) {
            return Optional.of(refusal);
        }
        if (!(entry.result().orThrow().entry() instanceof Entry.DeployFunction what)) {
            return refusal(ErrorCode.BAD_ARGUMENT, "the entry deploys nothing", "submit it");
        }
        Digest digest = Digest.of(said.artefact());
        if (!digest.equals(what.version().artefact())) {
            return refusal(
                    ErrorCode.HASH_MISMATCH,
                    "the executable has digest "
                            + digest
                            + ", the entry says "
                            + what.version().artefact(),
                    "deploy it again");
        }
        if (said.artefact().length() != what.version().size().bytes()) {
            return refusal(
                    ErrorCode.HASH_MISMATCH,
                    "the executable has "
                            + said.artefact().length()
                            + " bytes, the entry says "
                            + what.version().size().bytes(),
                    "deploy it again");
        }
        if (underWay.containsKey(entry.digest()) || book.isProposed(entry.digest())) {
            return refusal(
                    ErrorCode.REPLAYED_ENTRY,
                    "this deploy of " + what.version().name() + " is under way",
                    "wait for its end");
        }
        if (underWay.size() >= deploysMax) {
            return refusal(
                    ErrorCode.BUSY,
                    underWay.size() + " deploys are under way",
                    "deploy again in a moment");
        }
        return book.admissible(entry) instanceof Result.Refused<Digest>(var refusal)
                ? Optional.of(refusal)
                : Optional.empty();
    }

    private static Optional<Refusal> refusal(ErrorCode code, String what, String next) {
        return Optional.of(new Refusal(code, what, next));
    }

    void stored(Digest artefact, Optional<Refusal> refusal) {
        for (Deploy deploy : at(Stage.STORING, artefact)) {
            if (refusal.isPresent()) {
                refuse(deploy, refusal.get());
            } else {
                deploy.stage = Stage.PREPARING;
                turn.add(new Effect.Prepare(artefact));
            }
        }
    }

    void prepared(Digest artefact, Result<ModuleFacts> result) {
        for (Deploy deploy : at(Stage.PREPARING, artefact)) {
            switch (result) {
                case Result.Refused<ModuleFacts>(var refusal) -> refuse(deploy, refusal);
                case Result.Ok<ModuleFacts>(var facts) -> run(deploy, facts);
            }
        }
    }

    private void run(Deploy deploy, ModuleFacts facts) {
        Entry.FunctionVersion version = deploy.version();
        if (!facts.shape().equals(version.shape())) {
            refuse(
                    deploy,
                    new Refusal(
                            ErrorCode.NO_ENTRY,
                            "the executable is a "
                                    + facts.shape()
                                    + ", the entry says "
                                    + version.shape(),
                            "deploy it again"));
            return;
        }
        OptionalLong run = runs.open(deploy);
        if (run.isEmpty()) { // runs of deploys that took too long have not ended yet
            refuse(
                    deploy,
                    new Refusal(
                            ErrorCode.BUSY,
                            runs.size() + " trial runs are under way",
                            "deploy again in a moment"));
            return;
        }
        deploy.stage = Stage.RUNNING;
        turn.add(
                new Effect.Run(
                        run.getAsLong(),
                        version.artefact(),
                        deploy.sample,
                        version.limits(),
                        version.artefact(),
                        new Rights.Trial(version.grants())));
    }

    void ran(long run, Outcome outcome, RunFacts facts) {
        runs.close(run)
                .filter(deploy -> underWay.get(deploy.entry.digest()) == deploy)
                .ifPresent(deploy ->
                        trialProblem(deploy.version(), outcome, facts)
                                .ifPresentOrElse(
                                        refusal -> refuse(deploy, refusal),
                                        () -> propose(deploy, outcome)));
    }

    private static Optional<Refusal> trialProblem(
            Entry.FunctionVersion version, Outcome outcome, RunFacts facts) {
        return switch (outcome) {
            case Outcome.Completed _ when !version.isDeterministic() -> Optional.empty();
            case Outcome.Completed(_, var used) -> {
                if (!used.equals(version.complexity())) {
                    yield refusal(
                            ErrorCode.COMPLEXITY_MISMATCH,
                            "the trial run took "
                                    + used
                                    + ", the entry claims "
                                    + version.complexity(),
                            "run the sample again with this version of the program");
                }
                yield facts.peakMemory().compareTo(version.peakMemory()) > 0
                        ? refusal(
                                ErrorCode.COMPLEXITY_MISMATCH,
                                "the trial run took "
                                        + facts.peakMemory()
                                        + ", the entry claims "
                                        + version.peakMemory(),
                                "run the sample again with this version of the program")
                        : Optional.empty();
            }
            case Outcome.OutOfFuel(var limit) ->
                    refusal(
                            ErrorCode.OUT_OF_FUEL,
                            "the trial run used all of " + limit,
                            "raise the fuel limit, or give a smaller sample");
            case Outcome.Trapped(var trap, var detail, _) ->
                    refusal(
                            ErrorCode.TRAPPED,
                            "the trial run stopped with " + trap + ": " + detail,
                            "run it on the sample first");
            case Outcome.Refused(var refusal) -> Optional.of(refusal);
        };
    }

    private void propose(Deploy deploy, Outcome outcome) {
        deploy.stage = Stage.ORDERING;
        String compared = deploy.version().isDeterministic() ? " as claimed" : ", not compared";
        tell(deploy, "deploy.trial", outcome.used() + compared);
        artefacts.hold(deploy.version().artefact(), deploy.artefact);
        book.propose(deploy.entry, result -> ended(deploy, result));
    }

    private void ended(Deploy deploy, Result<Ledger.Applied> result) {
        switch (result) {
            case Result.Refused<Ledger.Applied>(var refusal) -> refuse(deploy, refusal);
            case Result.Ok<Ledger.Applied>(var applied) -> {
                if (underWay.remove(deploy.entry.digest(), deploy)) {
                    FunctionId id = FunctionId.of(deploy.what.functionKey());
                    String url = base + ledger.function(id).orElseThrow().name().path();
                    turn.answer(deploy.asker, new Registry.Deployed(id, url, applied.index()));
                }
            }
        }
    }

    private void refuse(Deploy deploy, Refusal refusal) {
        if (underWay.remove(deploy.entry.digest(), deploy)) {
            tell(deploy, "deploy.refused", refusal.toString());
            turn.answer(deploy.asker, new Message.Refused(refusal));
        }
    }

    /** Answers deploys that took too long. */
    void sweep() {
        for (Deploy deploy : List.copyOf(underWay.values())) {
            if (!turn.now().isBefore(deploy.overdue)) {
                refuse(
                        deploy,
                        new Refusal(
                                ErrorCode.TIMED_OUT,
                                "the deploy was not done within "
                                        + patience
                                        + ", while "
                                        + deploy.stage,
                                "look whether the function is there before you deploy again"));
            }
        }
    }

    private List<Deploy> at(Stage stage, Digest artefact) {
        List<Deploy> found = new ArrayList<>();
        for (Deploy deploy : underWay.values()) {
            if (deploy.stage == stage && deploy.version().artefact().equals(artefact)) {
                found.add(deploy);
            }
        }
        return found;
    }

    private void tell(Deploy deploy, String kind, String detail) {
        turn.tell(kind, deploy.version().name(), detail);
    }
}
