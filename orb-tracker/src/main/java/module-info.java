/** The super-node role: membership, registry, ledger, and the way of a call to its host. */
@org.jspecify.annotations.NullMarked
module orb.tracker {
    requires transitive orb.kernel;
    requires transitive orb.ledger;
    requires transitive orb.overlay;
    requires static org.jspecify;

    exports orb.tracker;
    exports orb.tracker.analytics;
}
