package orb.sim.growth;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code orb sim --scale} is asked.
 *
 * @param sizes what to measure, in this order
 * @param lengths of every run
 * @param isTable whether people read it, and not programs
 * @param plot where the drawing goes, if one is wanted
 * @param from where rows are that were measured before
 * @param isQuiet whether nothing is said of how far it is
 */
record ScaleOptions(
        List<Size> sizes,
        Course.Lengths lengths,
        boolean isTable,
        Optional<Path> plot,
        Optional<Path> from,
        boolean isQuiet) {
    /** What was said so far. */
    private static final class Said {
        List<Integer> nodes = List.of(100, 1_000, 10_000);
        List<Integer> trackers = List.of(4, 31);
        long seed = 1;
        Course.Lengths lengths = Course.Lengths.STANDARD;
        boolean isTable = true;
        Optional<Path> plot = Optional.empty();
        Optional<Path> from = Optional.empty();
        boolean isQuiet;
    }

    /**
     * Reads the words after {@code sim}.
     *
     * @throws IllegalArgumentException for wrong ones, with what to say instead
     */
    static ScaleOptions of(List<String> words) {
        Said said = new Said();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            switch (word) {
                case "--scale" -> {}
                case "--quiet" -> said.isQuiet = true;
                default -> {
                    int equals = word.startsWith("--") ? word.indexOf('=') : -1;
                    if (equals > 0) {
                        take(said, word.substring(0, equals), word.substring(equals + 1));
                    } else {
                        take(said, word, i + 1 < words.size() ? words.get(++i) : "");
                    }
                }
            }
        }
        List<Size> sizes = new ArrayList<>();
        for (int trackers : said.trackers) {
            for (int nodes : said.nodes) {
                sizes.add(new Size(nodes, trackers, said.seed));
            }
        }
        return new ScaleOptions(
                sizes, said.lengths, said.isTable, said.plot, said.from, said.isQuiet);
    }

    private static void take(Said said, String option, String value) {
        switch (option) {
            case "--nodes" -> said.nodes = numbers(option, value);
            case "--trackers" -> said.trackers = numbers(option, value);
            case "--seed" -> said.seed = number(option, value);
            case "--seconds" ->
                    said.lengths =
                            said.lengths.withCounting(Duration.ofSeconds(number(option, value)));
            case "--lookups" ->
                    said.lengths = said.lengths.withLookups(small(number(option, value)));
            case "-o", "--output" -> {
                if (!value.equals("table") && !value.equals("json")) {
                    throw new IllegalArgumentException(
                            option + " takes table or json, not " + quoted(value));
                }
                said.isTable = value.equals("table");
            }
            case "--plot" -> said.plot = Optional.of(file(option, value));
            case "--from" -> said.from = Optional.of(file(option, value));
            default ->
                    throw new IllegalArgumentException(
                            "--scale has no option " + option + ": see orb sim --help");
        }
    }

    private static Path file(String option, String value) {
        try {
            if (!value.isEmpty() && !value.startsWith("-")) {
                return Path.of(value);
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(option + " takes a file, not " + quoted(value), e);
        }
        throw new IllegalArgumentException(option + " takes a file, not " + quoted(value));
    }

    private static List<Integer> numbers(String option, String value) {
        List<Integer> numbers = new ArrayList<>();
        for (String each : value.split(",", -1)) {
            try {
                numbers.add(Integer.parseInt(each.strip()));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        option + " takes whole numbers, as 100,1000, not " + quoted(value), e);
            }
        }
        return numbers;
    }

    private static long number(String option, String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    option + " takes a whole number, not " + quoted(value), e);
        }
    }

    /** What does not fit is refused where its bounds are known. */
    private static int small(long number) {
        return Math.clamp(number, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private static String quoted(String value) {
        return value.isEmpty() ? "nothing" : "'" + value + "'";
    }
}
