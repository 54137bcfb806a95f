/** Proofs for people: what was verified, step by step. */
@org.jspecify.annotations.NullMarked
package orb.cli.proof;
