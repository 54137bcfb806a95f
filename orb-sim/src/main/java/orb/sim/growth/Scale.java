package orb.sim.growth;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * {@code orb sim --scale}: measures swarms of several sizes, one after the other, and prints how
 * their figures grow. Data go to the one stream, how far it is to the other.
 */
public final class Scale {
    /** What {@code orb sim --help} says of it. */
    public static final String USAGE =
            """
              --nodes LIST    so many nodes, as 100,1000 (100,1000,10000)
              --trackers LIST each size with so many trackers, as 4,31 (4,31)
              --seed N        where all chance comes from (1)
              --seconds N     simulated seconds in which messages are counted (60)
              --lookups N     records that are looked up (1000)
              -o FORMAT       table, or json: one object a line (table)
              --plot FILE     also draw the figures into this SVG file
              --from FILE     take rows that are in this file and do not measure them again;
                              -o json wrote it
              --quiet         do not say on standard error how far it is
            """;

    private static final Duration SAY_EVERY = Duration.ofSeconds(5);

    private final ScaleOptions options;
    private final PrintStream out;
    private final PrintStream err;

    private Scale(ScaleOptions options, PrintStream out, PrintStream err) {
        this.options = options;
        this.out = out;
        this.err = err;
    }

    /**
     * Does what the words say.
     *
     * @throws IllegalArgumentException for wrong words
     */
    public static void run(List<String> words, PrintStream out, PrintStream err) {
        new Scale(ScaleOptions.of(words), out, err).run();
    }

    private void run() {
        options.plot().ifPresent(Scale::requireWritable);
        List<Figures> before = options.from().map(Scale::read).orElse(List.of());
        List<Figures> rows = new ArrayList<>();
        if (options.isTable()) {
            out.println(FiguresTable.HEAD);
        }
        for (Size size : options.sizes()) {
            Figures row =
                    before.stream()
                            .filter(known -> known.size().equals(size))
                            .findFirst()
                            .orElseGet(() -> measured(size));
            rows.add(row);
            out.println(options.isTable() ? FiguresTable.line(row) : FiguresJson.line(row));
            out.flush();
        }
        options.plot().ifPresent(file -> write(file, Plot.draw(rows)));
    }

    private Figures measured(Size size) {
        return Course.run(size, options.lengths(), progress(size));
    }

    private static List<Figures> read(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> !line.isBlank()).map(FiguresJson::row).toList();
        } catch (IOException | UncheckedIOException e) {
            throw new IllegalArgumentException("--from cannot read " + file, e);
        }
    }

    /** Before minutes of work, not after them. */
    private static void requireWritable(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file) || folder == null || !Files.isWritable(folder)) {
            throw new IllegalArgumentException(
                    "--plot cannot write " + file + ": name a file in a folder that is there");
        }
    }

    private static void write(Path file, String content) {
        try {
            Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException("writing " + file, e);
        }
    }

    private Consumer<String> progress(Size size) {
        if (options.isQuiet()) {
            return _ -> {};
        }
        Instant begun = Instant.now();
        Instant[] next = {begun};
        return what -> {
            Instant now = Instant.now();
            if (!now.isBefore(next[0])) {
                next[0] = now.plus(SAY_EVERY);
                long seconds = Duration.between(begun, now).toSeconds();
                err.println(size + ": " + what + " (" + seconds + " s)");
            }
        };
    }
}
