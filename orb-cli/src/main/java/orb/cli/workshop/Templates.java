package orb.cli.workshop;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Functions to start from; each works as it is. */
public final class Templates {
    private Templates() {}

    /** Languages that have a template. */
    public enum Language {
        JS("hello.js"),
        AS("hello.ts", "package.json"),
        C("hello.c"),
        CPP("hello.cpp"),
        RUST("hello.rs");

        private final List<String> files;

        Language(String... sources) {
            List<String> all = new ArrayList<>(List.of("orb.yaml"));
            all.addAll(List.of(sources));
            this.files = List.copyOf(all);
        }

        /** What is to be done in a new folder before its first build. */
        public String firstStep(String folder) {
            return this == AS ? "(cd " + folder + " && npm install) && " : "";
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
