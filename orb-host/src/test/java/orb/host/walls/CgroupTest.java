package orb.host.walls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Control groups of version 2, on a folder that looks like one; the real thing is WallsTest's. */
class CgroupTest {
    private static final Cgroup.Bounds BOUNDS =
            new Cgroup.Bounds(1 << 20, 70, new Share(200, false));

    @TempDir private Path root;

    private Cgroup.Places places(String controllers) throws IOException {
        Path own = Files.createDirectories(root.resolve("mount/user/orb.scope"));
        Files.writeString(own.resolve("cgroup.controllers"), controllers + "\n");
        Files.writeString(own.resolve("cgroup.subtree_control"), "");
        return new Cgroup.Places(
                Files.writeString(
                        root.resolve("mounts"),
                        "cgroup2 " + root.resolve("mount") + " cgroup2 rw,nosuid 0 0\n"),
                Files.writeString(root.resolve("own"), "0::/user/orb.scope\n"));
    }

    @Test
    @Tag("H2")
    void aGroupOfVersionTwoBoundsMemoryProcessesAndProcessors() throws IOException {
        Cgroup group = Cgroup.make(places("cpuset cpu io memory pids"), "orb-worker-1-1", BOUNDS);

        assertThat(group.isComplete()).isTrue();
        assertThat(group.description()).isEqualTo("version 2: cpu, memory, pids");
        Path made = root.resolve("mount/user/orb.scope/orb-worker-1-1");
        assertThat(group.joins()).containsExactly(made.resolve("cgroup.procs"));
        assertThat(made.resolve("memory.max")).hasContent("1048576");
        assertThat(made.resolve("pids.max")).hasContent("70");
        assertThat(made.resolve("cpu.max")).hasContent("200000 100000");
    }

    @Test
    void aGroupWithoutMemoryIsNotCalledOne() throws IOException {
        Cgroup group = Cgroup.make(places("pids"), "orb-worker-1-2", BOUNDS);

        assertThat(group.isComplete()).isFalse();
    }

    @Test
    void aFolderThatMayNotBeWrittenIsNamed() throws IOException {
        Cgroup.Places places = places("memory pids");
        Files.createDirectory(root.resolve("mount/user/orb.scope/orb-worker-1-3")); // in the way

        Cgroup group = Cgroup.make(places, "orb-worker-1-3", BOUNDS);

        assertThat(group.isComplete()).isFalse();
        assertThat(group.trouble()).contains("version 2", "orb-worker-1-3");
    }

    @Test
    @Tag("K6")
    void aShareOfTheProcessorsAndTheLeastWeightAreWritten() throws IOException {
        Share quarter = new Share(25, true);
        Cgroup group =
                Cgroup.make(
                        places("cpu memory pids"),
                        "orb-worker-1-4",
                        new Cgroup.Bounds(1 << 20, 70, quarter));

        Path made = root.resolve("mount/user/orb.scope/orb-worker-1-4");
        assertThat(group.boundsProcessors()).isTrue();
        assertThat(made.resolve("cpu.max")).hasContent("25000 100000");
        assertThat(made.resolve("cpu.weight")).hasContent("1");
    }

    @Test
    @Tag("K6")
    void aNodeJoinsAGroupOfVersionOneAndSweepsThoseOfDeadOnes() throws IOException {
        Path mount = Files.createDirectories(root.resolve("cpu"));
        Path dead =
                Files.createDirectories(mount.resolve("orb-node-999999999/orb-worker-999999999-1"));
        Cgroup.Places places =
                new Cgroup.Places(
                        Files.writeString(
                                root.resolve("mounts"), "cgroup " + mount + " cgroup rw,cpu 0 0\n"),
                        Files.writeString(root.resolve("own"), "3:cpu:/\n"));

        NodeGroup group = NodeGroup.join(places, 25).orElseThrow();

        String self = "" + ProcessHandle.current().pid();
        Path made = mount.resolve("orb-node-" + self);
        assertThat(made.resolve("cpu.cfs_quota_us")).hasContent("25000");
        assertThat(made.resolve("cgroup.procs")).hasContent(self);
        assertThat(dead.getParent()).doesNotExist();
        group.close();
        assertThat(mount.resolve("cgroup.procs")).as("it went back").hasContent(self);
    }

    @Test
    @Tag("K6")
    void withoutTheControllerThereIsNoGroupToJoin() throws IOException {
        assertThat(NodeGroup.join(places("cpu memory pids"), 25)).as("version 2").isEmpty();
    }
}
