package orb.host.walls;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A control group of this whole process and all its workers, which bounds their processor time.
 *
 * <p>Version 1 lets a process stand beside the groups below it, so the node joins a group of its
 * own and its workers' groups are made within. Version 2 does not; there the workers alone are
 * bounded, each by its own group. Closing moves the process back to where it was.
 */
public final class NodeGroup implements AutoCloseable {
    private static final Logger LOG = System.getLogger(NodeGroup.class.getName());
    private static final String NAME = "orb-node-";

    private final Path parent;
    private final Path folder;

    private NodeGroup(Path parent, Path folder) {
        this.parent = parent;
        this.folder = folder;
    }

    /**
     * Joins a new group of this share; empty where control groups of version 1 do not let it.
     *
     * @param percent of one processor
     */
    public static Optional<NodeGroup> join(int percent) {
        return join(Cgroup.Places.SYSTEM, percent);
    }

    static Optional<NodeGroup> join(Cgroup.Places places, int percent) {
        long self = ProcessHandle.current().pid();
        try {
            for (Cgroup.Hierarchy each : Cgroup.hierarchies(places)) {
                if (!each.unified() && each.options().contains("cpu")) {
                    sweep(each.parent());
                    Path folder = each.parent().resolve(NAME + self);
                    Files.createDirectory(folder);
                    NodeGroup group = new NodeGroup(each.parent(), folder);
                    Cgroup.boundProcessors(folder, percent);
                    Files.writeString(folder.resolve(Cgroup.PROCESSES), "" + self);
                    return Optional.of(group);
                }
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "joining a control group: " + e);
        }
        return Optional.empty();
    }

    /** Removes groups of nodes that were killed, with those of their workers in them. */
    private static void sweep(Path parent) throws IOException {
        try (var left = Files.newDirectoryStream(parent, NAME + "*")) {
            for (Path folder : left) {
                String pid = folder.getFileName().toString().substring(NAME.length());
                if (pid.matches("[0-9]{1,10}") && ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
                    Cgroup.sweep(folder);
                    Cgroup.removed(folder);
                }
            }
        }
    }

    @Override
    public void close() {
        try {
            Files.writeString(parent.resolve(Cgroup.PROCESSES), "" + ProcessHandle.current().pid());
            Cgroup.removed(folder);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "leaving the control group " + folder, e);
        }
    }
}
