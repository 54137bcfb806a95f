package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What works, and what is refused, without any swarm. */
@Timeout(300)
class AloneProcessTest {
    @TempDir private Path folder;

    @Test
    @Tag("K2")
    void aBuiltFunctionRunsAloneInAnEmptyHome() throws Exception {
        Path source =
                Sources.module(
                        folder.resolve("source"),
                        "alone",
                        Files.readAllBytes(Orb.example("add").resolve("add.wasm")));
        Path built = folder.resolve("alone.orb");
        Orb.run("build", source.toString(), "--to", built.toString()).ok();
        Path home = Files.createDirectories(folder.resolve("home"));

        Orb.Ran ran = Orb.script(home, "run", built.toString(), "-d", "{\"a\":2,\"b\":3}").ok();

        assertThat(ran.out().strip()).isEqualTo("{\"sum\":5}");
        assertThat(home.resolve("data")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"endless,ORB-0201", "growth,ORB-020", "recursion,ORB-0205", "trap,ORB-0202"})
    @Tag("H2")
    void aHostileModuleIsStoppedWithItsReason(String what, String code) throws IOException {
        byte[] wasm =
                switch (what) {
                    case "endless" -> Wasm.endless();
                    case "growth" -> Wasm.growth();
                    case "recursion" -> Wasm.recursion();
                    default -> Wasm.trap();
                };
        Path source = Sources.module(folder.resolve(what), "hostile", wasm);

        Orb.Ran ran = Orb.run("run", source.toString());

        assertThat(ran.code()).isEqualTo(12);
        assertThat(ran.err()).contains(code);
    }

    @ParameterizedTest
    @CsvSource({
        "wasi_snapshot_preview1,sock_open",
        "wasi_snapshot_preview1,proc_exec",
        "env,system",
        "env,connect"
    })
    @Tag("H4")
    void aModuleThatAsksForMoreThanASandboxOffersIsNotRun(String from, String name)
            throws IOException {
        Path source = Sources.module(folder.resolve("asks"), "asks", Wasm.importing(from, name));

        Orb.Ran ran = Orb.run("run", source.toString());

        assertThat(ran.code()).isEqualTo(11);
        assertThat(ran.err()).contains("ORB-0108", name);
    }

    @ParameterizedTest
    @CsvSource({"''", "localhost", "10.0.0.1", "nowhere.invalid", "UPPER_case.example"})
    @Tag("B2")
    void aTrackerWithoutAReachableDomainIsRefused(String domain) {
        Orb.Ran ran =
                Orb.run(
                        "tracker",
                        "start",
                        "--data",
                        folder.toString(),
                        "--domain",
                        domain,
                        "--port",
                        "0");

        assertThat(ran.code()).isEqualTo(13);
        assertThat(ran.err()).contains("ORB-0307", "--dev");
        assertThat(folder).as("nothing was made").isEmptyDirectory();
    }

    @Test
    void aFullDiskIsNamed() throws Exception {
        Path genesis = folder.resolve("bootstrap");
        Path full = Files.createDirectories(folder.resolve("full"));
        Files.writeString(genesis, bootstrap());
        assumeTrue(canMount(), "needs the right to mount: run as root with unshare");
        String script =
                ("mount -t tmpfs -o size=96k none '%s'"
                                + " && exec '%s' node start --data '%s' --bootstrap '%s'")
                        .formatted(full, Orb.script(), full, genesis);

        Path log = folder.resolve("log");
        Process process =
                Orb.process(folder, List.of())
                        .command("unshare", "-m", "sh", "-c", script)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        boolean ended = process.waitFor(Orb.WAIT_SECONDS, TimeUnit.SECONDS);
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();

        assertThat(ended).as(Files.readString(log)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isEqualTo(16);
        assertThat(Files.readString(log)).contains("ORB-0601");
    }

    private static String bootstrap() {
        var genesis = orb.ledger.Genesis.standard("accept");
        return "network %s\ngenesis %s\n"
                .formatted(genesis.network().hex(), genesis.encoded().hex());
    }

    private static boolean canMount() throws Exception {
        try {
            Process process =
                    new ProcessBuilder("unshare", "-m", "true").redirectErrorStream(true).start();
            return process.waitFor(Orb.WAIT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
