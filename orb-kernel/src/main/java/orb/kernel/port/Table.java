package orb.kernel.port;

/** A named set of small records that a peer keeps across restarts. */
public enum Table {
    /** Trackers and peers that were met: contact, record, last seen. */
    PEERS,
    /** Functions that this node seeds or was told of. */
    SEEDS,
    /** Functions that the owner on this node has deployed, with their source hashes. */
    OWNED,
    /** Receipts that no voucher covers yet, by lane and place in the ring of its newest. */
    RECEIPTS,
    /** Signed receipt batches by first receipt. */
    BATCHES,
    /** Payment lanes: last receipt and highest voucher. */
    LANES,
    /** Counters of the statistics engine. */
    STATISTICS,
    /** Notices that wait for a node's return. */
    NOTICES,
    /** Settings that the role itself changes. */
    SETTINGS,
    /** Trail of what happened to a function, for its owner. */
    TRAIL,
    /** Threats that were noticed. */
    INCIDENTS,
    /** Checkpoints of the ledger that were signed or seen, and proofs of fraud. */
    CHECKPOINTS
}
