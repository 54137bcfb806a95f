package orb.kernel.port;

import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Incident;
import orb.kernel.message.Message;

/** What comes into a role. */
public sealed interface Event {
    /**
     * First event after the replayed {@link Ordered} ones: what the disk kept, by table and key.
     */
    record Started(NavigableMap<Table, NavigableMap<Bytes, Bytes>> kept) implements Event {}

    /** Peers to try, from the bootstrap file or another discovery. */
    record Discovered(List<Contact> contacts) implements Event {}

    /** Where this peer's own part of the hash table can be asked from now on. */
    record Routed(Bytes route) implements Event {}

    /** The hash table's network has met a peer; what it says of itself, not verified. */
    record Met(Bytes record) implements Event {}

    /** What was found at a key of the hash table; each item is checked where it is used. */
    record Found(Digest key, List<Bytes> items) implements Event {}

    /** A connection stands; its other end proved to hold the key of {@code peer}. */
    record Linked(NodeId peer, Address remote, boolean dialled) implements Event {}

    /** A dial did not lead to a link. */
    record DialFailed(Contact contact, Refusal refusal) implements Event {}

    /** The link to the peer is gone; exchanges over it end as {@link Unanswered}. */
    record Unlinked(NodeId peer, String reason) implements Event {}

    /** A peer asks; answer with {@link Effect.Answer} and the same number, exactly once. */
    record Asked(long inbound, NodeId peer, Message message) implements Event {}

    /** The answer to an {@link Effect.Ask}. */
    record Answered(long exchange, NodeId peer, Message message) implements Event {}

    /** No answer to an {@link Effect.Ask}: link lost, malformed or too late. */
    record Unanswered(long exchange, NodeId peer, Refusal refusal) implements Event {}

    /** A timer that was set with {@link Effect.WakeAfter} has run out. */
    record Woke(String timer) implements Event {}

    /** An entry has its place in the log and is durable. Before {@link Started}: a replay. */
    record Ordered(long index, Instant time, Bytes entry) implements Event {}

    /** A proposed entry could not be ordered, such as on a full disk. */
    record OrderingFailed(Digest entry, Refusal refusal) implements Event {}

    /** A blob is durable, or why not. */
    record BlobStored(Digest digest, Optional<Refusal> refusal) implements Event {}

    /** A blob's content, checked against its digest; empty if it is not there or damaged. */
    record BlobLoaded(Digest digest, Optional<Bytes> content) implements Event {}

    /** An artefact was admitted and compiled, or why not. */
    record Prepared(Digest artefact, Result<ModuleFacts> facts) implements Event {}

    /** An invocation ended. */
    record Ran(long run, Outcome outcome, RunFacts facts) implements Event {}

    /** The operating system was asked what is used; comes now and then. */
    record Measured(MachineUse use) implements Event {}

    /** The world noticed a threat that has to do with an artefact. */
    record Noticed(Incident.Kind kind, Digest artefact, String detail) implements Event {}

    /** Someone on this machine asks; answer with {@link Effect.Return}, exactly once. */
    record Commanded(long command, Command what) implements Event {}
}
