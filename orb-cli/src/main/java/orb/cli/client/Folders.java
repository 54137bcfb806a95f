package orb.cli.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where things are kept, by the XDG Base Directory Specification 0.8.
 *
 * @param data nodes, trackers, wallets; {@code $XDG_DATA_HOME/orb}
 * @param state what runs now; {@code $XDG_STATE_HOME/orb}
 * @param cache what can be made again; {@code $XDG_CACHE_HOME/orb}
 */
public record Folders(Path data, Path state, Path cache) {
    public static Folders of(Map<String, String> environment) {
        Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")));
        return new Folders(
                folder(environment, "XDG_DATA_HOME", home.resolve(".local/share")),
                folder(environment, "XDG_STATE_HOME", home.resolve(".local/state")),
                folder(environment, "XDG_CACHE_HOME", home.resolve(".cache")));
    }

    private static Path folder(Map<String, String> environment, String name, Path fallback) {
        String value = environment.getOrDefault(name, "");
        // the specification says that relative paths are to be ignored
        boolean usable = !value.isEmpty() && Path.of(value).isAbsolute();
        return (usable ? Path.of(value) : fallback).resolve("orb");
    }

    /**
     * The data folder of the peer that {@code --node} calls by this name, such as {@code node} or
     * {@code swarm/bob}; what begins with a slash or a dot is a path.
     */
    public Path peer(String name) {
        boolean isPath = name.startsWith("/") || name.startsWith(".");
        return isPath ? Path.of(name).toAbsolutePath().normalize() : data.resolve(name);
    }

    /** The data folder of the node that verbs talk to by default, if one was ever started. */
    public Optional<Path> currentFolder() throws IOException {
        Path file = current();
        return Files.exists(file)
                ? Optional.of(Path.of(Files.readString(file).strip()))
                : Optional.empty();
    }

    /** Makes verbs talk to the node of this folder from now on. */
    public void remember(Path folder) throws IOException {
        Files.createDirectories(state);
        Files.writeString(current(), folder + "\n");
    }

    private Path current() {
        return state.resolve("current");
    }
}
