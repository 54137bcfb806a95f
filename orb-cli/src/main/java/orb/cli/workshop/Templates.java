package orb.cli.workshop;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Functions to start from; each works as it is. */
public final class Templates {
    private Templates() {}

    /** Languages that have a template. */
    public enum Language {
        JS(List.of("orb.yaml", "hello.js")),
        C(List.of("orb.yaml", "hello.c"));

        private final List<String> files;

        Language(List<String> files) {
            this.files = files;
        }
    }

    /** Writes the template's files into a new folder, {@code @name@} replaced by the name. */
    public static void write(Language language, String name, Path folder) throws IOException {
        Files.createDirectories(folder);
        for (String file : language.files) {
            String resource =
                    "/orb/cli/templates/"
                            + language.name().toLowerCase(java.util.Locale.ROOT)
                            + "/"
                            + file;
            try (InputStream in = Templates.class.getResourceAsStream(resource)) {
                if (in == null) {
                    throw new IllegalStateException("this build lacks " + resource);
                }
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                Files.writeString(folder.resolve(file), text.replace("@name@", name));
            }
        }
    }
}
