package orb.node.finding;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.identity.KeyPair;
import orb.overlay.Assurance;
import orb.overlay.Bandwidth;
import orb.overlay.Capabilities;
import orb.overlay.PeerRecord;
import orb.overlay.SignedRecord;

/** What a node says of itself, and what of that changes while it runs. Not thread-safe. */
public final class Said {
    private final KeyPair key;
    private final List<Address> addresses;
    private final Assurance assurance;
    private Capabilities capabilities;
    private Bytes route = Bytes.EMPTY;
    private int load;

    /**
     * A node's words at its start.
     *
     * @param key its machine key
     * @param addresses where other nodes can dial it
     * @param capabilities what its machine was measured to have
     * @param assurance how far it has proved what it is
     */
    public Said(
            KeyPair key, List<Address> addresses, Capabilities capabilities, Assurance assurance) {
        this.key = key;
        this.addresses = List.copyOf(addresses);
        this.capabilities = capabilities;
        this.assurance = assurance;
    }

    KeyPair key() {
        return key;
    }

    List<Address> addresses() {
        return addresses;
    }

    /** Where its part of the hash table can be asked; empty if it has none. */
    public Bytes route() {
        return route;
    }

    public void route(Bytes now) {
        route = now;
    }

    /** The way to a tracker was measured. */
    public void carries(Bandwidth measured) {
        capabilities = capabilities.with(measured);
    }

    /** How much of it is taken, in thousandths. */
    int load() {
        return load;
    }

    /** So many invocations are under way or wait, of so many that run at once. */
    public void busy(int running, int capacity) {
        load = (int) Math.min(PeerRecord.LOAD_MAX, 1000L * running / Math.max(1, capacity));
    }

    /** All of it, signed, from now on and for so long. */
    public SignedRecord record(Instant now, Duration life) {
        return new PeerRecord(
                        key.publicKey(),
                        PeerRecord.Role.NODE,
                        false,
                        "",
                        addresses,
                        capabilities,
                        assurance,
                        Credits.ZERO,
                        load,
                        route,
                        now.toEpochMilli(),
                        now.plus(life))
                .sign(key);
    }
}
