package orb.sandbox.fuel;

/**
 * A body that is split, and what is known of it.
 *
 * @param types of parameters and locals
 * @param live which locals may still be read, and where
 * @param inside the blocks of the region that is being written, one region at a time
 */
record LargeBody(Code code, Layout.Body body, int[] types, Liveness live, Nesting inside) {}
