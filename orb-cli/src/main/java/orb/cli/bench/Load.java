package orb.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/** The load generator {@code wrk} with the one line that every figure of a benchmark has. */
final class Load {
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
    private static final Pattern COUNT = Pattern.compile("([0-9]+) requests in");
    private static final Pattern P50 = Pattern.compile("50%\\s+([0-9.]+)(us|ms|s)");
    private static final Pattern P99 = Pattern.compile("99%\\s+([0-9.]+)(us|ms|s)");
    private static final Pattern BAD = Pattern.compile("Non-2xx or 3xx responses: ([0-9]+)");
    private static final String SCRIPT =
            """
            wrk.method = "POST"
            wrk.body = '{"a":2,"b":3}'
            """;

    private static final int SLICE_SECONDS = 3;
    private static final int SLICES_MAX = 12;
    private static final int SLICES_ALIKE = 3;
    private static final double ALIKE = 1.08;

    private final List<String> script;

    private Load(List<String> script) {
        this.script = script;
    }

    /** A load that posts two numbers; with a folder for the script that wrk wants. */
    static Load posting(Path folder) throws IOException {
        Path script = folder.resolve("post.lua");
        Files.writeString(script, SCRIPT);
        return new Load(List.of("-s", script.toString()));
    }

    /** A load that only asks. */
    static Load asking() {
        return new Load(List.of());
    }

    /** What a load gave: calls a second, milliseconds, calls in all, calls that failed. */
    record Seen(double rate, double p50, double p99, long count, long failed) {}

    /**
     * Loads until three slices in a row are alike, so that the JIT compilers are done; not for
     * ever.
     */
    void warmUp(String url) throws IOException {
        Deque<Double> last = new ArrayDeque<>();
        for (int i = 0; i < SLICES_MAX && !isSettled(last); i++) {
            last.addLast(run(url, SLICE_SECONDS).rate);
            if (last.size() > SLICES_ALIKE) {
                last.removeFirst();
            }
        }
    }

    private static boolean isSettled(Deque<Double> rates) {
        return rates.size() == SLICES_ALIKE
                && Collections.max(rates) <= ALIKE * Collections.min(rates);
    }

    /** Loads for so long from 32 connections, each with one call at a time. */
    Seen run(String url, int seconds) throws IOException {
        List<String> words =
                new ArrayList<>(List.of("wrk", "-t1", "-c32", "-d" + seconds + "s", "--latency"));
        words.addAll(script);
        words.add(url);
        String output = Tools.run("apt-get install -y wrk", words);
        if (!output.contains("Requests/sec")) {
            throw new RefusedException(ErrorCode.INTERNAL, "wrk said: " + output);
        }
        Matcher bad = BAD.matcher(output);
        return new Seen(
                number(RATE, output),
                millis(P50, output),
                millis(P99, output),
                (long) number(COUNT, output),
                bad.find() ? Long.parseLong(bad.group(1)) : 0);
    }

    private static double number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : Double.NaN;
    }

    private static double millis(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            return Double.NaN;
        }
        double value = Double.parseDouble(matcher.group(1));
        return switch (matcher.group(2)) {
            case "us" -> value / 1000;
            case "s" -> value * 1000;
            default -> value;
        };
    }
}
