/** Keys on disk: the encrypted wallet, the machine's key, access tokens. */
@NullMarked
package orb.host.wallet;

import org.jspecify.annotations.NullMarked;
