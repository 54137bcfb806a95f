package orb.cli.workshop;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import orb.host.capability.TrialCalls;
import orb.host.process.ProgramKind;
import orb.kernel.Bytes;
import orb.kernel.Request;
import orb.sandbox.Module;
import orb.sandbox.Run;
import orb.sandbox.RunInputs;
import orb.sandbox.Sandbox;

/** Runs one function once: in a sandbox of this process, or behind walls if it is a program. */
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

    /** Runs a package, a module, a script or a folder. */
    public static Ran run(Path file, Input input) throws IOException {
        Ready ready = Ready.of(file);
        if (ProgramKind.of(ready.artefact()).isPresent()) {
            Request request = input.over(ready.sample());
            Run run = ProgramTrial.run(ready.artefact(), request, ready.limits());
            return new Ran(run, 0, ready.explain());
        }
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
}
