/** What a peer keeps on its disk: records, blobs, the log, and the lock on its folder. */
@NullMarked
package orb.host.store;

import org.jspecify.annotations.NullMarked;
