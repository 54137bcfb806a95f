package orb.node;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Fuel;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.Limits;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Timing;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Incident;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.message.UseReport;
import orb.kernel.port.MachineUse;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.Notice;
import orb.kernel.port.Reply;
import orb.node.admission.SeedPolicy;
import orb.node.around.Link;
import orb.overlay.Peer;
import org.jspecify.annotations.Nullable;

/** What the node answers. */
public sealed interface NodeReply extends Reply {
    /** It was done. */
    record Done() implements NodeReply {}

    /** A tracker's own words. */
    record Relayed(Message message) implements NodeReply {}

    /** The account that is logged in and whether it was opened just now. */
    record LoggedIn(AccountId account, String name, boolean opened) implements NodeReply {}

    /**
     * Who this is.
     *
     * @param node the Orb id
     * @param account who is logged in
     * @param owns functions deployed from here
     * @param seeds functions that this node serves
     * @param calls functions called from here
     */
    record Identity(
            NodeId node,
            Optional<AccountId> account,
            String name,
            List<FunctionName> owns,
            List<FunctionName> seeds,
            List<FunctionName> calls)
            implements NodeReply {}

    /** What the run on the sample gave and what deploying would cost. */
    record Quoted(
            ModuleFacts module, Outcome outcome, Fuel complexity, ByteSize peakMemory, Credits cost)
            implements NodeReply {}

    /** The function is in the registry; callers use {@code url}. */
    record Deployed(FunctionId function, String url, Credits cost, Fuel complexity, long index)
            implements NodeReply {}

    /**
     * What became of a call.
     *
     * @param call names the call; its proof is found by it
     * @param trail hops and reroutes, for people
     */
    record Called(
            Digest call,
            Outcome outcome,
            NodeId host,
            Bytes receipt,
            Timing timing,
            List<String> trail)
            implements NodeReply {}

    /**
     * One function.
     *
     * @param source digest of the source, known to the owner's node alone
     * @param trail what happened to it, as seen from here, oldest first
     */
    record Described(
            FunctionFacts facts,
            int seeders,
            boolean seededHere,
            Optional<Digest> source,
            List<Notice> trail)
            implements NodeReply {}

    /** Log lines, oldest first. */
    record Logs(List<LogLine> lines) implements NodeReply {}

    /** One line that a function wrote. */
    record LogLine(Instant at, Digest call, String text) {}

    /**
     * This node.
     *
     * @param tracker the tracker that it follows at present
     * @param links peers with a standing link
     * @param tasks invocations that run now, oldest first
     * @param waiting invocations that wait for a place
     * @param places how many may run and wait
     * @param policy which functions of others it takes
     * @param features what its machine has, in the words of its record
     * @param use what its workers use and others take of the machine
     * @param yields whether it takes no calls because its owner uses the machine
     */
    record Status(
            NodeId node,
            String owner,
            Digest network,
            Optional<NodeId> tracker,
            List<NodeId> links,
            List<Task> tasks,
            int waiting,
            List<FunctionName> seeds,
            NodeConfig.Places places,
            SeedPolicy policy,
            List<String> features,
            MachineUse use,
            boolean yields)
            implements NodeReply {}

    /**
     * An invocation that runs.
     *
     * @param name of the function, or {@code (trial)} for the run of a deploy on its sample
     * @param since when it was given to the sandbox
     * @param limits what it may use
     */
    record Task(String name, Instant since, Limits limits) {}

    /** Counters by function. */
    record Statistics(List<FunctionStatistics> functions) implements NodeReply {}

    /**
     * Counters of one function on this node since its data folder was made.
     *
     * @param p50Micros median run time of the last 1,000 calls
     * @param p99Micros 99th percentile of the same
     * @param peakMemory the most that one call held
     * @param earned this host's share of what its receipts say, whether settled yet or not
     */
    record FunctionStatistics(
            FunctionName function,
            long calls,
            long errors,
            long bytesIn,
            long bytesOut,
            long fuel,
            long cpuMicros,
            long p50Micros,
            long p99Micros,
            ByteSize peakMemory,
            Credits earned) {}

    /** Threats that this node noticed, the newest first. */
    record Incidents(List<Incident> incidents) implements NodeReply {
        public Incidents {
            incidents = List.copyOf(incidents);
        }
    }

    /** What the workers use and what functions did, for monitoring. */
    record Use(UseReport report) implements NodeReply {}

    /** Peers that are known, and how. */
    record PeerList(List<PeerView> peers) implements NodeReply {}

    /**
     * One peer.
     *
     * @param source {@code bootstrap}, {@code tracker}, {@code peer} or {@code dht}
     * @param link {@code dialled} or {@code accepted} where one stands, {@code relay} where a
     *     tracker that is linked passes calls on to it, else {@code none}
     * @param isLive whether it is linked here, or a linked tracker named it lately
     */
    record PeerView(
            NodeId id,
            String role,
            String address,
            String source,
            String link,
            boolean isLive,
            Instant lastSeen) {
        static PeerView of(Peer peer, @Nullable Link link, boolean isNamed) {
            String standing =
                    link == null
                            ? isNamed ? "relay" : "none"
                            : link.dialled ? "dialled" : "accepted";
            return new PeerView(
                    peer.id(),
                    peer.record().map(signed -> signed.record().role().label()).orElse("unknown"),
                    peer.contact().map(contact -> contact.address().toString()).orElse(""),
                    peer.source().label(),
                    standing,
                    link != null || isNamed,
                    peer.lastSeen());
        }
    }

    /** The channel's id: digest of the entry that opened it. */
    record ChannelOpened(Digest channel, long index) implements NodeReply {}

    /** A receipt's proof file; it verifies without a network. */
    record ProofFound(Bytes proof) implements NodeReply {}

    /** Functions deployed from this node. */
    record Owned(List<Registry.Listed> functions) implements NodeReply {}
}
