/** Calls, latency and rewards by function, node and hour. */
@NullMarked
package orb.tracker.analytics;

import org.jspecify.annotations.NullMarked;
