/**
 * Where compiled code meets the JVM: memory, globals, and how code gets to them.
 *
 * <p>Exported because compiled code is in no module; nobody else has a use for it.
 */
@NullMarked
package orb.sandbox.engine;

import org.jspecify.annotations.NullMarked;
