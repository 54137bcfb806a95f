/** The tracker's part in keeping one history: checkpoints, cosignatures, proofs of fraud. */
@org.jspecify.annotations.NullMarked
package orb.tracker.log;
