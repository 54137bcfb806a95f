package orb.overlay.dht;

import orb.kernel.Bytes;
import orb.kernel.NodeId;

/** What comes into the hash table's step. */
public sealed interface DhtEvent {
    /** A peer was heard of whose route proves its id. */
    record Met(RoutedPeer peer) implements DhtEvent {}

    /** A peer asks; answered with {@link DhtEffect.Answer} and the same number, exactly once. */
    record Asked(long inbound, RoutedPeer from, Bytes question) implements DhtEvent {}

    /** The answer to a {@link DhtEffect.Ask}. */
    record Answered(long exchange, Bytes answer) implements DhtEvent {}

    /** No answer to a {@link DhtEffect.Ask} came in time. */
    record Unanswered(long exchange) implements DhtEvent {}

    /** The timer of {@link DhtEffect.WakeAfter} has run out. */
    record Woke() implements DhtEvent {}

    /** This peer publishes an item of its own; it is put again until it ends or is replaced. */
    record Publish(Key key, Bytes item) implements DhtEvent {}

    /** This peer publishes nothing at the key any more. */
    record Withdraw(Key key) implements DhtEvent {}

    /** Find what lies at a key; {@link DhtEffect.Sought} with the same number follows once. */
    record Seek(long seek, Key key) implements DhtEvent {}

    /**
     * Ask a known peer itself for its own record, which is one question where a search is a dozen;
     * {@link DhtEffect.Sought} with the same number follows once.
     */
    record Fetch(long seek, NodeId peer) implements DhtEvent {}
}
