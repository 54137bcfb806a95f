package orb.tracker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.BiConsumer;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Calling;
import orb.kernel.message.Message;

/**
 * Passes calls on that this tracker cannot serve, so that a function's URL works at every tracker:
 * to those where its owner has set credits aside, one after the other.
 *
 * <p>A call that was passed on is not passed on again, and goes to a second tracker only where the
 * first surely did not run it, or where running it twice does no harm. What another tracker answers
 * is held to the receipt that comes with it, as if it came from the host itself.
 */
final class Elsewhere {
    private final Turn turn;
    private final Channels channels;
    private final Members members;
    private final Questions questions;

    Elsewhere(Turn turn, Channels channels, Members members, Questions questions) {
        this.turn = turn;
        this.channels = channels;
        this.members = members;
        this.questions = questions;
    }

    /** A call on its way through other trackers, and why it was not served here. */
    private record Passed(
            Call call,
            Refusal refusal,
            ArrayDeque<NodeId> hubs,
            BiConsumer<Call, Result<Calling.Invoked>> then) {
        void end(Result<Calling.Invoked> result) {
            then.accept(call, result);
        }
    }

    /**
     * Passes a call on if that can help.
     *
     * @param refusal why it is not served here; what the caller gets if it is served nowhere
     * @param then is told exactly once, at once if there is nobody to pass it to
     */
    void pass(
            Call call,
            FunctionId function,
            Refusal refusal,
            BiConsumer<Call, Result<Calling.Invoked>> then) {
        ArrayDeque<NodeId> hubs = new ArrayDeque<>();
        boolean isFirst = call.askers().stream().noneMatch(this::isFellow);
        if (isFirst && mayHelp(refusal.code())) {
            channels.otherHubs(function).stream().filter(members::isFellow).forEach(hubs::add);
        }
        next(new Passed(call, refusal, hubs, then));
    }

    private static boolean mayHelp(ErrorCode why) {
        return why == ErrorCode.CHANNEL_EXHAUSTED || why == ErrorCode.NO_HOST;
    }

    private boolean isFellow(Asker asker) {
        return asker instanceof Asker.Peer(_, var id) && members.isFellow(id);
    }

    private void next(Passed passed) {
        NodeId hub = passed.hubs.poll();
        Call call = passed.call;
        Duration rest = Duration.between(turn.now(), call.deadline());
        if (hub == null || rest.toMillis() < 1) {
            passed.end(Result.refused(passed.refusal));
            return;
        }
        turn.tell("call.passed", call.name().toString(), "to tracker " + hub.brief());
        questions.ask(
                hub,
                new Calling.Invoke(call.id(), call.name(), Optional.empty(), call.request(), rest),
                rest,
                new Questions.Ending() {
                    @Override
                    public void answered(Message message) {
                        arrived(passed, message);
                    }

                    @Override
                    public void refused(Refusal refusal) {
                        if (refusal.code() == ErrorCode.PEER_LOST
                                || refusal.code() == ErrorCode.TIMED_OUT) {
                            lost(refusal); // the hub lost its host
                        } else if (call.mayHaveActed(refusal, channels.ledger())) {
                            passed.end(Result.refused(refusal));
                        } else {
                            next(passed);
                        }
                    }

                    @Override
                    public void lost(Refusal refusal) {
                        if (call.isHarmless(channels.ledger())
                                && refusal.code() != ErrorCode.TIMED_OUT) {
                            next(passed);
                        } else {
                            passed.end(
                                    Result.refused(
                                            Call.mayHaveRun("tracker " + hub.brief(), refusal)));
                        }
                    }
                });
    }

    private void arrived(Passed passed, Message message) {
        if (!(message instanceof Calling.Invoked said)
                || said.outcome() instanceof Outcome.Refused) {
            next(passed); // nobody ran it
            return;
        }
        Result<Receipt> receipt =
                Receipt.decode(said.receipt())
                        .then(read -> passed.call.fits(read, said, channels.ledger()));
        switch (receipt) {
            case Result.Ok<Receipt> _ -> passed.end(Result.ok(said));
            case Result.Refused<Receipt>(var refusal) -> passed.end(Result.refused(refusal));
        }
    }
}
