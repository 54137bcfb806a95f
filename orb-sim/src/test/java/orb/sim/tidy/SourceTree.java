package orb.sim.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** All text of the project that people write, by its path from the root. */
record SourceTree(SortedMap<String, String> files, List<Source> java) {
    private static final String WRITTEN =
            ".*\\.(java|md|xml|ts|mjs|json|html|css|yaml|yml|txt|sh|c|h|js|wat)|orb|run|\\.npmrc";
    private static final List<String> GENERATED =
            List.of("target", "node_modules", ".git", ".idea", ".vscode");

    static SourceTree of(Map<String, String> files) {
        var sorted = new TreeMap<>(files);
        var java =
                sorted.entrySet().stream()
                        .filter(f -> f.getKey().endsWith(".java"))
                        .map(f -> Source.of(f.getKey(), f.getValue()))
                        .toList();
        return new SourceTree(sorted, java);
    }

    static SourceTree read(Path root) {
        var files = new TreeMap<String, String>();
        try {
            Files.walkFileTree(root, new Reader(root, files));
        } catch (IOException e) {
            throw new UncheckedIOException("reading the project in " + root, e);
        }
        return of(files);
    }

    /** The root of the project that this test belongs to. */
    static Path root() {
        var given = Optional.ofNullable(System.getProperty("orb.root"));
        var root = given.map(Path::of).orElse(Path.of("").toAbsolutePath());
        while (!Files.exists(root.resolve("tidy-exceptions.txt"))) {
            root =
                    Optional.ofNullable(root.getParent())
                            .orElseThrow(() -> new IllegalStateException("not in the project"));
        }
        return root;
    }

    Optional<String> file(String path) {
        return Optional.ofNullable(files.get(path));
    }

    /** The folders of the modules that exist, in order of name. */
    List<String> modules() {
        return files.keySet().stream()
                .filter(path -> path.matches("orb-\\w+/pom\\.xml"))
                .map(path -> path.substring(0, path.indexOf('/')))
                .toList();
    }

    private static final class Reader extends SimpleFileVisitor<Path> {
        private static final long SIZE_MAX = 1 << 20;
        private final Path root;
        private final Map<String, String> files;

        Reader(Path root, Map<String, String> files) {
            this.root = root;
            this.files = files;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean skip = GENERATED.contains(String.valueOf(folder.getFileName()));
            return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            boolean written = String.valueOf(file.getFileName()).matches(WRITTEN);
            if (written && attributes.isRegularFile() && attributes.size() < SIZE_MAX) {
                var path = root.relativize(file).toString().replace('\\', '/');
                files.put(path, Files.readString(file));
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
        }
    }
}
