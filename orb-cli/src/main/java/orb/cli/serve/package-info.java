/** One function alone behind an HTTP port of this machine: no swarm, no ledger, no account. */
@org.jspecify.annotations.NullMarked
package orb.cli.serve;
