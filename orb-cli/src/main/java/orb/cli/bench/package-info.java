/** The published figures, measured again: a swarm, the sandbox beside others, the ledger. */
@org.jspecify.annotations.NullMarked
package orb.cli.bench;
