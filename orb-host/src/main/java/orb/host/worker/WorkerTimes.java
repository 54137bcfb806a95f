package orb.host.worker;

import java.time.Duration;

/**
 * How long a node waits for its worker.
 *
 * @param start until the process says that it is ready; what it was given meanwhile waits
 * @param prepare to admit and compile one artefact
 * @param grace beyond a run's own limit, which the worker itself enforces
 * @param silence without an answer to a ping, after which the whole process is given up
 * @param quarantine how long an artefact is refused that brought its worker down three times
 */
public record WorkerTimes(
        Duration start, Duration prepare, Duration grace, Duration silence, Duration quarantine) {
    public static final WorkerTimes DEFAULT =
            new WorkerTimes(
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(20),
                    Duration.ofMinutes(10));
}
