package orb.cli.accept;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One swarm for all tests that leave it whole, because starting one is dear: {@code orb up} with
 * alice, bob and carol, and a fourth node, dave, that never hosts.
 */
final class SharedSwarm implements ParameterResolver {
    private static final ExtensionContext.Namespace SPACE =
            ExtensionContext.Namespace.create(SharedSwarm.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Swarm.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(SPACE)
                .computeIfAbsent("swarm", key -> start(), Swarm.class);
    }

    private static Swarm start() {
        try {
            Swarm swarm = Swarm.empty();
            Path folder = swarm.home().resolve("data/orb/swarm");
            for (String name : new String[] {"tracker", "alice", "bob", "carol"}) {
                swarm.adopt(name, folder.resolve(name));
            }
            try {
                String ports = "" + Swarm.freeBlock();
                Orb.script(swarm.home(), "up", "--detach", "--ports", ports).ok();
                swarm.startNode("dave", "--seed", "never");
                return swarm;
            } catch (IOException | RuntimeException | AssertionError e) {
                swarm.close();
                throw e;
            }
        } catch (IOException e) {
            throw new AssertionError("starting the swarm", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
