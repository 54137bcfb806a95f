package orb.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/**
 * A hello world over HTTP: {@code orb serve} with a module and with a script, workerd, and a bare
 * server of Node.js, each in its turn under the same load, round by round.
 *
 * <p>They are not alike: workerd and Node answer every request from one instance that lives on;
 * {@code orb serve} makes a fresh sandbox for each.
 */
final class BesideWorkerd {
    private static final int ROUNDS = 5;
    private static final int ROUND_SECONDS = 2;

    private final Path folder;
    private final Report report;
    private final Load load = Load.asking();

    BesideWorkerd(Path folder, Report report) {
        this.folder = folder;
        this.report = report;
    }

    /** Measures; what cannot be fetched or started is told to the report. */
    void run() throws IOException {
        Path module = Tools.compiled(folder, "hello", "-Wl,-z,stack-size=4096");
        Path script = folder.resolve("hello.js");
        Files.writeString(
                script, "export default { fetch() { return new Response('Hello, world\\n'); } };");
        List<Contender> all = new ArrayList<>();
        try {
            Contender orb = Contender.orb("orb", module);
            all.add(orb);
            Contender orbScript = Contender.orb("orb_js", script);
            all.add(orbScript);
            Optional<Contender> workerd = workerd();
            workerd.ifPresent(all::add);
            node().ifPresent(all::add);
            measure(all);
            for (Contender each : all) {
                show(each);
            }
            if (workerd.isPresent()) {
                compare(orb, workerd.get());
                ratio("http_js_vs_workerd", orbScript.rate() / workerd.get().rate());
            }
        } finally {
            all.forEach(Contender::close);
        }
    }

    private Optional<Contender> workerd() throws IOException {
        try {
            Path cache = Tools.cache("npm");
            Path binary = cache.resolve("node_modules/.bin/workerd");
            if (!Files.exists(binary)) {
                Tools.run(
                        "apt-get install -y npm",
                        List.of("npm", "install", "--prefix", cache.toString(), "workerd"));
            }
            Path found = binary(cache);
            String version =
                    Tools.run("npm install workerd", List.of(found.toString(), "--version"));
            report.beside("sandbox", "workerd", version.strip());
            return Optional.of(Contender.workerd(found, folder));
        } catch (RefusedException e) {
            for (String metric : List.of("http_vs_workerd", "memory_vs_workerd")) {
                report.lacks("sandbox", metric, e.refusal().what());
            }
            return Optional.empty();
        }
    }

    /** The program itself, not the script that starts it: its memory is what is asked for. */
    private static Path binary(Path cache) throws IOException {
        Path family = cache.resolve("node_modules/@cloudflare");
        try (var folders = Files.list(family)) {
            return folders.map(each -> each.resolve("bin/workerd"))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElseThrow(() ->
                            new RefusedException(
                                    ErrorCode.TOOL_MISSING,
                                    "npm brought no workerd for this machine into " + family));
        }
    }

    private Optional<Contender> node() {
        try {
            return Optional.of(Contender.node());
        } catch (IOException | RefusedException e) {
            report.lacks("sandbox", "http_node", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private void measure(List<Contender> all) throws IOException {
        for (Contender each : all) {
            load.warmUp(each.url());
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (Contender each : all) {
                each.load(load, ROUND_SECONDS);
            }
        }
    }

    private void show(Contender each) throws IOException {
        String name = each.name();
        long n = each.count();
        report.figure(new Figure("sandbox", "http_" + name, each.rate(), "1/s", n));
        report.figure(new Figure("sandbox", "http_p99_" + name, each.p99(), "ms", n));
        report.figure(new Figure("sandbox", "http_cpu_" + name, each.cpuMicros(), "us", n));
        report.figure(new Figure("sandbox", "memory_" + name, each.memory(), "MiB", 1));
    }

    private void compare(Contender orb, Contender workerd) throws IOException {
        ratio("http_vs_workerd", orb.rate() / workerd.rate());
        ratio("http_p99_vs_workerd", orb.p99() / workerd.p99());
        ratio("http_cpu_vs_workerd", orb.cpuMicros() / workerd.cpuMicros());
        ratio("memory_vs_workerd", orb.memory() / workerd.memory());
    }

    private void ratio(String metric, double value) {
        report.figure(new Figure("sandbox", metric, value, "x", ROUNDS));
    }
}
