package orb.overlay;

/**
 * How far a peer has proved what it is (roles and levels after RFC 9334); a lower level is never
 * shown or accepted as a higher one.
 */
public enum Assurance {
    /** Nothing was proved. */
    L0("L0"),
    /** A signed runtime runs functions in a sandbox. */
    L1("L1"),
    /** A software TPM: exercises the protocol and proves no more than {@link #L0}. */
    L1_DEV("L1-dev"),
    /** A TPM of a known vendor and a measured boot. */
    L2("L2"),
    /** Confidential-computing hardware, not in debug mode. */
    L3("L3");

    private final String label;

    Assurance(String label) {
        this.label = label;
    }

    /** What people read. */
    public String label() {
        return label;
    }
}
