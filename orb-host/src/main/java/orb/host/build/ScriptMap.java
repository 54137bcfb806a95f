package orb.host.build;

import static orb.kernel.Require.require;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import orb.kernel.Digest;

/**
 * From places in a shortened script back to its source, for its owner's eyes: it holds names, so it
 * stays beside the source and is in no package.
 *
 * <p>Immutable and thread-safe.
 *
 * @param places in the order of the shortened text
 */
public record ScriptMap(List<Place> places) {
    /** What modules of other languages have. */
    public static final ScriptMap NONE = new ScriptMap(List.of());

    private static final int PLACES_MAX = 500_000;
    private static final int FILES_MAX = 16;
    private static final String HEAD = "orb/map/1";

    /** A frame of a stack, with or without the name of a function before the place. */
    private static final Pattern FRAME =
            Pattern.compile(
                    "(?:(\\S+) \\()?function\\.js:([0-9]{1,7}):([0-9]{1,7})(\\)?)"
                            + "|\\n? +at \\S+ \\(<null>:0:1\\)");

    /**
     * Where a piece of the shortened text comes from; lines and columns are counted from 1.
     *
     * @param function the innermost function around it, empty at the top of the script
     */
    public record Place(int line, int column, int sourceLine, int sourceColumn, String function) {
        private static final Pattern FORM =
                Pattern.compile("([0-9]{1,9}) ([0-9]{1,9}) ([0-9]{1,9}) ([0-9]{1,9}) (\\S*)");

        private boolean isAfter(int otherLine, int otherColumn) {
            return line > otherLine || (line == otherLine && column > otherColumn);
        }

        private static Place parse(String text) throws IOException {
            Matcher form = FORM.matcher(text);
            if (!form.matches()) {
                throw new IOException("not a place in a script: " + text);
            }
            return new Place(
                    Integer.parseInt(form.group(1)),
                    Integer.parseInt(form.group(2)),
                    Integer.parseInt(form.group(3)),
                    Integer.parseInt(form.group(4)),
                    form.group(5));
        }

        @Override
        public String toString() {
            return line + " " + column + " " + sourceLine + " " + sourceColumn + " " + function;
        }
    }

    public ScriptMap {
        require(places.size() <= PLACES_MAX, "a map has at most %d places", PLACES_MAX);
        places = List.copyOf(places);
    }

    /**
     * A text with its frames as the source has them; frames of the platform's own code are left
     * out. Texts without frames come back as they are.
     *
     * @param file how the source is called
     */
    public String explain(String text, String file) {
        if (places.isEmpty()) {
            return text;
        }
        return FRAME.matcher(text)
                .replaceAll(frame -> Matcher.quoteReplacement(explained(frame, file)));
    }

    private String explained(MatchResult frame, String file) {
        if (frame.group(2) == null) {
            return "";
        }
        Optional<Place> found =
                at(Integer.parseInt(frame.group(2)), Integer.parseInt(frame.group(3)));
        if (found.isEmpty()) {
            return frame.group();
        }
        Place place = found.get();
        String where = file + ":" + place.sourceLine + ":" + place.sourceColumn;
        if (frame.group(1) == null) {
            return where + frame.group(4);
        }
        String name = place.function.isEmpty() ? frame.group(1) : place.function;
        return name + " (" + where + frame.group(4);
    }

    /** The last place that is not behind this one. */
    private Optional<Place> at(int line, int column) {
        int low = 0;
        int high = places.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (places.get(middle).isAfter(line, column)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low == 0 ? Optional.empty() : Optional.of(places.get(low - 1));
    }

    /**
     * Keeps it beside the source, by the digest of the artefact, with those of the latest builds; a
     * folder that cannot be written stays without.
     */
    public void keep(Path folder, Digest artefact) {
        if (places.isEmpty()) {
            return;
        }
        Path maps = maps(folder);
        List<String> lines = new ArrayList<>(List.of(HEAD));
        places.forEach(place -> lines.add(place.toString()));
        try {
            Files.createDirectories(maps);
            Files.write(folder.resolve(".orb/.gitignore"), List.of("*"));
            Files.write(maps.resolve(artefact.hex()), lines);
            for (Path old : eldest(maps)) {
                Files.deleteIfExists(old);
            }
        } catch (IOException e) {
            // a build is not worth less where its folder is read-only: only failures are harder
            return;
        }
    }

    private static List<Path> eldest(Path maps) throws IOException {
        try (Stream<Path> files = Files.list(maps)) {
            Comparator<Path> age = Comparator.comparing(file -> file.toFile().lastModified());
            return files.sorted(age.reversed()).skip(FILES_MAX).toList();
        }
    }

    /** What {@link #keep} kept of this artefact, if the folder has it and it is whole. */
    public static Optional<ScriptMap> find(Path folder, Digest artefact) {
        List<Place> places = new ArrayList<>();
        try (Stream<String> lines = Files.lines(maps(folder).resolve(artefact.hex()))) {
            List<String> all = lines.limit(PLACES_MAX + 1L).toList();
            if (all.isEmpty() || !all.getFirst().equals(HEAD)) {
                return Optional.empty();
            }
            for (String line : all.subList(1, all.size())) {
                places.add(Place.parse(line));
            }
            return Optional.of(new ScriptMap(places));
        } catch (IOException | java.io.UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static Path maps(Path folder) {
        return folder.resolve(".orb/maps");
    }
}
