package orb.cli.workshop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import orb.host.build.FunctionPackage;
import orb.host.build.ScriptNames;
import orb.host.build.ShortScript;
import orb.host.capability.TrialCalls;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Limits;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.message.Grants;
import orb.sandbox.Module;
import orb.sandbox.Run;
import orb.sandbox.RunInputs;
import orb.sandbox.Sandbox;

/** Runs one function once in a sandbox of this process. */
public final class Trial {
    private Trial() {}

    /** What replaces parts of the sample input. */
    public record Input(Optional<Bytes> body, Optional<String> path, Optional<String> query) {
        Request over(Request sample) {
            return new Request(
                    sample.method(),
                    path.orElse(sample.path()),
                    query.orElse(sample.query()),
                    sample.headers(),
                    body.orElse(sample.body()));
        }
    }

    /**
     * What came of it, and how long compiling took.
     *
     * @param explain puts the places of the source into a failure's text, where the source is known
     */
    public record Ran(Run run, long prepareNanos, UnaryOperator<String> explain) {}

    private record Ready(
            Bytes artefact,
            Limits limits,
            Grants grants,
            Request sample,
            UnaryOperator<String> explain) {}

    /** Runs a package, a module, a script or a folder. */
    public static Ran run(Path file, Input input) throws IOException {
        Ready ready = ready(file);
        Sandbox sandbox = Engine.sandbox();
        long begun = System.nanoTime();
        Module module = sandbox.prepare(ready.artefact()).orThrow();
        long prepared = System.nanoTime() - begun;
        CompletableFuture<Run> run = new CompletableFuture<>();
        Thread thread =
                Thread.ofPlatform()
                        .name("orb-run")
                        .stackSize(Sandbox.STACK_BYTES.bytes())
                        .start(() ->
                                run.complete(
                                        sandbox.invoke(
                                                module,
                                                input.over(ready.sample()),
                                                ready.limits(),
                                                RunInputs.FIXED,
                                                new TrialCalls(ready.grants()))));
        Timer deadline = new Timer(true);
        deadline.schedule(
                new TimerTask() {
                    @Override
                    public void run() {
                        thread.interrupt();
                    }
                },
                ready.limits().wall().toMillis());
        Ran ran = new Ran(run.join(), prepared, ready.explain());
        deadline.cancel();
        return ran;
    }

    private static Ready ready(Path file) throws IOException {
        Request empty = new Request("GET", "/", "", java.util.List.of(), Bytes.EMPTY);
        try {
            if (Files.isDirectory(file)) {
                Workshop.Product product = Workshop.make(file).orThrow();
                return new Ready(
                        product.artefact(),
                        product.manifest().limits(),
                        product.manifest().grants(),
                        product.sample(),
                        product::explain);
            }
            byte[] content = Files.readAllBytes(file);
            if (file.toString().endsWith(".orb")) {
                FunctionPackage read = FunctionPackage.read(Bytes.wrap(content)).orThrow();
                return new Ready(
                        read.artefact(),
                        read.limits(),
                        Grants.NONE,
                        read.sample(),
                        UnaryOperator.identity());
            }
            if (file.toString().endsWith(".js")) {
                String text = new String(content, StandardCharsets.UTF_8);
                ShortScript script = ScriptNames.shorten(file.toString(), text).orThrow();
                return new Ready(
                        Engine.scripts().compile(script.text()).orThrow(),
                        Limits.DEFAULT,
                        Grants.NONE,
                        empty,
                        failure -> script.map().explain(failure, file.getFileName().toString()));
            }
            return new Ready(
                    Bytes.wrap(content),
                    Limits.DEFAULT,
                    Grants.NONE,
                    empty,
                    UnaryOperator.identity());
        } catch (NoSuchFileException e) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.BAD_ARGUMENT,
                            "there is no " + file,
                            "name a .orb, .wasm or .js file, or a folder with orb.yaml"));
        }
    }
}
