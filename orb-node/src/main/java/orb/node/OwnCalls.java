package orb.node;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.FunctionId;
import orb.kernel.Lane;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.message.CallDigest;
import orb.kernel.message.FunctionFacts;
import orb.kernel.port.Effect;
import orb.kernel.port.RunFacts;
import orb.kernel.port.Table;
import orb.node.Node.Parts;
import orb.node.Node.Self;
import orb.node.admission.Seed;
import orb.node.turn.Turn;

/**
 * Calls of the owner's own functions on the owner's own machine: free, and still receipted.
 *
 * <p>This is the hot path. Per call it does two digests for what went in and out, one encoding and
 * one digest of the receipt, and a few look-ups; signing, saving and counting are shared by many
 * calls. Receipts of a function form a chain on a lane without a channel; the chain's end is saved
 * every {@link NodeConfig.Waits#batch}, so a crash loses at most that much of it.
 */
final class OwnCalls {
    static final String TIMER = "own";

    private static final char PREFIX = 'o';
    private static final List<String> TRAIL = List.of("own function, run on this node");

    private final Turn turn;
    private final Self self;
    private final Runs runs;
    private final ReceiptBook book;
    private final Statistics statistics;
    private final Map<FunctionId, Chain> chains = new LinkedHashMap<>();
    private final List<Chain> changed = new ArrayList<>();

    private static final class Chain {
        final Lane lane;
        long sequence;
        Digest head = Digest.ZERO;
        Bytes last = Bytes.EMPTY;
        boolean changed;

        Chain(Lane lane) {
            this.lane = lane;
        }

        void append(Receipt receipt, Bytes encoded) {
            sequence = receipt.sequence();
            head = Digest.of(encoded);
            last = encoded;
        }
    }

    OwnCalls(Self self, Parts parts, ReceiptBook book, Statistics statistics) {
        this.turn = parts.turn();
        this.self = self;
        this.runs = parts.runs();
        this.book = book;
        this.statistics = statistics;
    }

    /** Takes up the ends of the chains. */
    void start(NavigableMap<Bytes, Bytes> keptLanes) {
        keptLanes.forEach((key, row) -> {
            if (key.length() > 0 && key.at(0) == PREFIX) {
                Receipt last = Receipt.decode(row).orThrow();
                Chain chain = new Chain(last.lane());
                chain.append(last, row);
                chains.put(last.lane().function(), chain);
            }
        });
    }

    void call(long command, Request request, Seed seed, Instant deadline) {
        FunctionFacts facts = seed.facts();
        Digest call = turn.freshName();
        runs.admit(
                Runs.Work.of(facts, request, call),
                deadline,
                new Job(command, call, request, facts, seed.gasSchedule()));
    }

    private final class Job implements Runs.Job {
        private final long command;
        private final Digest call;
        private final Request request;
        private final FunctionFacts facts;
        private final int gasSchedule;

        Job(long command, Digest call, Request request, FunctionFacts facts, int gasSchedule) {
            this.command = command;
            this.call = call;
            this.request = request;
            this.facts = facts;
            this.gasSchedule = gasSchedule;
        }

        @Override
        public void refused(Refusal refusal) {
            turn.add(new Effect.Return(command, Result.refused(refusal)));
        }

        @Override
        public void ran(Outcome outcome, RunFacts run, Duration waited) {
            if (outcome instanceof Outcome.Refused(var refusal)) {
                refused(refusal);
                return;
            }
            Hosting.Ended ended = new Hosting.Ended(outcome, run, waited);
            statistics.count(facts.name(), call, request, ended);
            Bytes receipt = issue(outcome);
            turn.add(
                    new Effect.Return(
                            command,
                            Result.ok(
                                    new NodeReply.Called(
                                            call,
                                            outcome,
                                            self.id(),
                                            receipt,
                                            ended.timing(),
                                            TRAIL))));
        }

        private Bytes issue(Outcome outcome) {
            Chain chain = chain(facts.id());
            Receipt receipt =
                    new Receipt(
                            chain.lane,
                            facts.artefact(),
                            facts.version(),
                            chain.sequence + 1,
                            chain.head,
                            CallDigest.input(request),
                            CallDigest.output(outcome),
                            Receipt.Ending.of(outcome),
                            outcome.used(),
                            gasSchedule,
                            Credits.ZERO,
                            facts.planHash(),
                            Credits.ZERO,
                            call,
                            turn.now().toEpochMilli());
            Bytes encoded = receipt.encoded();
            chain.append(receipt, encoded);
            if (!chain.changed) {
                chain.changed = true;
                changed.add(chain);
                if (changed.size() == 1) {
                    turn.wakeAfter(TIMER, self.config().waits().batch());
                }
            }
            book.add(receipt, encoded, false);
            return encoded;
        }
    }

    private Chain chain(FunctionId function) {
        Chain chain = chains.get(function);
        if (chain == null) {
            chain = new Chain(new Lane(Digest.ZERO, self.id(), function));
            chains.put(function, chain);
        }
        return chain;
    }

    /** Saves the ends of the chains that grew. */
    void woke() {
        for (Chain chain : changed) {
            chain.changed = false;
            Bytes key = Bytes.of((byte) PREFIX).concat(chain.lane.function().digest().bytes());
            turn.save(Table.LANES, key, chain.last);
        }
        changed.clear();
    }
}
