/** The log as anyone can check it: tiles, signed checkpoints, proofs of entries, whole replays. */
@org.jspecify.annotations.NullMarked
package orb.ledger.proof;
