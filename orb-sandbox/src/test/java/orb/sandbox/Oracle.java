package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.sandbox.fuel.Image;
import orb.sandbox.fuel.Layout;
import orb.sandbox.fuel.Meter;
import orb.sandbox.fuel.WasmSink;

/**
 * A third opinion on outcome and fuel: V8, as Node.js has it, running the same metered modules.
 *
 * <p>Modules are collected and run in one process. What they import is written a second time, in
 * {@code oracle.mjs}.
 */
final class Oracle {
    private final Path folder;
    private final List<String> jobs = new ArrayList<>();

    Oracle(Path folder) {
        this.folder = folder;
    }

    /** Whether this machine has a Node.js for it. */
    static boolean isHere() {
        return has("node");
    }

    /** Whether this machine has a program of that name. */
    static boolean has(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(each -> Files.isExecutable(Path.of(each).resolve(program)));
    }

    /** Adds a run; {@code shape} is {@code COMMAND}, {@code HANDLER} or {@code SCRIPT}. */
    void add(Bytes artefact, String shape, Bytes input, Limits limits) throws IOException {
        Layout layout = Admission.admit(artefact);
        Layout.Pages pages = layout.memory.orElseThrow();
        layout.memory =
                java.util.Optional.of(
                        new Layout.Pages(pages.min(), Math.min(pages.max(), limits.memoryPages())));
        Image image = Image.of(layout);
        int n = jobs.size();
        Files.write(folder.resolve(n + ".wasm"), exporting(layout));
        Files.write(folder.resolve(n + ".mem"), image.memory);
        Files.write(folder.resolve(n + ".in"), input.array());
        Map<String, Integer> entries = new TreeMap<>();
        layout.exports.stream()
                .filter(e -> e.kind() == 0 && e.name().matches("[A-Za-z0-9_]+"))
                .forEach(e -> entries.put(e.name(), e.index()));
        Invocation invocation = new Invocation(Request.post(input), RunInputs.FIXED);
        String environment =
                invocation.environment().stream()
                        .map(each -> '"' + each.utf8() + '"')
                        .collect(Collectors.joining(",", "[", "]"));
        jobs.add(
                String.format(
                        "{\"n\":%d,\"shape\":\"%s\",\"fuel\":%d,\"start\":%d,\"entries\":{%s},"
                                + "\"environment\":%s,\"tables\":%s}",
                        n,
                        shape,
                        limits.fuel().units(),
                        layout.start.orElse(-1),
                        entries.entrySet().stream()
                                .map(e -> '"' + e.getKey() + "\":" + e.getValue())
                                .collect(Collectors.joining(",")),
                        environment,
                        image.tables.stream().map(Arrays::toString).toList()));
    }

    /** The metered module with an export for whatever the host has to reach. */
    private static byte[] exporting(Layout layout) {
        Meter.Added added = Meter.added(layout);
        WasmSink exports = new WasmSink(1024);
        int functions = layout.functionCount();
        exports.u32(3 + layout.tables.size() + functions);
        export(exports, "m", 2, 0);
        export(exports, "g", 3, added.gasGlobal());
        export(exports, "d", 3, added.depthGlobal());
        IntStream.range(0, layout.tables.size()).forEach(i -> export(exports, "t" + i, 1, i));
        IntStream.range(0, functions).forEach(i -> export(exports, "f" + i, 0, i));
        byte[] metered = Meter.rewrite(layout);
        int at = 8;
        while (metered[at] < Layout.EXPORT) {
            int size = 0;
            int shift = 0;
            at++;
            do {
                size |= (metered[at] & 0x7f) << shift;
                shift += 7;
            } while (metered[at++] < 0);
            at += size;
        }
        return new WasmSink(metered.length * 2)
                .raw(metered, 0, at)
                .section(Layout.EXPORT, exports)
                .raw(metered, at, metered.length)
                .bytes();
    }

    private static void export(WasmSink out, String name, int kind, int index) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        out.u32(bytes.length).raw(bytes).one(kind).u32(index);
    }

    /** What became of each run, in their order. */
    List<String> outcomes() throws IOException, InterruptedException {
        Path script = folder.resolve("oracle.mjs");
        try (InputStream in = Oracle.class.getResourceAsStream("oracle.mjs")) {
            Files.write(script, in.readAllBytes());
        }
        Files.writeString(folder.resolve("jobs.json"), "[" + String.join(",", jobs) + "]");
        Process process =
                new ProcessBuilder("node", "--expose-gc", script.toString(), folder.toString())
                        .redirectErrorStream(true)
                        .start();
        byte[] said = process.getInputStream().readAllBytes();
        String text = new String(said, StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(text).isZero();
        List<String> lines = text.lines().toList();
        assertThat(lines).as(text).hasSameSizeAs(jobs);
        return lines;
    }

    /** A run of the sandbox in the words of the oracle. */
    static String told(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Completed(var response, var used) ->
                    "Completed "
                            + used.units()
                            + " "
                            + Digest.sha256(response.body().array()).hex();
            case Outcome.OutOfFuel _ -> "OutOfFuel";
            case Outcome.Trapped(var code, _, var used) -> code + " " + used.units();
            case Outcome.Refused(var refusal) -> "Refused " + refusal;
        };
    }
}
