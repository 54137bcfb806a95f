package orb.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.RefusedException;
import run.endive.wasm.WasmEngineException;

/** Runs the scripts of the specification's tests on one engine and notes what became of each. */
final class SpecRun {
    /** What became of an assertion. */
    sealed interface Fate {
        record Holds() implements Fate {}

        record Fails(String how) implements Fate {}

        /** A NaN came where one must, but not one of those that the specification allows. */
        record OtherNan() implements Fate {}

        /** The module that it is about was not let in. */
        record NotAdmitted(String why) implements Fate {}
    }

    private static final Fate HOLDS = new Fate.Holds();
    private static final Fate NO_REFERENCE = new Fate.NotAdmitted("a reference of the host");

    /** By {@code file:line}. */
    final Map<String, Fate> fates = new TreeMap<>();

    private final SpecScript script;
    private final SpecEngine engine;
    private final Map<String, Optional<SpecEngine.Unit>> named = new TreeMap<>();
    private Optional<SpecEngine.Unit> current = Optional.empty();
    private Fate absence = HOLDS;

    private SpecRun(SpecScript script, SpecEngine engine) {
        this.script = script;
        this.engine = engine;
    }

    static Map<String, Fate> fates(SpecScript script, SpecEngine engine) throws IOException {
        SpecRun run = new SpecRun(script, engine);
        for (SpecScript.Command command : script.commands()) {
            Optional<Fate> fate = run.step(command);
            if (fate.isPresent()) {
                run.fates.put(script.name() + ":" + command.line(), fate.get());
            }
        }
        return run.fates;
    }

    private Optional<Fate> step(SpecScript.Command command) throws IOException {
        return switch (command.type()) {
            case "module" -> Optional.of(module(command));
            case "register" -> {
                unit(command.text("name")).ifPresent(u -> engine.register(command.text("as"), u));
                yield Optional.empty();
            }
            case "action" -> Optional.of(onUnit(command, u -> returns(u, command)));
            case "assert_return" -> Optional.of(onUnit(command, u -> returns(u, command)));
            case "assert_trap", "assert_exhaustion" ->
                    Optional.of(onUnit(command, u -> traps(u, command)));
            case "assert_invalid", "assert_malformed" ->
                    // what is only malformed as text never becomes bytes
                    command.text("module_type").equals("text")
                            ? Optional.empty()
                            : Optional.of(rejects(() -> engine.check(bytes(command))));
            case "assert_unlinkable", "assert_uninstantiable" ->
                    Optional.of(rejects(() -> engine.instantiate(bytes(command))));
            default -> throw new IllegalStateException("a step of type " + command.type());
        };
    }

    private byte[] bytes(SpecScript.Command command) throws IOException {
        return Files.readAllBytes(script.folder().resolve(command.text("filename")));
    }

    private Fate module(SpecScript.Command command) throws IOException {
        current = Optional.empty();
        absence = HOLDS;
        try {
            current = Optional.of(engine.instantiate(bytes(command)));
        } catch (RefusedException e) {
            absence = new Fate.NotAdmitted(e.refusal().toString());
        } catch (RuntimeException | StackOverflowError e) {
            absence = new Fate.Fails("the module does not start: " + e);
        }
        if (!command.text("name").isEmpty()) {
            named.put(command.text("name"), current);
        }
        return absence;
    }

    private Optional<SpecEngine.Unit> unit(String name) {
        return name.isEmpty() ? current : named.getOrDefault(name, Optional.empty());
    }

    private interface OnUnit {
        Fate apply(SpecEngine.Unit unit);
    }

    private Fate onUnit(SpecScript.Command command, OnUnit test) {
        SpecScript.Command action = command.action().orElseThrow();
        Optional<SpecEngine.Unit> unit = unit(action.text("module"));
        return unit.isPresent()
                ? test.apply(unit.get())
                : new Fate.NotAdmitted("it is about a module that did not start");
    }

    private static long[] perform(SpecEngine.Unit unit, SpecScript.Command command) {
        SpecScript.Command action = command.action().orElseThrow();
        String field = action.text("field");
        return action.type().equals("get")
                ? new long[] {unit.get(field)}
                : unit.invoke(field, action.constants("args"));
    }

    private static Fate returns(SpecEngine.Unit unit, SpecScript.Command command) {
        long[] found;
        try {
            found = perform(unit, command);
        } catch (SpecEngine.HostReferenceException e) {
            return NO_REFERENCE;
        } catch (RuntimeException | StackOverflowError e) {
            return new Fate.Fails("throws " + e);
        }
        List<SpecScript.Constant> expected = command.constants("expected");
        if (command.type().equals("action")) {
            return HOLDS;
        }
        Fate fate = found.length == expected.size() ? HOLDS : new Fate.Fails("another number");
        for (int i = 0; fate.equals(HOLDS) && i < found.length; i++) {
            if (expected.get(i).isSomeNan(found[i]) && !expected.get(i).matches(found[i])) {
                fate = new Fate.OtherNan();
            } else if (!expected.get(i).matches(found[i])) {
                fate = new Fate.Fails("gives " + Arrays.toString(found) + " for " + expected);
            }
        }
        return fate;
    }

    private static Fate traps(SpecEngine.Unit unit, SpecScript.Command command) {
        try {
            perform(unit, command);
        } catch (SpecEngine.HostReferenceException e) {
            return NO_REFERENCE;
        } catch (RuntimeException | StackOverflowError e) {
            return unit.isTrap(command.text("text"), e)
                    ? HOLDS
                    : new Fate.Fails("for " + command.text("text") + " throws " + e);
        }
        return new Fate.Fails("does not trap: " + command.text("text"));
    }

    private interface Attempt {
        void run() throws IOException;
    }

    private static Fate rejects(Attempt attempt) throws IOException {
        try {
            attempt.run();
        } catch (RefusedException | WasmEngineException | Stop e) {
            return HOLDS;
        } catch (RuntimeException e) {
            return new Fate.Fails("breaks: " + e);
        }
        return new Fate.Fails("is accepted");
    }
}
