package orb.cli.accept;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders of functions as an owner would have them. */
final class Sources {
    private Sources() {}

    /** A function in JavaScript, with no plan in its manifest. */
    static Path script(Path folder, String name, String text) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("f.js"), text);
        return manifest(folder, name, "source: f.js");
    }

    /** A function in C, which the manifest's own line builds with all names left in. */
    static Path c(Path folder, String name, String text) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("f.c"), text);
        return manifest(
                folder,
                name,
                "build: clang --target=wasm32-wasi -O1 -g -o f.wasm f.c\nartefact: f.wasm");
    }

    /** A function as a module without its source. */
    static Path module(Path folder, String name, byte[] wasm) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve("f.wasm"), wasm);
        return manifest(folder, name, "artefact: f.wasm");
    }

    /** A native program: a text that starts with the path of its interpreter. */
    static Path program(Path folder, String name, String text) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("f.sh"), text);
        return manifest(folder, name, "artefact: f.sh\nentry: process");
    }

    private static Path manifest(Path folder, String name, String code) throws IOException {
        Files.writeString(
                folder.resolve("orb.yaml"),
                """
                name: %s
                version: 1.0.0
                %s
                limits: { memory: 16MiB, fuel: 200000000, wall: 10s }
                replicas: 2
                sample: { body: '{"a":2,"b":3}' }
                """
                        .formatted(name, code),
                StandardCharsets.UTF_8);
        return folder;
    }
}
