package orb.sim.liar;

/** Ways in which a tracker lies; {@code docs/attacks.md} says what becomes of each. */
public enum Lie {
    /** Shows those who ask another log than its own. */
    FORKS,
    /** Signs a state with a credit that nobody gave, for the others to cosign. */
    CREDITS,
    /** Takes entries and lets nobody hear of them. */
    CENSORS,
    /** Proposes every entry three times. */
    REPLAYS,
    /** Takes two entries in the other order than all. */
    REORDERS,
    /** Answers no call. */
    WITHHOLDS,
    /** Shows every account with a thousand credits more. */
    ENRICHES,
    /** Brings hosts' settlements as its own. */
    CLAIMS
}
