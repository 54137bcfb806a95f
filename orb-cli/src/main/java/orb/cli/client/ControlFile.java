package orb.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * How to reach a peer that runs on this machine; lies in its data folder, readable by its user
 * alone, because it holds the access token of its API.
 *
 * @param role {@code node} or {@code tracker}
 * @param pid its process
 * @param id its Orb id
 * @param api base URL of the control plane
 * @param gateway base URL of the function endpoints
 * @param listen where other peers dial it, empty if they cannot
 * @param token access token of the control plane
 */
public record ControlFile(
        String role, long pid, String id, String api, String gateway, String listen, String token) {
    public static final String NAME = "control.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Reads the file of a data folder; empty if nothing runs there. */
    public static Optional<ControlFile> read(Path folder) throws IOException {
        Path file = folder.resolve(NAME);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        JsonNode node;
        try {
            node = JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new IOException("reading " + file + ": it is not JSON; delete it", e);
        }
        long pid = node.path("pid").asLong();
        if (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new ControlFile(
                        node.path("role").asText(),
                        pid,
                        node.path("id").asText(),
                        node.path("api").asText(),
                        node.path("gateway").asText(),
                        node.path("listen").asText(),
                        node.path("token").asText()));
    }

    /** Writes the file, whole or not at all. */
    public void write(Path folder) throws IOException {
        Path next = folder.resolve(NAME + ".next");
        Files.deleteIfExists(next);
        Files.createFile(
                next,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(
                next,
                JSON.writerWithDefaultPrettyPrinter()
                        .writeValueAsBytes(
                                JSON.createObjectNode()
                                        .put("role", role)
                                        .put("pid", pid)
                                        .put("id", id)
                                        .put("api", api)
                                        .put("gateway", gateway)
                                        .put("listen", listen)
                                        .put("token", token)));
        Files.move(
                next,
                folder.resolve(NAME),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** Removes the file when the peer ends. */
    public static void remove(Path folder) throws IOException {
        Files.deleteIfExists(folder.resolve(NAME));
    }

    @Override
    public String toString() {
        return "ControlFile[" + role + " " + id + " at " + api + "]"; // never the token
    }
}
