package orb.overlay.dht;

import java.time.Duration;
import orb.kernel.Bytes;
import orb.kernel.Result;

/** What the hash table's step wants done. */
public sealed interface DhtEffect {
    /** Ask a peer; {@link DhtEvent.Answered} or {@link DhtEvent.Unanswered} follows once. */
    record Ask(long exchange, RoutedPeer peer, Bytes question) implements DhtEffect {}

    /** Answer what a peer asked; no bytes mean that it gets no answer. */
    record Answer(long inbound, Bytes answer) implements DhtEffect {}

    /** Wake me; setting it again replaces it. */
    record WakeAfter(Duration delay) implements DhtEffect {}

    /** A search has ended; refused with {@code ORB-0207} if too many are under way. */
    record Sought(long seek, Result<Search> result) implements DhtEffect {}
}
