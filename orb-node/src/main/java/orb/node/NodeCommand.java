package orb.node;

import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.kernel.Limits;
import orb.kernel.Request;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Grants;
import orb.kernel.port.Command;

/** What a person or program on this machine may ask of the node. */
public sealed interface NodeCommand extends Command {
    /**
     * Logs the holder of a wallet in: opens the account and binds this node to it where that was
     * not done yet; {@link NodeReply.LoggedIn}. The key stays in memory until {@link LogOut}.
     */
    record LogIn(String name, KeyPair wallet) implements NodeCommand {}

    /** Forgets the wallet's key; {@link NodeReply.Done}. */
    record LogOut() implements NodeCommand {}

    /** Who is logged in and which roles this node has; {@link NodeReply.Identity}. */
    record WhoAmI() implements NodeCommand {}

    /** What deploying would cost, after a run here on the sample; {@link NodeReply.Quoted}. */
    record Quote(Bytes artefact, Limits limits, Grants grants, Request sample)
            implements NodeCommand {}

    /** Deploys in the order of requirement B8, with progress; {@link NodeReply.Deployed}. */
    record Deploy(Proposal proposal, KeyPair functionKey) implements NodeCommand {}

    /**
     * What is deployed.
     *
     * @param name the function's name among its owner's
     * @param source digest of the source, which itself stays with the owner
     * @param artefact the executable, stripped of names
     * @param limits what an invocation may use
     * @param grants what an invocation may ask of the node that runs it
     * @param plan name of the reward plan
     * @param replicas seeders asked for
     * @param sample the input that complexity is measured with
     * @param allocation set aside for sponsored calls, zero under a metered plan
     */
    record Proposal(
            String name,
            Digest source,
            Bytes artefact,
            Limits limits,
            Grants grants,
            String plan,
            int replicas,
            Request sample,
            Credits allocation) {}

    /**
     * Calls a function; {@link NodeReply.Called}.
     *
     * @param paid whether the logged-in account pays; false for callers who showed no token
     */
    record Call(FunctionName function, Request request, boolean paid) implements NodeCommand {}

    /**
     * Says goodbye to every peer and links to none any more, before the process ends; {@link
     * NodeReply.Done}.
     */
    record Leave() implements NodeCommand {}

    /** Starts to seed a function whatever the policy says; {@link NodeReply.Done}. */
    record Seed(FunctionName function) implements NodeCommand {}

    /** Stops seeding a function; {@link NodeReply.Done}. */
    record Unseed(FunctionName function) implements NodeCommand {}

    /** Functions of the swarm whose name contains a text; {@link NodeReply.Relayed}. */
    record Search(String text, int offset, int limit) implements NodeCommand {}

    /** All that this node knows of one function; {@link NodeReply.Described}. */
    record Describe(FunctionName function) implements NodeCommand {}

    /** The last log lines of a function that ran here; {@link NodeReply.Logs}. */
    record FindLogs(FunctionName function) implements NodeCommand {}

    /** This node's state; {@link NodeReply.Status}. */
    record FindStatus() implements NodeCommand {}

    /** The statistics engine's counters; {@link NodeReply.Statistics}. */
    record FindStatistics() implements NodeCommand {}

    /** Threats that this node noticed; {@link NodeReply.Incidents}. */
    record FindIncidents() implements NodeCommand {}

    /** What is used; {@link NodeReply.Use}. */
    record FindUse() implements NodeCommand {}

    /** Peers and links; {@link NodeReply.PeerList}. */
    record FindPeers() implements NodeCommand {}

    /** Nodes as the tracker sees them; {@link NodeReply.Relayed}. */
    record FindNodes() implements NodeCommand {}

    /** The logged-in account; {@link NodeReply.Relayed}. */
    record FindAccount() implements NodeCommand {}

    /** The logged-in account's movements before an index; {@link NodeReply.Relayed}. */
    record FindHistory(long before, int limit) implements NodeCommand {}

    /** The signed entry at an index; {@link NodeReply.Relayed}. */
    record FindEntry(long index) implements NodeCommand {}

    /**
     * Sets credits aside; {@link NodeReply.ChannelOpened}.
     *
     * @param token digest of an access token whose bearer may spend them, empty for own calls
     */
    record OpenChannel(Credits amount, Optional<Digest> token) implements NodeCommand {}

    /** The receipt of a call with its proof; {@link NodeReply.ProofFound}. */
    record FindProof(Digest call) implements NodeCommand {}
}
