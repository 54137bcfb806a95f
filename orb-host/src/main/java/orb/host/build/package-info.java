/** From a function's folder to its executable and its package. */
@NullMarked
package orb.host.build;

import org.jspecify.annotations.NullMarked;
