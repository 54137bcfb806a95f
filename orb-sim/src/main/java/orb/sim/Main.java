package orb.sim;

import java.time.Duration;
import java.util.List;
import orb.kernel.Digest;

/**
 * {@code orb sim}: runs simulated swarms from the command line; {@code --seed N} replays one with
 * its whole trace, {@code --seeds N} runs the first N.
 */
public final class Main {
    private static final String USAGE =
            "usage: orb sim --seed N [--quiet] | --seeds N [--from N] [--nodes N] [--seconds N]";

    private Main() {}

    /** Exit code 0 if nothing went wrong, 1 if something did, 2 for wrong words. */
    public static void main(String[] words) {
        try {
            System.exit(run(Options.of(List.of(words))) ? 0 : 1);
        } catch (IllegalArgumentException e) {
            System.err.println("orb: " + e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
        }
    }

    private static boolean run(Options options) {
        boolean good = true;
        long calls = 0;
        for (long seed = options.from(); seed < options.from() + options.seeds(); seed++) {
            Course course =
                    Course.run(
                            seed,
                            options.nodes(),
                            Duration.ofSeconds(options.seconds()),
                            Faults.ALL,
                            line -> {
                                if (options.aloud()) {
                                    System.out.println(line);
                                }
                            });
            calls += course.completed();
            if (!course.violations().isEmpty()) {
                good = false;
                System.out.println("seed " + seed + " went wrong:");
                course.violations().forEach(what -> System.out.println("  " + what));
                System.out.println("  replay with ./orb sim --seed " + seed);
            }
            if (options.seeds() == 1) {
                Digest trace = course.trace();
                System.out.println("seed " + seed + ": trace " + trace + ", " + course.lines()
                        + " events, " + course.completed() + " calls completed");
            }
        }
        System.err.println(options.seeds() + " seeds, " + calls + " calls completed, "
                + (good ? "nothing went wrong" : "something went wrong"));
        return good;
    }

    private record Options(long from, long seeds, int nodes, int seconds, boolean aloud) {
        static Options of(List<String> words) {
            long from = 0;
            long seeds = 0;
            int nodes = 3;
            int seconds = 60;
            boolean quiet = false;
            boolean one = false;
            for (int i = 0; i < words.size(); i++) {
                String word = words.get(i);
                if (word.equals("--quiet")) {
                    quiet = true;
                    continue;
                }
                long number = number(words, ++i, word);
                switch (word) {
                    case "--seed" -> {
                        from = number;
                        seeds = 1;
                        one = true;
                    }
                    case "--seeds" -> seeds = number;
                    case "--from" -> from = number;
                    case "--nodes" -> nodes = Math.toIntExact(number);
                    case "--seconds" -> seconds = Math.toIntExact(number);
                    default -> throw new IllegalArgumentException("unknown option " + word);
                }
            }
            if (seeds < 1) {
                throw new IllegalArgumentException("say --seed N or --seeds N");
            }
            return new Options(from, seeds, nodes, seconds, one && !quiet);
        }

        private static long number(List<String> words, int at, String option) {
            try {
                return Long.parseLong(words.get(at));
            } catch (IndexOutOfBoundsException | NumberFormatException e) {
                throw new IllegalArgumentException(option + " takes a whole number");
            }
        }
    }
}
