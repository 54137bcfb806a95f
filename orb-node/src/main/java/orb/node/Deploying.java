package orb.node;

import static orb.kernel.ErrorCode.BAD_ARGUMENT;
import static orb.kernel.ErrorCode.INSUFFICIENT_BALANCE;
import static orb.kernel.ErrorCode.NAME_TAKEN;
import static orb.kernel.ErrorCode.NO_PLAN;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import orb.kernel.Credits;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Registry;
import orb.kernel.port.Effect;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.Rights;
import orb.ledger.Entry;
import orb.ledger.Genesis;
import orb.ledger.Plan;
import orb.node.Node.Parts;
import orb.node.Node.Self;
import orb.node.turn.Turn;
import orb.node.turn.Turn.Answer;

/**
 * Quotes and deploys functions, in the order that is promised: plan, local run, source hash, key,
 * package, send, the tracker's own run, URL, notice to live nodes.
 *
 * <p>Whatever can be refused here is refused before anything leaves this machine: no login, no such
 * plan, an executable that is not admitted, a sample run that does not complete, a balance that
 * does not cover the cost. The source never leaves; its digest does.
 */
final class Deploying {
    /** An allocation is parted among trackers while each part pays for so many calls at least. */
    private static final int PART_CALLS_LEAST = 8;

    private final Turn turn;
    private final Self self;
    private final Genesis genesis;
    private final Joining joining;
    private final Trials trials;
    private final Login login;
    private final Entries entries;
    private final Seeds seeds;
    private final Owned owned;

    /** The means beyond those that all concerns share. */
    record Means(Login login, Entries entries, Seeds seeds, Owned owned) {}

    /** A deploy under way. */
    private record Order(
            long command,
            NodeCommand.Deploy what,
            Login.Holder holder,
            Plan plan,
            Consumer<Result<NodeReply>> then) {
        NodeCommand.Proposal proposal() {
            return what.proposal();
        }

        FunctionName name() {
            return new FunctionName(holder.name(), proposal().name());
        }

        void refuse(Refusal refusal) {
            then.accept(Result.refused(refusal));
        }
    }

    /** A deploy whose version is fixed, ready to be signed. */
    private record Package(Order order, Trials.Trial trial, int version, Credits cost) {}

    Deploying(Self self, Parts parts, Means means) {
        this.turn = parts.turn();
        this.self = self;
        this.genesis = self.config().genesis();
        this.joining = parts.joining();
        this.trials = new Trials(self, parts);
        this.login = means.login();
        this.entries = means.entries();
        this.seeds = means.seeds();
        this.owned = means.owned();
    }

    /** What deploying would cost; needs neither login nor tracker. */
    void quote(NodeCommand.Quote quote, Consumer<Result<NodeReply>> then) {
        trials.run(
                quote.artefact(),
                quote.limits(),
                new Rights.Trial(quote.grants()),
                quote.sample(),
                result ->
                        then.accept(
                                result.map(trial ->
                                        new NodeReply.Quoted(
                                                trial.module(),
                                                trial.outcome(),
                                                trial.complexity(),
                                                trial.peakMemory(),
                                                cost(trial)))));
    }

    void deploy(long command, NodeCommand.Deploy what, Consumer<Result<NodeReply>> then) {
        NodeCommand.Proposal proposal = what.proposal();
        Optional<Login.Holder> holder = login.holder();
        Optional<Plan> plan = genesis.plan(proposal.plan());
        Optional<Refusal> refusal =
                holder.isEmpty() ? Optional.of(login.notLoggedIn()) : refusal(proposal, plan);
        if (refusal.isPresent() || holder.isEmpty() || plan.isEmpty()) {
            then.accept(Result.refused(refusal.orElseGet(login::notLoggedIn)));
            return;
        }
        Order order = new Order(command, what, holder.get(), plan.get(), then);
        progress(order, "deploy.plan", plan.get().name());
        trials.run(
                proposal.artefact(),
                proposal.limits(),
                new Rights.Trial(proposal.grants()),
                proposal.sample(),
                result -> {
                    switch (result.then(Trials::completed)) {
                        case Result.Ok<Trials.Trial>(var trial) -> checked(order, trial);
                        case Result.Refused<Trials.Trial>(var why) -> order.refuse(why);
                    }
                });
    }

    private Optional<Refusal> refusal(NodeCommand.Proposal proposal, Optional<Plan> plan) {
        if (plan.isEmpty()) {
            String offered =
                    genesis.plans().stream().map(Plan::name).collect(Collectors.joining(", "));
            return Optional.of(
                    new Refusal(
                            NO_PLAN,
                            proposal.plan().isEmpty()
                                    ? "no reward plan was chosen"
                                    : "this swarm has no plan " + proposal.plan(),
                            "choose one with --plan: " + offered));
        }
        if (!FunctionName.isLabel(proposal.name())) {
            return Optional.of(
                    new Refusal(
                            BAD_ARGUMENT,
                            "a function's name is 1..63 of a-z, 0-9 and inner hyphens: "
                                    + proposal.name()));
        }
        if (proposal.replicas() < 1 || proposal.replicas() > FunctionFacts.REPLICAS_MAX) {
            return Optional.of(
                    new Refusal(
                            BAD_ARGUMENT,
                            "replicas are 1.."
                                    + FunctionFacts.REPLICAS_MAX
                                    + ", not "
                                    + proposal.replicas()));
        }
        return allocationRefusal(proposal, plan.get());
    }

    private static Optional<Refusal> allocationRefusal(NodeCommand.Proposal proposal, Plan plan) {
        boolean allocates = proposal.allocation().micro() > 0;
        if (proposal.allocation().isNegative()
                || (plan.payer() == Plan.Payer.REQUESTER && allocates)) {
            return Optional.of(
                    new Refusal(
                            BAD_ARGUMENT,
                            "under plan "
                                    + plan.name()
                                    + " nothing is allocated, here "
                                    + proposal.allocation(),
                            "leave the allocation out, or choose a plan that the owner pays"));
        }
        if (plan.payer() == Plan.Payer.OWNER && !allocates) {
            return Optional.of(
                    new Refusal(
                            BAD_ARGUMENT,
                            "under plan "
                                    + plan.name()
                                    + " the owner pays, and nothing is allocated",
                            "say how much may be spent: --allocation CREDITS"));
        }
        return Optional.empty();
    }

    private void checked(Order order, Trials.Trial trial) {
        Credits cost = cost(trial);
        progress(
                order,
                "deploy.run",
                trial.complexity() + ", " + trial.peakMemory() + " of memory, cost " + cost);
        progress(order, "deploy.hash", "source " + order.proposal().source().hex());
        FunctionId id = FunctionId.of(order.what.functionKey().publicKey());
        progress(order, "deploy.key", "function " + id);
        joining.askTracker(
                new Registry.FindAccount(order.holder.account()),
                answer -> {
                    switch (answer.as(Registry.Account.class)) {
                        case Result.Ok<Registry.Account>(var account) ->
                                funded(order, trial, account, cost);
                        case Result.Refused<Registry.Account>(var refusal) -> order.refuse(refusal);
                    }
                });
    }

    private void funded(Order order, Trials.Trial trial, Registry.Account account, Credits cost) {
        Credits needed = cost.plus(order.proposal().allocation());
        if (account.balance().compareTo(needed) < 0) {
            order.refuse(
                    new Refusal(
                            INSUFFICIENT_BALANCE,
                            "deploying "
                                    + order.name()
                                    + " takes "
                                    + needed
                                    + " credits ("
                                    + cost
                                    + " cost, "
                                    + order.proposal().allocation()
                                    + " allocation), and the balance is "
                                    + account.balance(),
                            "orb wallet balance"));
            return;
        }
        joining.askTracker(
                new Registry.FindFunction(order.name()),
                answer -> {
                    switch (answer.as(Registry.Functions.class)
                            .then(found -> version(order, found))) {
                        case Result.Ok<Integer>(var version) ->
                                send(new Package(order, trial, version, cost));
                        case Result.Refused<Integer>(var refusal) -> order.refuse(refusal);
                    }
                });
    }

    private static Result<Integer> version(Order order, Registry.Functions found) {
        if (found.functions().isEmpty()) {
            return Result.ok(1);
        }
        FunctionFacts known = found.functions().getFirst().facts();
        if (known.id().equals(FunctionId.of(order.what.functionKey().publicKey()))) {
            return Result.ok(known.version() + 1);
        }
        return Result.refused(
                new Refusal(
                        NAME_TAKEN,
                        order.name() + " is the name of a function with another key",
                        "choose another name, or deploy with that function's key"));
    }

    private void send(Package ready) {
        Order order = ready.order;
        if (!login.holder().equals(Optional.of(order.holder))) {
            order.refuse(login.notLoggedIn());
            return;
        }
        switch (statement(ready)) {
            case Result.Ok<Entry.FunctionVersion>(var version) -> send(ready, version);
            case Result.Refused<Entry.FunctionVersion>(var refusal) -> order.refuse(refusal);
        }
    }

    private void send(Package ready, Entry.FunctionVersion version) {
        Order order = ready.order;
        NodeCommand.Proposal proposal = order.proposal();
        progress(
                order,
                "deploy.package",
                "version "
                        + ready.version
                        + ", executable "
                        + ready.trial.module().artefact().hex()
                        + ", "
                        + ready.trial.module().size());
        Entry entry =
                new Entry.DeployFunction(
                        order.what.functionKey().publicKey(),
                        version,
                        version.sign(
                                order.what.functionKey(), self.network(), order.holder.account()));
        Optional<NodeId> tracker = joining.followed();
        progress(
                order,
                "deploy.send",
                "to tracker " + tracker.map(NodeId::brief).orElse("(none is linked)"));
        Entries.Carrier carrier =
                new Entries.Carrier(
                        signed ->
                                new Registry.Deploy(signed, proposal.artefact(), proposal.sample()),
                        self.config().waits().deploy(),
                        false);
        entries.send(
                order.holder.wallet(),
                entry,
                carrier,
                result -> {
                    switch (result.then(
                            sent -> new Answer.Said(sent.answer()).as(Registry.Deployed.class))) {
                        case Result.Ok<Registry.Deployed>(var done) -> deployed(ready, done);
                        case Result.Refused<Registry.Deployed>(var refusal) ->
                                order.refuse(refusal);
                    }
                });
    }

    private Result<Entry.FunctionVersion> statement(Package ready) {
        NodeCommand.Proposal proposal = ready.order.proposal();
        ModuleFacts module = ready.trial.module();
        try {
            return Result.ok(
                    new Entry.FunctionVersion(
                            proposal.name(),
                            ready.version,
                            module.artefact(),
                            module.size(),
                            module.shape(),
                            proposal.limits(),
                            proposal.grants(),
                            ready.order.plan.hash(),
                            ready.trial.complexity(),
                            ready.trial.peakMemory(),
                            proposal.replicas(),
                            proposal.source()));
        } catch (IllegalArgumentException e) { // the record's own words say what does not fit
            return Result.refused(BAD_ARGUMENT, String.valueOf(e.getMessage()));
        }
    }

    private void deployed(Package ready, Registry.Deployed done) {
        Order order = ready.order;
        NodeCommand.Proposal proposal = order.proposal();
        ModuleFacts module = ready.trial.module();
        boolean isCompared = FunctionFacts.isDeterministic(module.shape());
        progress(
                order,
                "deploy.trial",
                isCompared
                        ? "the tracker's own run took the same fuel"
                        : "the tracker ran it too; fuel of programs is not compared");
        progress(order, "deploy.url", done.url());
        FunctionFacts facts =
                new FunctionFacts(
                        done.function(),
                        order.name(),
                        order.holder.account(),
                        ready.version,
                        module.artefact(),
                        module.size(),
                        module.shape(),
                        proposal.limits(),
                        proposal.grants(),
                        order.plan.name(),
                        order.plan.hash(),
                        ready.trial.complexity(),
                        ready.trial.peakMemory(),
                        proposal.replicas());
        owned.add(
                new Owned.Function(
                        order.name(),
                        order.what.functionKey().publicKey(),
                        ready.version,
                        module.artefact(),
                        proposal.source(),
                        order.plan.name(),
                        done.url()));
        seeds.own(facts, module);
        progress(order, "deploy.notify", "the tracker tells the live nodes");
        NodeReply reply =
                new NodeReply.Deployed(
                        done.function(),
                        done.url(),
                        ready.cost,
                        ready.trial.complexity(),
                        done.index());
        if (proposal.allocation().isZero()) {
            order.then.accept(Result.ok(reply));
        } else {
            allocate(order, done.function(), reply);
        }
    }

    /** Sets aside what the owner pays hosts with. */
    private void allocate(Order order, FunctionId function, NodeReply reply) {
        Credits most = order.plan.priceMax(order.proposal().limits().fuel());
        entries.setAside(
                order.holder.wallet(),
                new Entries.Allotment(
                        order.proposal().allocation(),
                        most.times(PART_CALLS_LEAST),
                        new Entry.Purpose.Sponsor(function)),
                result -> {
                    switch (result) {
                        case Result.Ok<Entries.SetAside>(var done) -> {
                            progress(
                                    order,
                                    "deploy.allocate",
                                    order.proposal().allocation()
                                            + " set aside for its calls at "
                                            + done.trackers()
                                            + (done.trackers() == 1 ? " tracker" : " trackers"));
                            order.then.accept(Result.ok(reply));
                        }
                        case Result.Refused<Entries.SetAside>(var refusal) ->
                                order.refuse(unallocated(order, refusal));
                    }
                });
    }

    private static Refusal unallocated(Order order, Refusal cause) {
        return new Refusal(
                cause.code(),
                order.name()
                        + " is deployed, but its allocation of "
                        + order.proposal().allocation()
                        + " could not be set aside: "
                        + cause.what(),
                cause.next());
    }

    private Credits cost(Trials.Trial trial) {
        return genesis.pricing()
                .deployCost(trial.complexity(), trial.peakMemory(), trial.module().size());
    }

    private void progress(Order order, String kind, String detail) {
        turn.add(
                new Effect.Progress(
                        order.command, turn.notice(kind, order.name().toString(), detail)));
    }
}
