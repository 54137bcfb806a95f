package orb.kernel;

/**
 * A peer and where to dial it; its key is pinned by its id.
 *
 * @param id the peer that must answer there
 * @param address where it is thought to listen
 */
public record Contact(NodeId id, Address address) {
    /**
     * Reads {@code <64 hex digits>@host:port}.
     *
     * @throws IllegalArgumentException for any other text
     */
    public static Contact parse(String text) {
        int at = text.indexOf('@');
        Require.require(at == 64, "a contact is <orb id>@host:port, not %s", text);
        return new Contact(
                NodeId.parse(text.substring(0, at)), Address.parse(text.substring(at + 1)));
    }

    @Override
    public String toString() {
        return id + "@" + address;
    }
}
