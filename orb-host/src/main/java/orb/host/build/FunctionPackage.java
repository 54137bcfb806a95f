package orb.host.build;

import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Limits;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;

/** A .orb file: a function with everything needed to run it. */
public record FunctionPackage(
        String name,
        String version,
        Kind kind,
        Bytes artefact,
        Digest source,
        Limits limits,
        Request sample,
        PublicKey key) {
    public static final int PACKAGE_MAX = 40 << 20;

    /** What the artefact is. */
    public enum Kind { WASM, SCRIPT }

    /** The signed .orb file, the same bytes each time. */
    public Bytes pack(KeyPair functionKey) { throw new UnsupportedOperationException("not yet written"); }

    /** Reads and checks a .orb file; PACKAGE_DAMAGED names what. */
    public static Result<FunctionPackage> read(Bytes file) { throw new UnsupportedOperationException("not yet written"); }
}
