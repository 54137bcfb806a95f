package orb.sim.tidy;

import java.nio.file.Path;
import java.util.List;

/**
 * One Java file, with what is needed to read it without a compiler.
 *
 * @param path relative to the root of the project, with forward slashes
 * @param text the file as it is
 * @param code the same length, with comments and the inside of literals blanked
 * @param prose the same length, with only the inside of literals blanked
 */
record Source(String path, String text, String code, String prose) {
    static Source of(String path, String text) {
        return new Source(path, text, Blanking.code(text), Blanking.prose(text));
    }

    String module() {
        return path.substring(0, Math.max(0, path.indexOf('/')));
    }

    String folder() {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    String fileName() {
        return String.valueOf(Path.of(path).getFileName());
    }

    boolean isTest() {
        return path.contains("/src/test/");
    }

    List<String> lines() {
        return text.lines().toList();
    }

    int lineAt(int offset) {
        int line = 1;
        for (int i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) {
            line++;
        }
        return line;
    }
}
