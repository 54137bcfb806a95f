package orb.host.build;

import static orb.kernel.Require.require;

import java.util.NavigableMap;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.Limits;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.identity.Domain;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.identity.Signature;
import orb.kernel.message.Registry;

/**
 * A {@code .orb} file: a function with all that is needed to run it, in an OCI image layout that
 * registry tools read, signed by the function's key.
 *
 * <p>The signature is over the digest of the image manifest, which names the digests of all else;
 * it stands in the index, because a manifest cannot hold a signature of itself. A package has
 * exactly one form: the reader writes what it has read again and compares, so no byte of the file
 * can change unnoticed. Layout: docs/protocol/package.md.
 *
 * @param name the function's name among its owner's
 * @param version the owner's own word for it
 * @param kind what the artefact is
 * @param artefact the executable, never the source
 * @param source digest of the source
 * @param limits what one invocation may use
 * @param sample input of the trial run
 * @param key the function's key, which signed this
 */
public record FunctionPackage(
        String name,
        String version,
        Kind kind,
        Bytes artefact,
        Digest source,
        Limits limits,
        Request sample,
        PublicKey key) {
    /** A package has at most this many bytes: artefact, sample and some headers. */
    public static final int PACKAGE_MAX = Registry.ARTEFACT_MAX + Request.BODY_MAX + (2 << 20);

    private static final int FILES = 6;

    /** What the artefact is. */
    public enum Kind {
        WASM("application/wasm"),
        SCRIPT("application/vnd.orb.script.v1");

        private final String mediaType;

        Kind(String mediaType) {
            this.mediaType = mediaType;
        }

        String mediaType() {
            return mediaType;
        }

        static Kind of(String mediaType) {
            for (Kind kind : values()) {
                if (kind.mediaType.equals(mediaType)) {
                    return kind;
                }
            }
            throw Tar.damaged("a layer of the unknown type " + mediaType);
        }
    }

    public FunctionPackage {
        require(FunctionName.isLabel(name), "a name is a label: %s", name);
        require(version.matches("[0-9A-Za-z][0-9A-Za-z.+-]{0,31}"), "a version: %s", version);
        require(
                artefact.length() <= Registry.ARTEFACT_MAX,
                "an artefact has at most %d bytes",
                Registry.ARTEFACT_MAX);
    }

    /**
     * The signed file: the same bytes for the same package, everywhere and always.
     *
     * @throws IllegalArgumentException if the pair's public key is not {@link #key}
     */
    public Bytes pack(KeyPair functionKey) {
        require(
                functionKey.publicKey().equals(key),
                "the package names the key %s, not %s",
                key,
                functionKey.publicKey());
        Digest manifest = Digest.of(OciLayout.of(this).manifest());
        return write(functionKey.sign(Domain.PACKAGE, manifest.bytes()));
    }

    /** Reads and checks a file; PACKAGE_DAMAGED names what is wrong. */
    public static Result<FunctionPackage> read(Bytes file) {
        Result<FunctionPackage> result = Result.catching(() -> readOrThrow(file));
        if (result instanceof Result.Refused<FunctionPackage>(Refusal refusal)) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.PACKAGE_DAMAGED,
                            refusal.what(),
                            "fetch or export the package again"));
        }
        return result;
    }

    private static FunctionPackage readOrThrow(Bytes file) {
        if (file.length() > PACKAGE_MAX) {
            throw Tar.damaged(file.length() + " bytes are more than " + PACKAGE_MAX);
        }
        NavigableMap<String, Bytes> files = Tar.read(file, FILES);
        OciReader reader = new OciReader(files);
        FunctionPackage read = reader.read();
        Digest manifest = reader.manifestDigest();
        Signature signature = reader.signature();
        if (!read.key.verifies(signature, Domain.PACKAGE, manifest.bytes())) {
            throw Tar.damaged("the signature of the function's key " + read.key + " is wrong");
        }
        if (!read.write(signature).equals(file)) {
            throw Tar.damaged("it says what a package says, but not in the form of a package");
        }
        return read;
    }

    private Bytes write(Signature signature) {
        return Tar.write(OciLayout.of(this).files(signature));
    }
}
