/** The worker role: serves invocations, proves them, earns credits, and speaks for its owner. */
@org.jspecify.annotations.NullMarked
module orb.node {
    requires transitive orb.overlay;
    requires transitive orb.ledger;
    requires static org.jspecify;

    exports orb.node;
    exports orb.node.admission;
    exports orb.node.finding;
}
