/** One ordered log, double entry, channels and vouchers, receipts and their proofs. */
@org.jspecify.annotations.NullMarked
module orb.ledger {
    requires transitive orb.kernel;
    requires static org.jspecify;

    exports orb.ledger;
    exports orb.ledger.proof;
}
