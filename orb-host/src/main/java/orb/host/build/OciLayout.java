package orb.host.build;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import orb.host.store.Json;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Limits;
import orb.kernel.identity.Signature;

/**
 * The files of a package: an OCI image layout (image-spec 1.1) whose one image follows the CNCF's
 * Wasm artefact layout. JSON is written compactly with its keys in a fixed order.
 *
 * @param config the Wasm config
 * @param layers the executable, then the sample
 * @param manifest the image manifest, which names the others by digest
 */
record OciLayout(Bytes config, List<Bytes> layers, Bytes manifest) {
    static final String MARK = "oci-layout";
    static final String INDEX = "index.json";
    static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
    static final String INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
    static final String CONFIG_TYPE = "application/vnd.wasm.config.v0+json";
    static final String SAMPLE_TYPE = "application/vnd.orb.sample.v1+cbor";
    static final String TITLE = "org.opencontainers.image.title";
    static final String VERSION = "org.opencontainers.image.version";
    static final String FUEL = "orb.limit.fuel";
    static final String MEMORY = "orb.limit.memory";
    static final String WALL = "orb.limit.wall";
    static final String KEY = "orb.key";
    static final String SOURCE = "orb.source";
    static final String SIGNATURE = "orb.signature";

    static OciLayout of(FunctionPackage function) {
        List<Bytes> layers = List.of(function.artefact(), SampleCodec.encode(function.sample()));
        ObjectNode config = Json.object();
        config.put("created", "1970-01-01T00:00:00Z"); // required; a real time would differ
        config.put("architecture", "wasm").put("os", "wasip1");
        ArrayNode digests = config.putArray("layerDigests");
        layers.forEach(layer -> digests.add(name(layer)));
        Bytes configText = Json.write(config);

        ObjectNode manifest = Json.object().put("schemaVersion", 2);
        manifest.put("mediaType", MANIFEST_TYPE);
        manifest.set("config", descriptor(CONFIG_TYPE, configText));
        manifest.putArray("layers")
                .add(descriptor(function.kind().mediaType(), layers.getFirst()))
                .add(descriptor(SAMPLE_TYPE, layers.getLast()));
        Limits limits = function.limits();
        manifest.putObject("annotations")
                .put(TITLE, function.name())
                .put(VERSION, function.version())
                .put(KEY, function.key().bytes().hex())
                .put(FUEL, Long.toString(limits.fuel().units()))
                .put(MEMORY, Long.toString(limits.memory().bytes()))
                .put(WALL, Long.toString(limits.wall().toMillis()))
                .put(SOURCE, "sha256:" + function.source().hex());
        return new OciLayout(configText, layers, Json.write(manifest));
    }

    /** All files by name; the signature is over the manifest's digest. */
    NavigableMap<String, Bytes> files(Signature signature) {
        ObjectNode index = Json.object().put("schemaVersion", 2);
        index.put("mediaType", INDEX_TYPE);
        ObjectNode descriptor = descriptor(MANIFEST_TYPE, manifest);
        descriptor.putObject("annotations").put(SIGNATURE, signature.bytes().hex());
        index.putArray("manifests").add(descriptor);

        NavigableMap<String, Bytes> files = new TreeMap<>();
        files.put(MARK, Json.write(Json.object().put("imageLayoutVersion", "1.0.0")));
        files.put(INDEX, Json.write(index));
        files.put(path(config), config);
        files.put(path(manifest), manifest);
        layers.forEach(layer -> files.put(path(layer), layer));
        return files;
    }

    private static ObjectNode descriptor(String mediaType, Bytes content) {
        return Json.object()
                .put("mediaType", mediaType)
                .put("digest", name(content))
                .put("size", content.length());
    }

    private static String name(Bytes content) {
        return "sha256:" + Digest.of(content).hex();
    }

    private static String path(Bytes content) {
        return "blobs/sha256/" + Digest.of(content).hex();
    }
}
