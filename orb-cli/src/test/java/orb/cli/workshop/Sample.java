package orb.cli.workshop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.sandbox.Module;
import orb.sandbox.RunInputs;
import orb.sandbox.Sandbox;

/** A function of a folder, prepared once and ready to be called. */
record Sample(Sandbox sandbox, Module module, Workshop.Product product) {
    private static final int ANSWER_SECONDS = 120;

    static Sample prebuilt(Path folder) {
        return of(Workshop.prebuilt(folder).orThrow());
    }

    static Sample of(Workshop.Product product) {
        Sandbox sandbox = Engine.sandbox();
        return new Sample(sandbox, sandbox.prepare(product.artefact()).orThrow(), product);
    }

    Response answer(Request request) throws Exception {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .stackSize(Sandbox.STACK_BYTES.bytes())
                .start(() ->
                        outcome.complete(
                                sandbox.invoke(
                                                module,
                                                request,
                                                product.manifest().limits(),
                                                RunInputs.FIXED)
                                        .outcome()));
        Outcome ended = outcome.get(ANSWER_SECONDS, TimeUnit.SECONDS);
        assertThat(ended).isInstanceOf(Outcome.Completed.class);
        return ((Outcome.Completed) ended).response();
    }
}
