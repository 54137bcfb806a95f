package orb.host.loop;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.port.Event;

/**
 * Finds trackers in a bootstrap file, which is read anew each time, so an edited file helps a
 * running node. Thread-safe.
 */
public final class FileDiscovery {
    private final Path file;
    private final Consumer<Event> reports;
    private final Consumer<Refusal> warnings;

    /**
     * A discovery from one file.
     *
     * @param warnings told why a file could not be read; what is discovered then is empty
     */
    public FileDiscovery(Path file, Consumer<Event> reports, Consumer<Refusal> warnings) {
        this.file = file;
        this.reports = reports;
        this.warnings = warnings;
    }

    /** Reads the file; {@link Event.Discovered} follows. Never blocks. */
    public void discover() {
        Thread.ofVirtual().name("orb-discovery").start(this::readAndReport);
    }

    private void readAndReport() {
        switch (Bootstrap.read(file)) {
            case Result.Ok<Bootstrap>(var bootstrap) ->
                    reports.accept(new Event.Discovered(bootstrap.trackers()));
            case Result.Refused<Bootstrap>(var refusal) -> {
                warnings.accept(refusal);
                reports.accept(new Event.Discovered(List.of()));
            }
        }
    }
}
