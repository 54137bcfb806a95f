/** Verbs that check what others say: the ledger, and files that prove something of it. */
@NullMarked
package orb.cli.verb.audit;

import org.jspecify.annotations.NullMarked;
