package orb.cli.serve;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.function.Consumer;
import orb.cli.client.Output;
import orb.cli.workshop.Engine;
import orb.cli.workshop.Ready;
import orb.host.gateway.Gateway;
import orb.host.gateway.GatewayLimits;
import orb.host.net.NetThreads;
import orb.kernel.Digest;
import orb.kernel.FunctionName;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.sandbox.Sandbox;

/**
 * One function behind a port of loopback: the gateway and the sandbox of a node, and nothing else
 * of one. It is the owner's own code on the owner's machine, so it runs in this process.
 */
public final class AloneServer implements AutoCloseable {
    /** Whose function it is, and its name, where a URL has them. */
    private static final FunctionName NAME = new FunctionName("local", "function");

    private static final int LOOK_MILLIS = 500;

    private final Path file;
    private final Consumer<String> say;
    private final NetThreads threads;
    private final Serving serving;
    private final Gateway gateway;
    private final InetSocketAddress bound;
    private Digest artefact;

    private AloneServer(
            Path file, Ready ready, InetSocketAddress asked, int count, Consumer<String> say) {
        this.file = file;
        this.say = say;
        artefact = Digest.of(ready.artefact());
        Consumer<String> logs = text -> text.strip().lines().map(Output::printable).forEach(say);
        serving = new Serving(Engine.sandbox(), ready, count, logs);
        threads = new NetThreads(count, Sandbox.STACK_BYTES);
        gateway = Gateway.alone(threads, GatewayLimits.DEFAULT, NAME, serving);
        Result<InetSocketAddress> listening = gateway.listen(asked);
        if (!listening.isOk()) {
            close();
        }
        bound = listening.orThrow();
    }

    /**
     * Builds the function and serves it.
     *
     * @param file a package, a module, a script, or a folder with orb.yaml
     * @param asked where to listen; port 0 for any that is free
     * @param count runs at once
     * @param say takes lines for people: what the function prints, and what was built again
     * @throws RefusedException if it cannot be built or is not admitted, or the port is taken
     */
    public static AloneServer start(
            Path file, InetSocketAddress asked, int count, Consumer<String> say)
            throws IOException {
        return new AloneServer(file, Ready.of(file), asked, count, say);
    }

    /** Where it answers, with every path below. */
    public String url() {
        return "http://" + bound.getAddress().getHostAddress() + ":" + bound.getPort() + "/";
    }

    /** What is served at present. */
    public Digest artefact() {
        return artefact;
    }

    /** Builds again whenever the source changes, until this thread is interrupted. */
    public void awaitEnd() {
        Changes changes = new Changes(file);
        try {
            for (; ; ) {
                Thread.sleep(LOOK_MILLIS);
                if (changes.any()) {
                    rebuild();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void rebuild() {
        try {
            Ready ready = Ready.of(file);
            Digest now = Digest.of(ready.artefact());
            if (!now.equals(artefact)) {
                serving.replace(ready);
                artefact = now;
                say.accept("built again: " + now);
            }
        } catch (RefusedException e) {
            refused(e.refusal());
        } catch (IOException e) {
            say.accept("not built: " + e + "; the old one is still served");
        }
    }

    private void refused(Refusal refusal) {
        say.accept(refusal.code().code() + ": " + refusal.what());
        say.accept("  next: " + refusal.next() + "; the old one is still served");
    }

    @Override
    public void close() {
        gateway.close();
        threads.close();
        serving.close();
    }
}
