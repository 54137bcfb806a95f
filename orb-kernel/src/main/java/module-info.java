/** What everyone says: values, canonical bytes, identities, ports and messages. */
@org.jspecify.annotations.NullMarked
module orb.kernel {
    requires static transitive org.jspecify;
    requires org.bouncycastle.provider;

    exports orb.kernel;
    exports orb.kernel.cgi;
    exports orb.kernel.codec;
    exports orb.kernel.identity;
    exports orb.kernel.message;
    exports orb.kernel.port;
}
