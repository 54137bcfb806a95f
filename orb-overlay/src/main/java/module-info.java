/** Who is there and where things are: signed records, known peers, presence, choice of a host. */
@org.jspecify.annotations.NullMarked
module orb.overlay {
    requires transitive orb.kernel;
    requires static org.jspecify;

    exports orb.overlay;
    exports orb.overlay.dht;
}
