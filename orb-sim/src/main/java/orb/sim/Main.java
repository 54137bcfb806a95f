package orb.sim;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.sim.growth.Scale;

/**
 * {@code orb sim}: runs simulated swarms from the command line; {@code --seed N} replays one with
 * its whole trace, {@code --seeds N} runs many, {@code --scale} measures.
 */
public final class Main {
    private static final String USAGE =
            """
            usage: orb sim --seed N [OPTION]...     replay one seed, and print all that happens
                   orb sim --seeds N [OPTION]...    run many seeds, and print what went wrong
                   orb sim --scale [OPTION]...      measure how the figures of swarms grow

            A seed is a whole swarm: its size, its people and its faults are drawn from it.

              --from N        with --seeds, the first of them (0)
              --threads N     with --seeds, how many run at once (1)
              --quiet         with --seed, print only how it ended
              --twice         run each seed twice, and compare the two
              --trackers N    so many trackers instead of those that the seed draws
              --nodes N       so many nodes instead of those that the seed draws
              --seconds N     so many simulated seconds of people and faults
              --faults NAME   these faults: FAULTS
              --scarce yes|no whether peers have little of everything
              --help          this text

            With --scale nothing goes wrong; swarms of several sizes stand and are measured:

            SCALE
            Exit code 0 if nothing went wrong, 1 if something did, 2 for wrong words.
            """;

    private static final int EXIT_WRONG = 1;
    private static final int EXIT_USAGE = 2;

    private final PrintStream out;
    private final PrintStream err;

    private Main(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Ends the process with its exit code. */
    public static void main(String[] words) {
        int code = run(List.of(words), System.out, System.err);
        System.out.flush();
        System.err.flush();
        // not exit(): there is nothing to shut down, and the JDK would log a line about it
        Runtime.getRuntime().halt(code);
    }

    /**
     * Does what the words say.
     *
     * @return 0 if nothing went wrong, 1 if something did, 2 for wrong words
     */
    static int run(List<String> words, PrintStream out, PrintStream err) {
        try {
            if (words.contains("--help") || words.contains("-h")) {
                out.print(usage());
                return 0;
            }
            if (words.contains("--scale")) {
                Scale.run(words, out, err);
                return 0;
            }
            Options options = Options.of(words);
            Main main = new Main(out, err);
            return (options.isOne ? main.replay(options) : main.runMany(options)) ? 0 : EXIT_WRONG;
        } catch (IllegalArgumentException e) {
            err.println("orb: " + e.getMessage());
            err.print(usage());
            return EXIT_USAGE;
        }
    }

    private static String usage() {
        String names = Faults.all().stream().map(Faults::name).collect(Collectors.joining(", "));
        return USAGE.replace("FAULTS", names).replace("SCALE\n", Scale.USAGE + "\n");
    }

    private boolean replay(Options options) {
        Optional<Consumer<String>> reader =
                options.isQuiet ? Optional.empty() : Optional.of(out::println);
        Course course = Course.run(options.scenario(options.from), reader);
        boolean isGood = report(course, options);
        out.printf(
                "%s: trace %s, %d events, %d calls completed, refused %s%n",
                course.scenario(),
                course.trace(),
                course.lines(),
                course.completed(),
                course.refusals());
        return isGood;
    }

    private boolean runMany(Options options) {
        boolean isGood = true;
        long calls = 0;
        NavigableMap<ErrorCode, Integer> refusals = new TreeMap<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(options.threads)) {
            List<Future<Course>> courses = new ArrayList<>();
            for (long seed = options.from; seed < options.from + options.seeds; seed++) {
                Scenario scenario = options.scenario(seed);
                courses.add(threads.submit(() -> Course.run(scenario, Optional.empty())));
            }
            for (Future<Course> each : courses) {
                Course course = each.get();
                calls += course.completed();
                course.refusals().forEach((code, n) -> refusals.merge(code, n, Integer::sum));
                isGood &= report(course, options);
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("a run ended early", e);
        }
        err.printf(
                "%d seeds, %d calls completed, refused %s: %s%n",
                options.seeds,
                calls,
                refusals,
                isGood ? "nothing went wrong" : "something went wrong");
        return isGood;
    }

    /** Says what went wrong in a run; whether nothing did. */
    private boolean report(Course course, Options options) {
        List<String> wrong = new ArrayList<>(course.violations());
        if (options.isTwice) {
            Digest again = Course.trace(course.scenario());
            if (!again.equals(course.trace())) {
                wrong.add("two runs differ: " + course.trace() + " and " + again);
            }
        }
        if (!wrong.isEmpty()) {
            out.println("seed " + course.scenario().seed() + " went wrong:");
            wrong.forEach(what -> out.println("  " + what));
            out.println("  replay with ./orb sim " + course.scenario());
        }
        return wrong.isEmpty();
    }

    private static final class Options {
        private long from;
        private long seeds;
        private int threads = 1;
        private boolean isOne;
        private boolean isQuiet;
        private boolean isTwice;
        private UnaryOperator<Scenario> changes = UnaryOperator.identity();

        static Options of(List<String> words) {
            Options options = new Options();
            for (int i = 0; i < words.size(); i++) {
                String word = words.get(i);
                switch (word) {
                    case "--quiet" -> options.isQuiet = true;
                    case "--twice" -> options.isTwice = true;
                    default -> options.take(word, i + 1 < words.size() ? words.get(++i) : "");
                }
            }
            if (options.seeds < 1) {
                throw new IllegalArgumentException("say --seed N, --seeds N or --scale");
            }
            return options;
        }

        private void take(String option, String value) {
            switch (option) {
                case "--seed" -> {
                    from = number(option, value);
                    seeds = 1;
                    isOne = true;
                }
                case "--seeds" -> seeds = number(option, value);
                case "--from" -> from = number(option, value);
                case "--threads" -> threads = Math.clamp(number(option, value), 1, 64);
                case "--trackers" -> {
                    int trackers = Math.clamp(number(option, value), 0, 1000);
                    change(scenario -> scenario.withTrackers(trackers));
                }
                case "--nodes" -> {
                    int nodes = Math.clamp(number(option, value), 0, 1000);
                    change(scenario -> scenario.withNodes(nodes));
                }
                case "--seconds" -> {
                    Duration busy = Duration.ofSeconds(number(option, value));
                    change(scenario -> scenario.withBusy(busy));
                }
                case "--faults" -> {
                    Optional<Faults> faults = Faults.named(value);
                    if (faults.isEmpty()) {
                        throw new IllegalArgumentException("no faults are called " + value);
                    }
                    change(scenario -> scenario.withFaults(faults.get()));
                }
                case "--scarce" -> {
                    if (!value.equals("yes") && !value.equals("no")) {
                        throw new IllegalArgumentException("--scarce takes yes or no");
                    }
                    change(scenario -> scenario.withScarcity(value.equals("yes")));
                }
                default -> throw new IllegalArgumentException("unknown option " + option);
            }
        }

        private void change(UnaryOperator<Scenario> change) {
            UnaryOperator<Scenario> before = changes;
            changes = scenario -> change.apply(before.apply(scenario));
        }

        Scenario scenario(long seed) {
            return changes.apply(Scenario.of(seed));
        }

        private static long number(String option, String value) {
            try {
                return Long.parseLong(value);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(option + " takes a whole number", e);
            }
        }
    }
}
