package orb.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.ControlFile;
import orb.cli.swarm.Ports;
import orb.cli.world.Running;
import orb.host.walls.Layer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code orb doctor}: what on this machine would stand in the way. */
@Command(
        name = "doctor",
        description = "Looks for what would stand in the way.",
        mixinStandardHelpOptions = true)
public final class Doctor implements Callable<Integer> {
    private static final long DISK_MIN = 1L << 30;

    @Mixin private Options options = new Options();

    @Override
    public Integer call() throws IOException {
        ArrayNode findings = JsonNodeFactory.instance.arrayNode();
        java(findings);
        disk(findings);
        ports(findings);
        tool(findings, "clang", "compiling the C samples", "apt-get install clang lld wasi-libc");
        tool(findings, "wrk", "orb bench", "apt-get install wrk");
        walls(findings);
        options.out().rows(findings, "check", "state", "found", "next");
        for (var finding : findings) {
            if (finding.path("state").asText().equals("bad")) {
                return ExitCode.FAILED;
            }
        }
        return ExitCode.OK;
    }

    private static void java(ArrayNode findings) {
        int feature = Runtime.version().feature();
        add(
                findings,
                "java",
                feature >= 25 ? "ok" : "bad",
                "JDK " + Runtime.version(),
                feature >= 25 ? "" : "install a JDK 25 and set ORB_JAVA_HOME");
    }

    private void disk(ArrayNode findings) throws IOException {
        Path folder = options.folders().data();
        Files.createDirectories(folder);
        long free = Files.getFileStore(folder).getUsableSpace();
        add(
                findings,
                "disk",
                free >= DISK_MIN ? "ok" : "bad",
                (free >> 20) + " MiB free in " + folder,
                free >= DISK_MIN ? "" : "free some space, or set XDG_DATA_HOME to a larger disk");
    }

    private void ports(ArrayNode findings) throws IOException {
        boolean ours =
                ControlFile.read(options.folders().peer("swarm").resolve("tracker")).isPresent();
        for (int port : Ports.STANDARD.firsts()) {
            boolean free = isFree(port);
            add(
                    findings,
                    "port " + port,
                    free || ours ? "ok" : "bad",
                    free ? "free" : ours ? "used by `orb up`" : "taken by another program",
                    free || ours ? "" : "end that program: ss -ltnp 'sport = :" + port + "'");
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static void tool(ArrayNode findings, String tool, String need, String install) {
        boolean here = find(tool);
        add(
                findings,
                tool,
                here ? "ok" : "absent",
                here ? "installed" : "only needed for " + need,
                here ? "" : install);
    }

    private static boolean find(String tool) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, tool))) {
                return true;
            }
        }
        return false;
    }

    /** What stands between functions and this machine beside the sandbox, each tried now. */
    private static void walls(ArrayNode findings) {
        for (Layer layer : Running.layers()) {
            add(
                    findings,
                    "wall " + layer.name(),
                    layer.active() ? "ok" : "absent",
                    layer.detail(),
                    layer.next());
        }
    }

    private static void add(
            ArrayNode findings, String check, String state, String found, String next) {
        findings.addObject()
                .put("check", check)
                .put("state", state)
                .put("found", found)
                .put("next", next);
    }
}
