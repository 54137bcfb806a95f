package orb.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import run.endive.wasm.types.Value;

/** One script of the WebAssembly specification's tests, as {@code wast2json} writes it. */
record SpecScript(String name, Path folder, List<Command> commands) {

    /** One step of a script: a module, an action or an assertion. */
    record Command(Map<String, Object> fields) {
        String type() {
            return text("type");
        }

        int line() {
            return Integer.parseInt(text("line"));
        }

        /** The field, or an empty text if there is none. */
        String text(String field) {
            return fields.get(field) instanceof String text ? text : "";
        }

        Optional<Command> action() {
            return fields.get("action") instanceof Map<?, ?> action
                    ? Optional.of(new Command(named(action)))
                    : Optional.empty();
        }

        /** The values that go in, or that are to come out. */
        List<Constant> constants(String field) {
            List<Constant> constants = new ArrayList<>();
            if (fields.get(field) instanceof List<?> list) {
                for (Object each : list) {
                    Command constant = new Command(named((Map<?, ?>) each));
                    constants.add(new Constant(constant.type(), constant.text("value")));
                }
            }
            return constants;
        }

        private static Map<String, Object> named(Map<?, ?> map) {
            Map<String, Object> named = new LinkedHashMap<>();
            map.forEach((name, value) -> named.put((String) name, value));
            return named;
        }
    }

    /** A value, or a pattern of NaNs or references. */
    record Constant(String type, String value) {
        boolean isHostReference() {
            return type.equals("externref");
        }

        boolean isNull() {
            return value.equals("null");
        }

        long bits() {
            return isNull() ? Value.REF_NULL_VALUE : Long.parseUnsignedLong(value);
        }

        /** Whether a NaN was to come and one came, of whatever bits. */
        boolean isSomeNan(long found) {
            double number =
                    type.equals("f64")
                            ? Double.longBitsToDouble(found)
                            : Float.intBitsToFloat((int) found);
            return value.startsWith("nan:") && Double.isNaN(number);
        }

        boolean matches(long found) {
            boolean isLong = type.equals("i64") || type.equals("f64");
            boolean isDouble = type.equals("f64");
            long quiet = isDouble ? 0x7ff8_0000_0000_0000L : 0x7fc0_0000L;
            long magnitude = isDouble ? found & Long.MAX_VALUE : found & 0x7fff_ffffL;
            return switch (value) {
                case "" -> found != Value.REF_NULL_VALUE;
                case "nan:canonical" -> magnitude == quiet;
                case "nan:arithmetic" -> (magnitude & quiet) == quiet;
                default -> isLong ? found == bits() : (int) found == (int) bits();
            };
        }
    }

    static SpecScript read(Path json) throws IOException {
        Object whole = new Json(Files.readString(json)).value();
        List<Command> commands = new ArrayList<>();
        for (Object each : (List<?>) ((Map<?, ?>) whole).get("commands")) {
            commands.add(new Command(Command.named((Map<?, ?>) each)));
        }
        String name = json.getFileName().toString().replaceFirst("[.]json$", "");
        return new SpecScript(name, json.getParent(), commands);
    }

    /** Reads what {@code wast2json} writes: objects, arrays, strings and numbers, these as text. */
    private static final class Json {
        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        Object value() {
            return switch (peek()) {
                case '{' -> object();
                case '[' -> array();
                case '"' -> string();
                default -> number();
            };
        }

        private char peek() {
            while (" \n\r\t,:".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return text.charAt(at);
        }

        private Map<String, Object> object() {
            Map<String, Object> object = new LinkedHashMap<>();
            at++;
            while (peek() != '}') {
                String name = string();
                object.put(name, value());
            }
            at++;
            return object;
        }

        private List<Object> array() {
            List<Object> array = new ArrayList<>();
            at++;
            while (peek() != ']') {
                array.add(value());
            }
            at++;
            return array;
        }

        private String number() {
            int from = at;
            while (Character.isDigit(text.charAt(at))) {
                at++;
            }
            return text.substring(from, at);
        }

        private String string() {
            StringBuilder out = new StringBuilder();
            peek();
            for (at++; text.charAt(at) != '"'; at++) {
                if (text.charAt(at) != '\\') {
                    out.append(text.charAt(at));
                } else if (text.charAt(++at) == 'u') {
                    out.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                    at += 4;
                } else {
                    int escape = "nrtbf".indexOf(text.charAt(at));
                    out.append(escape < 0 ? text.charAt(at) : "\n\r\t\b\f".charAt(escape));
                }
            }
            at++;
            return out.toString();
        }
    }
}
