package orb.kernel.port;

import java.time.Duration;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.Digest;
import orb.kernel.Limits;
import orb.kernel.NodeId;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.message.Message;

/** What a role wants done; the world does it and reports by {@link Event}. */
public sealed interface Effect {
    /** Look for peers; {@link Event.Discovered} follows. */
    record Discover() implements Effect {}

    /** Take up where a peer's part of the hash table can be asked; passed over if it is false. */
    record Meet(Bytes route) implements Effect {}

    /** Put a signed record of one's own into the hash table, again and again until it ends. */
    record Publish(Digest key, Bytes item) implements Effect {}

    /** Put it there no longer. */
    record Withdraw(Digest key) implements Effect {}

    /** Look up who put what there; {@link Event.Found} follows, with what was found in time. */
    record Find(Digest key) implements Effect {}

    /** Dial once; {@link Event.Linked} or {@link Event.DialFailed} follows. */
    record Dial(Contact contact) implements Effect {}

    /** Close the link to a peer; {@link Event.Unlinked} follows. */
    record HangUp(NodeId peer, String reason) implements Effect {}

    /** Ask a linked peer; {@link Event.Answered} or {@link Event.Unanswered} follows. */
    record Ask(long exchange, NodeId peer, Message message, Duration timeout) implements Effect {}

    /** Answer what a peer asked. */
    record Answer(long inbound, Message message) implements Effect {}

    /** Wake me; setting a timer again replaces it. {@link Event.Woke} follows. */
    record WakeAfter(String timer, Duration delay) implements Effect {}

    /** Give an entry its place in the log; {@link Event.Ordered} follows when it is durable. */
    record Propose(Bytes entry) implements Effect {}

    /** Keep a small record; durable soon, in order, without a report. */
    record Save(Table table, Bytes key, Bytes value) implements Effect {}

    /** Keep it no longer. */
    record Erase(Table table, Bytes key) implements Effect {}

    /** Keep a blob; {@link Event.BlobStored} follows. */
    record StoreBlob(Digest digest, Bytes content) implements Effect {}

    /** Read a blob; {@link Event.BlobLoaded} follows. */
    record LoadBlob(Digest digest) implements Effect {}

    /** Admit and compile the blob of this digest; {@link Event.Prepared} follows. */
    record Prepare(Digest artefact) implements Effect {}

    /**
     * Invoke a prepared artefact in a fresh instance; {@link Event.Ran} follows.
     *
     * @param seed what the function's random source starts from
     * @param rights what it may ask of this node
     */
    record Run(
            long run, Digest artefact, Request request, Limits limits, Digest seed, Rights rights)
            implements Effect {}

    /** Answer a command. */
    record Return(long command, Result<? extends Reply> result) implements Effect {}

    /** Tell the one who gave a command how far it is. */
    record Progress(long command, Notice notice) implements Effect {}

    /** Tell everyone who follows events. */
    record Tell(Notice notice) implements Effect {}
}
