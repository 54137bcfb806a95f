package orb.host.build;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.NavigableMap;
import orb.host.store.Json;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.RefusedException;
import orb.kernel.codec.Fields;
import orb.kernel.identity.PublicKey;
import orb.kernel.identity.Signature;

/**
 * Reads a package's files and checks every digest and size; what is wrong is named in a {@link
 * RefusedException}. That nothing else stands in the files is the caller's check. Not thread-safe.
 */
final class OciReader {
    private final NavigableMap<String, Bytes> files;
    private final JsonNode descriptor;
    private final JsonNode manifest;

    OciReader(NavigableMap<String, Bytes> files) {
        this.files = files;
        for (String name : files.keySet()) {
            if (name.startsWith("blobs/sha256/")
                    && !name.equals("blobs/sha256/" + Digest.of(content(name)).hex())) {
                throw Tar.damaged(name + " has another content than its name says");
            }
        }
        JsonNode index = json(OciLayout.INDEX, content(OciLayout.INDEX));
        if (!text(json(OciLayout.MARK, content(OciLayout.MARK)), "imageLayoutVersion")
                .equals("1.0.0")) {
            throw Tar.damaged("it is not an OCI image layout of version 1.0.0");
        }
        descriptor = index.path("manifests").path(0);
        manifest = json("the manifest", blob("the manifest", descriptor, OciLayout.MANIFEST_TYPE));
    }

    FunctionPackage read() {
        blob("the config", manifest.path("config"), OciLayout.CONFIG_TYPE);
        JsonNode layer = manifest.path("layers").path(0);
        FunctionPackage.Kind kind = FunctionPackage.Kind.of(text(layer, "mediaType"));
        Bytes artefact = blob("the executable", layer, kind.mediaType());
        Bytes sample = blob("the sample", manifest.path("layers").path(1), OciLayout.SAMPLE_TYPE);
        return Fields.checked(
                "the package is damaged",
                () ->
                        new FunctionPackage(
                                annotation(OciLayout.TITLE),
                                annotation(OciLayout.VERSION),
                                kind,
                                artefact,
                                digest(annotation(OciLayout.SOURCE)),
                                limits(),
                                SampleCodec.decode(sample),
                                new PublicKey(Bytes.hex(annotation(OciLayout.KEY)))));
    }

    Digest manifestDigest() {
        return digest(text(descriptor, "digest"));
    }

    Signature signature() {
        String hex = text(descriptor.path("annotations"), OciLayout.SIGNATURE);
        return Fields.checked("the signature", () -> new Signature(Bytes.hex(hex)));
    }

    private Limits limits() {
        return new Limits(
                new ByteSize(Long.parseLong(annotation(OciLayout.MEMORY))),
                new Fuel(Long.parseLong(annotation(OciLayout.FUEL))),
                Duration.ofMillis(Long.parseLong(annotation(OciLayout.WALL))));
    }

    private Bytes blob(String what, JsonNode named, String mediaType) {
        if (!text(named, "mediaType").equals(mediaType)) {
            throw Tar.damaged(what + " has the type " + text(named, "mediaType"));
        }
        Bytes content = content("blobs/sha256/" + digest(text(named, "digest")).hex());
        if (named.path("size").asLong(-1) != content.length()) {
            throw Tar.damaged(what + " has " + content.length() + " bytes, not what is said of it");
        }
        return content;
    }

    private Bytes content(String name) {
        Bytes content = files.get(name);
        if (content == null) {
            throw Tar.damaged(name + " is missing");
        }
        return content;
    }

    private String annotation(String name) {
        return text(manifest.path("annotations"), name);
    }

    private static Digest digest(String name) {
        if (!name.matches("sha256:[0-9a-f]{64}")) {
            throw Tar.damaged("a digest is written " + (name.length() > 80 ? "too long" : name));
        }
        return Digest.parse(name.substring("sha256:".length()));
    }

    private static String text(JsonNode tree, String key) {
        JsonNode value = tree.path(key);
        if (!value.isTextual()) {
            throw Tar.damaged(key + " is missing");
        }
        return value.textValue();
    }

    private static JsonNode json(String what, Bytes text) {
        try {
            return Json.parse(text).orThrow();
        } catch (RefusedException e) {
            throw Tar.damaged(what + " is " + e.refusal().what());
        }
    }
}
