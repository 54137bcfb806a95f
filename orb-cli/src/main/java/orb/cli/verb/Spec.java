package orb.cli.verb;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import orb.cli.ExitCode;
import orb.cli.Options;
import orb.cli.client.Output;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code orb spec}: how many of the promises work. */
@Command(
        name = "spec",
        description = "How many promises of the specification work.",
        mixinStandardHelpOptions = true)
public final class Spec implements Callable<Integer> {
    private static final Pattern ROW =
            Pattern.compile("^\\| *([A-K][0-9]{1,2}) *\\|[^|]*\\| *([a-z ]+?) *\\|.*");

    @Mixin private Options options = new Options();

    @Override
    public Integer call() {
        ObjectNode rows = JsonNodeFactory.instance.objectNode();
        int works = 0;
        for (String line : specification().lines().toList()) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows.put(row.group(1), row.group(2));
                works += row.group(2).equals("works") ? 1 : 0;
            }
        }
        ObjectNode counts = JsonNodeFactory.instance.objectNode();
        counts.put("works", works).put("total", rows.size());
        if (options.out().format() == Output.Format.TABLE) {
            options.out().line(works + " of " + rows.size() + " promises work");
        } else {
            counts.set("rows", rows);
            options.out().object(counts);
        }
        return ExitCode.OK;
    }

    private static String specification() {
        try (InputStream in = Spec.class.getResourceAsStream("/orb/cli/docs/SPECIFICATION.md")) {
            if (in == null) {
                throw new IllegalStateException("the specification is not in this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("reading the specification", e);
        }
    }
}
