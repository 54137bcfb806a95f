package orb.kernel.message;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.Timing;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.Value;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.identity.Signature;

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

    /**
     * A signed voucher on its way to the host that it pays; {@code Done} answers.
     *
     * @param host whom it pays
     * @param voucher the signed voucher
     * @param last the receipt that it ends with, for a hub that the calls did not pass; may be
     *     empty
     */
    record Pay(NodeId host, Bytes voucher, Bytes last) implements Calling {
        public Pay(NodeId host, Bytes voucher) {
            this(host, voucher, Bytes.EMPTY);
        }
    }

    /** Asks a host for the proof of a receipt; {@link Proof} answers. */
    record FindProof(Digest call, NodeId host) implements Calling {}

    /** A receipt with its path to a signed batch root. */
    record Proof(Bytes proof) implements Calling {}

    /**
     * A host that waits to be paid shows its hub a lane's newest receipt, which the hub may have
     * forgotten; {@code Done} answers, and a voucher comes by itself.
     */
    record Owed(Bytes receipt) implements Calling {}

    /**
     * Asks a host itself, while no tracker is there; {@link Invoked} answers. The host takes it at
     * its own risk: on a channel that it knows, within the calls that it lets go unpaid, and only
     * while the channel's hub is not linked to it.
     *
     * @param call chosen by the caller
     * @param function what to call
     * @param channel the caller's, which pays
     * @param request what it is called with
     * @param deadline time left for the whole call
     * @param untilMillis the host takes it before this alone, epoch milliseconds
     * @param authority signature of the channel's payer or delegate over {@link #said}
     */
    record Direct(
            Digest call,
            FunctionName function,
            Digest channel,
            Request request,
            Duration deadline,
            long untilMillis,
            Signature authority)
            implements Calling {
        /**
         * What is signed: this call, with this request, at this host, until then.
         *
         * @param network the swarm's id
         */
        public static Bytes said(Digest network, NodeId host, Invoke call, long untilMillis) {
            return Cbor.encode(
                    Value.array(
                            Value.of(network.bytes()),
                            Value.of(host.digest().bytes()),
                            Value.of(call.payment().orElseThrow().channel().bytes()),
                            Value.of(call.call().bytes()),
                            Value.of(call.function().owner()),
                            Value.of(call.function().name()),
                            Value.of(CallDigest.input(call.request()).bytes()),
                            Value.of(untilMillis)));
        }

        /**
         * A call, signed for one host.
         *
         * @param call what a tracker would be asked; it names the channel
         * @param network the swarm's id
         * @param wallet the payer's
         */
        public static Direct sign(
                Invoke call, Digest network, NodeId host, long untilMillis, KeyPair wallet) {
            return new Direct(
                    call.call(),
                    call.function(),
                    call.payment().orElseThrow().channel(),
                    call.request(),
                    call.deadline(),
                    untilMillis,
                    wallet.sign(Domain.DIRECT_CALL, said(network, host, call, untilMillis)));
        }

        /** The same as a tracker would ask it; no hub promises anything for it. */
        public Invoke invoke() {
            return new Invoke(
                    call,
                    function,
                    Optional.of(new Payment(channel, Credits.ZERO)),
                    request,
                    deadline);
        }

        /** Whether one of these keys signed it for this host. */
        public boolean isSignedBy(List<PublicKey> keys, Digest network, NodeId host) {
            Bytes said = said(network, host, invoke(), untilMillis);
            return keys.stream().anyMatch(key -> key.verifies(authority, Domain.DIRECT_CALL, said));
        }
    }
}
