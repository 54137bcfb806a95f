package orb.kernel.message;

import java.time.Duration;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.Timing;

/** Calls and what is owed for them. */
public sealed interface Calling extends Message {
    /** Vouchers, receipts and proofs are opaque here and at most this long. */
    int PAPER_MAX = 8 << 10;

    /**
     * Asks for an invocation; {@link Invoked} answers.
     *
     * @param call chosen by the first peer that took the call; the same on every hop
     * @param function what to call
     * @param payment who pays, absent where the function's owner does
     * @param request what it is called with
     * @param deadline time left for the whole call
     */
    record Invoke(
            Digest call,
            FunctionName function,
            Optional<Payment> payment,
            Request request,
            Duration deadline)
            implements Calling {}

    /**
     * What a call is paid from.
     *
     * @param channel the payer's channel
     * @param slice cumulative amount up to which the channel's hub promises cover to this host;
     *     zero on the way to the hub
     */
    record Payment(Digest channel, Credits slice) {}

    /**
     * What became of the call.
     *
     * @param outcome its end
     * @param host who ran it
     * @param receipt the host's receipt; of a call that was not started empty, or where the lane is
     *     unpaid its newest one, for a payer that has forgotten what it owes
     * @param timing where the time went
     */
    record Invoked(Outcome outcome, NodeId host, Bytes receipt, Timing timing) implements Calling {}

    /** A signed voucher on its way to the host that it pays; {@code Done} answers. */
    record Pay(NodeId host, Bytes voucher) implements Calling {}

    /** Asks a host for the proof of a receipt; {@link Proof} answers. */
    record FindProof(Digest call, NodeId host) implements Calling {}

    /** A receipt with its path to a signed batch root. */
    record Proof(Bytes proof) implements Calling {}

    /**
     * A host that waits to be paid shows its hub a lane's newest receipt, which the hub may have
     * forgotten; {@code Done} answers, and a voucher comes by itself.
     */
    record Owed(Bytes receipt) implements Calling {}
}
