package orb.host.build;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Fuel;
import orb.kernel.FunctionName;
import orb.kernel.Header;
import orb.kernel.Limits;
import orb.kernel.RefusedException;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Grants;
import orb.kernel.message.Origin;

/**
 * Reads a manifest strictly: every key is known, every value has its form, and what this version of
 * Orb could not keep (a region, a higher assurance level, a trigger other than HTTP) is refused
 * instead of being passed over. Refusals name the line. Not thread-safe.
 */
final class ManifestReader {
    private static final int LINE_MAX = 4_096;
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})(B|KiB|MiB|GiB)");
    private static final Pattern WALL = Pattern.compile("([0-9]{1,9})(ms|s|m)");
    private static final Pattern NUMBER = Pattern.compile("[0-9](_?[0-9]){0,17}");
    private static final Pattern VERSION = Pattern.compile("[0-9A-Za-z][0-9A-Za-z.+-]{0,31}");

    private final String file;

    ManifestReader(String file) {
        this.file = file;
    }

    Manifest read(Bytes text) {
        if (text.length() > Manifest.FILE_MAX) {
            throw Yaml.invalid(file, 1, "a manifest has at most " + Manifest.FILE_MAX + " bytes");
        }
        Section all = section(Yaml.parse(file, text), "the manifest");
        String name = all.required("name", this::label);
        String version = all.required("version", node -> matching(node, VERSION, "a version"));
        Optional<String> build = all.optional("build", this::line);
        Optional<String> source = all.optional("source", this::path);
        Optional<String> artefact = all.optional("artefact", this::path);
        Optional<String> entry = all.optional("entry", node -> oneOf(node, FunctionFacts.SHAPES));
        Manifest manifest =
                new Manifest(
                        name,
                        version,
                        build,
                        source,
                        artefact,
                        entry,
                        all.optional("limits", this::limits).orElse(Limits.DEFAULT),
                        grants(
                                all.optional("capabilities", n -> n),
                                all.optional("idempotent", this::truth).orElse(false)),
                        all.optional("plan", this::label),
                        all.optional("replicas", this::replicas).orElse(1),
                        all.optional("policy", this::policy).orElse(Manifest.Policy.DEFAULT),
                        all.optional("triggers", this::triggers).orElse(List.of("http")),
                        sample(all.optional("sample", node -> section(node, "sample"))));
        all.end();
        if (source.isPresent() == artefact.isPresent()) {
            throw all.invalid(
                    "give either source (a script) or artefact (a .wasm file, or a program)");
        }
        if (entry.isPresent() && entry.get().equals("script") != source.isPresent()) {
            throw all.invalid("entry: script goes with source, the others with artefact");
        }
        return manifest;
    }

    private Limits limits(Yaml.Node node) {
        Section limits = section(node, "limits");
        Optional<ByteSize> memory = limits.optional("memory", this::size);
        Optional<Fuel> fuel = limits.optional("fuel", n -> new Fuel(number(n)));
        Optional<Duration> wall = limits.optional("wall", this::wall);
        limits.end();
        return checked(
                node,
                () ->
                        new Limits(
                                memory.orElse(Limits.DEFAULT.memory()),
                                fuel.orElse(Limits.DEFAULT.fuel()),
                                wall.orElse(Limits.DEFAULT.wall())));
    }

    private Manifest.Policy policy(Yaml.Node node) {
        Section policy = section(node, "policy");
        List<String> regions = policy.optional("regions", this::texts).orElse(List.of());
        if (!regions.isEmpty()) {
            throw policy.invalid("regions: no host can prove where it stands yet; leave it out");
        }
        String assurance =
                policy.optional("assurance", n -> oneOf(n, List.of("L0", "L1"))).orElse("L0");
        if (policy.optional("egress", n -> n).isPresent()) {
            throw policy.invalid("egress: there is none but to the origins of capabilities.http");
        }
        policy.end();
        return new Manifest.Policy(regions, assurance);
    }

    private Grants grants(Optional<Yaml.Node> given, boolean idempotent) {
        if (given.isEmpty()) {
            return new Grants(new ByteSize(0), List.of(), List.of(), idempotent);
        }
        Section capabilities = section(given.get(), "capabilities");
        ByteSize kv = capabilities.optional("kv", this::quota).orElse(new ByteSize(0));
        List<Origin> http = capabilities.optional("http", this::origins).orElse(List.of());
        List<String> secrets = capabilities.optional("secrets", this::texts).orElse(List.of());
        capabilities.end();
        return checked(given.get(), () -> new Grants(kv, http, secrets, idempotent));
    }

    private ByteSize quota(Yaml.Node node) {
        Section kv = section(node, "kv");
        ByteSize quota = kv.required("quota", this::size);
        kv.end();
        return quota;
    }

    private List<Origin> origins(Yaml.Node node) {
        return checked(node, () -> texts(node).stream().map(Origin::parse).toList());
    }

    private boolean truth(Yaml.Node node) {
        return oneOf(node, List.of("true", "false")).equals("true");
    }

    private List<String> triggers(Yaml.Node node) {
        List<String> triggers = texts(node);
        if (!triggers.equals(List.of("http"))) {
            throw Yaml.invalid(file, node.line(), "triggers: only [http] is offered yet");
        }
        return triggers;
    }

    private Manifest.Sample sample(Optional<Section> given) {
        if (given.isEmpty()) {
            return new Manifest.Sample(
                    "GET", "/", "", List.of(), Optional.empty(), Optional.empty());
        }
        Section sample = given.get();
        Optional<String> body = sample.optional("body", this::text);
        Optional<String> bodyFile = sample.optional("bodyFile", this::path);
        if (body.isPresent() && bodyFile.isPresent()) {
            throw sample.invalid("give body or bodyFile, not both");
        }
        boolean hasBody = body.isPresent() || bodyFile.isPresent();
        Pattern method = Pattern.compile("[A-Z]{1,16}");
        Pattern path = Pattern.compile("/[!-~]{0,4095}");
        Manifest.Sample read =
                new Manifest.Sample(
                        sample.optional("method", n -> matching(n, method, "a method"))
                                .orElse(hasBody ? "POST" : "GET"),
                        sample.optional("path", n -> matching(n, path, "a path")).orElse("/"),
                        sample.optional("query", this::line).orElse(""),
                        sample.optional("headers", this::headers).orElse(List.of()),
                        body,
                        bodyFile);
        sample.end();
        return read;
    }

    private List<Header> headers(Yaml.Node node) {
        Section section = section(node, "headers");
        List<Header> headers = new ArrayList<>();
        for (Map.Entry<String, Yaml.Node> pair : section.pairs.entrySet()) {
            String name = pair.getKey().toLowerCase(Locale.ROOT);
            headers.add(checked(pair.getValue(), () -> new Header(name, line(pair.getValue()))));
        }
        return headers;
    }

    private int replicas(Yaml.Node node) {
        long replicas = number(node);
        if (replicas < 1 || replicas > FunctionFacts.REPLICAS_MAX) {
            throw Yaml.invalid(
                    file,
                    node.line(),
                    "replicas are 1.." + FunctionFacts.REPLICAS_MAX + ", not " + replicas);
        }
        return (int) replicas;
    }

    private ByteSize size(Yaml.Node node) {
        Matcher size = match(node, SIZE, "a size such as 16MiB");
        long unit =
                switch (size.group(2)) {
                    case "B" -> 1;
                    case "KiB" -> 1L << 10;
                    case "MiB" -> 1L << 20;
                    default -> 1L << 30;
                };
        return checked(
                node, () -> new ByteSize(Math.multiplyExact(Long.parseLong(size.group(1)), unit)));
    }

    private Duration wall(Yaml.Node node) {
        Matcher wall = match(node, WALL, "a duration such as 2s");
        long count = Long.parseLong(wall.group(1));
        return switch (wall.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            default -> Duration.ofMinutes(count);
        };
    }

    private long number(Yaml.Node node) {
        return Long.parseLong(matching(node, NUMBER, "a whole number").replace("_", ""));
    }

    private String label(Yaml.Node node) {
        String text = text(node);
        if (!FunctionName.isLabel(text)) {
            throw Yaml.invalid(
                    file,
                    node.line(),
                    "\"" + text + "\" is not 1..63 of a-z, 0-9 and inner hyphens");
        }
        return text;
    }

    private String path(Yaml.Node node) {
        String text = text(node);
        if (!FolderFiles.isInside(text)) {
            throw Yaml.invalid(
                    file, node.line(), "\"" + text + "\" is not a path inside the folder");
        }
        return text;
    }

    private String oneOf(Yaml.Node node, List<String> words) {
        String text = text(node);
        if (!words.contains(text)) {
            throw Yaml.invalid(
                    file,
                    node.line(),
                    "\"" + text + "\" is not offered; what is: " + String.join(", ", words));
        }
        return text;
    }

    private String line(Yaml.Node node) {
        String text = text(node);
        if (text.length() > LINE_MAX || text.chars().anyMatch(c -> c < ' ' || c == 127)) {
            throw Yaml.invalid(
                    file,
                    node.line(),
                    "one line of at most " + LINE_MAX + " characters is expected");
        }
        return text;
    }

    private List<String> texts(Yaml.Node node) {
        if (node instanceof Yaml.Items(int line, List<Yaml.Node> items)) {
            return items.stream().map(this::text).toList();
        }
        throw Yaml.invalid(file, node.line(), "a list such as [a, b] is expected");
    }

    private String text(Yaml.Node node) {
        if (node instanceof Yaml.Text(int line, String text)) {
            return text;
        }
        throw Yaml.invalid(file, node.line(), "a single value is expected");
    }

    private String matching(Yaml.Node node, Pattern form, String what) {
        return match(node, form, what).group();
    }

    private Matcher match(Yaml.Node node, Pattern form, String what) {
        String text = text(node);
        Matcher matcher = form.matcher(text);
        if (!matcher.matches()) {
            throw Yaml.invalid(file, node.line(), "\"" + text + "\" is not " + what);
        }
        return matcher;
    }

    private <T> T checked(Yaml.Node node, Supplier<T> constructor) {
        try {
            return constructor.get();
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw Yaml.invalid(file, node.line(), String.valueOf(e.getMessage()));
        }
    }

    private Section section(Yaml.Node node, String what) {
        if (node instanceof Yaml.Mapping mapping) {
            return new Section(what, mapping);
        }
        throw Yaml.invalid(file, node.line(), what + " is not a mapping of keys to values");
    }

    /** A mapping whose keys are taken out one by one; what is left at the end is unknown. */
    private final class Section {
        private final String what;
        private final Yaml.Mapping mapping;
        private final Map<String, Yaml.Node> pairs;
        private final List<String> known = new ArrayList<>();

        private Section(String what, Yaml.Mapping mapping) {
            this.what = what;
            this.mapping = mapping;
            this.pairs = new LinkedHashMap<>(mapping.pairs());
        }

        private <T> Optional<T> optional(String key, Function<Yaml.Node, T> reader) {
            known.add(key);
            return Optional.ofNullable(pairs.remove(key)).map(reader);
        }

        private <T> T required(String key, Function<Yaml.Node, T> reader) {
            return optional(key, reader)
                    .orElseThrow(() -> invalid("the key \"" + key + "\" is missing"));
        }

        private void end() {
            for (String key : pairs.keySet()) {
                throw Yaml.invalid(
                        file,
                        mapping.lines().getOrDefault(key, mapping.line()),
                        "unknown key \""
                                + key
                                + "\" in "
                                + what
                                + "; known are "
                                + String.join(", ", known));
            }
        }

        private RefusedException invalid(String how) {
            return Yaml.invalid(file, mapping.line(), how);
        }
    }
}
