package orb.host.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import orb.host.walls.Walls;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.Result;
import orb.kernel.TrapCode;
import orb.kernel.message.Grants;
import orb.kernel.message.Incident;
import orb.kernel.port.Denial;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.HostCall;
import orb.kernel.port.HostCalls;
import orb.kernel.port.HostReply;
import orb.kernel.port.Rights;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node makes of a worker that was taken over, hangs, or dies. */
@Timeout(180)
class WorkersTest {
    private static final Bytes ARTEFACT = Bytes.utf8("an artefact");
    private static final Digest NAME = Digest.of(ARTEFACT);
    private static final Digest OTHER = Digest.of(Bytes.utf8("another"));
    private static final Limits LIMITS =
            new Limits(ByteSize.mib(1), new Fuel(1_000), Duration.ofMillis(50));

    /** Short where a test waits for it, long where it must not come. */
    private static final WorkerTimes TIMES =
            new WorkerTimes(
                    Duration.ofMinutes(2),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(10));

    private static final WorkerTimes PATIENT =
            new WorkerTimes(
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(2),
                    Duration.ofSeconds(3),
                    Duration.ofMinutes(10));

    private static final Denial DENIED =
            new Denial(Denial.Kind.CAPABILITY, "ORB-0221: a key-value space");

    private final BlockingQueue<Event> heard = new LinkedBlockingQueue<>();
    private final BlockingQueue<Event.Noticed> noticed = new LinkedBlockingQueue<>();
    private Optional<Workers> workers = Optional.empty();
    private long lastRun;
    private HostCalls calls = HostCalls.NONE;

    private static WorkerProgram program(String main) {
        Pattern needed =
                Pattern.compile(
                        ".*/orb-(host|kernel)/target/(classes|test-classes)/?"
                                + "|.*/orb-(host|kernel)-[0-9.]+\\.jar");
        List<Path> entries =
                Arrays.stream(System.getProperty("java.class.path").split(":"))
                        .filter(entry -> needed.matcher(entry).matches())
                        .map(Path::of)
                        .toList();
        Path home = Path.of(System.getProperty("java.home"));
        return new WorkerProgram(home, entries, main, 2, ByteSize.mib(64));
    }

    private Workers start(WorkerTimes times, String main) {
        WorkerProgram program = program(main);
        WorkerPorts ports =
                new WorkerPorts(
                        digest -> digest.equals(OTHER) ? Optional.empty() : Optional.of(ARTEFACT),
                        this::hear,
                        Optional.empty(),
                        run -> calls);
        Workers made = new Workers(Walls.find(program), program, Bytes.EMPTY, ports, times);
        workers = Optional.of(made);
        return made;
    }

    private void hear(Event event) {
        if (event instanceof Event.Noticed threat) {
            noticed.add(threat);
        } else {
            heard.add(event);
        }
    }

    private Workers start(WorkerTimes times) {
        return start(times, RogueWorker.class.getName());
    }

    @AfterEach
    void end() {
        workers.ifPresent(Workers::close);
    }

    private static Effect.Run run(long number, String path, Digest artefact, Limits limits) {
        Request request = new Request("POST", path, "", List.of(), Bytes.utf8("hello"));
        return new Effect.Run(
                number, artefact, request, limits, Digest.ZERO, new Rights.Trial(Grants.NONE));
    }

    private Outcome outcomeOf(String path) throws InterruptedException {
        long number = ++lastRun;
        workers.orElseThrow().run(run(number, path, NAME, LIMITS));
        return outcome(number);
    }

    private Outcome outcome(long number) throws InterruptedException {
        Event event = heard.poll(120, TimeUnit.SECONDS);
        assertThat(event).isInstanceOf(Event.Ran.class);
        Event.Ran ran = (Event.Ran) event;
        assertThat(ran.run()).isEqualTo(number);
        return ran.outcome();
    }

    private static void refused(Outcome outcome, ErrorCode code, String... words) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        r -> {
                            assertThat(r.refusal().code()).as(r.toString()).isEqualTo(code);
                            for (String word : words) {
                                assertThat(r.refusal().toString()).contains(word);
                            }
                        });
    }

    private static void isEcho(Outcome outcome) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Completed.class,
                        c -> assertThat(c.response().body()).isEqualTo(Bytes.utf8("hello")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/other",
                "/greedy",
                "/ready",
                "/garbage",
                "/huge",
                "/exit",
                "/ask-second",
                "/ask-other",
                "/ask-large"
            })
    @Tag("K3")
    @Tag("H5")
    void aWorkerThatSaysWhatItMayNotIsEndedAndTheNextCallIsServed(String path) throws Exception {
        start(PATIENT);

        refused(outcomeOf(path), ErrorCode.WORKER_LOST);

        boolean spoke = !path.equals("/exit") && !path.equals("/huge"); // those end its stream
        assertThat(noticed)
                .extracting(Event.Noticed::kind)
                .isEqualTo(spoke ? List.of(Incident.Kind.WORKER_VIOLATION) : List.of());
        assertThat(noticed).allMatch(threat -> threat.artefact().equals(NAME));
        isEcho(outcomeOf("/echo"));
    }

    @Test
    @Tag("K3")
    void aWorkerThatAsksBeforeItsAnswerIsEnded() throws Exception {
        calls =
                call -> {
                    Thread.sleep(60_000);
                    return new HostReply.Done();
                };
        start(PATIENT);

        refused(outcomeOf("/ask-twice"), ErrorCode.WORKER_LOST);

        isEcho(outcomeOf("/echo"));
    }

    @Test
    @Tag("H5")
    void aRunIsAnsweredByItsOwnLineAndTheNodeTellsWhatWasDenied() throws Exception {
        calls =
                new HostCalls() {
                    @Override
                    public HostReply call(HostCall call) {
                        return new HostReply.Found(Bytes.utf8("answer to " + call));
                    }

                    @Override
                    public List<Denial> denied() {
                        return List.of(DENIED);
                    }
                };
        start(PATIENT).run(run(1, "/ask", NAME, LIMITS));

        Event.Ran ran = (Event.Ran) heard.poll(120, TimeUnit.SECONDS);

        Response told = ((Outcome.Completed) ran.outcome()).response();
        assertThat(told.body().utf8()).contains(Bytes.utf8("answer to KvGet").hex());
        assertThat(ran.facts().denied()).containsExactly(DENIED);
    }

    @Test
    @Tag("H5")
    @Tag("I4")
    void whatARunAskedForIsGivenUpWhenItEnds() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        calls =
                call -> {
                    begun.countDown();
                    try {
                        new CountDownLatch(1).await();
                        return new HostReply.Done();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                    }
                };
        Workers started = start(PATIENT);
        started.run(run(++lastRun, "/ask-and-wait", NAME, LIMITS));
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();

        started.run(run(++lastRun, "/end-both", NAME, LIMITS));

        assertThat(outcome(lastRun - 1)).isInstanceOf(Outcome.Completed.class);
        assertThat(outcome(lastRun)).isInstanceOf(Outcome.Completed.class);
        assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void lastWordsOfAWorkerAreTold() throws Exception {
        start(PATIENT);

        refused(outcomeOf("/words"), ErrorCode.WORKER_LOST, "status 9", "last words");
    }

    @Test
    @Tag("H2")
    @Tag("I4")
    void aRunThatCannotBeInterruptedIsGivenUpAndItsNeighbourGoesOn() throws Exception {
        Workers started = start(TIMES);
        isEcho(outcomeOf("/echo"));
        Limits longer = new Limits(ByteSize.mib(1), new Fuel(1_000), Duration.ofMinutes(1));
        started.run(run(71, "/ignore", NAME, LIMITS));
        started.run(run(72, "/ignore", NAME, longer));

        assertThat(outcome(71))
                .isInstanceOfSatisfying(
                        Outcome.Trapped.class,
                        t -> assertThat(t.code()).isEqualTo(TrapCode.DEADLINE));
        isEcho(outcomeOf("/echo"));

        assertThat(heard).as("the neighbour still runs in the retired worker").isEmpty();
    }

    @Test
    @Tag("H2")
    void aPreparationThatNeverEndsIsGivenUp() throws Exception {
        start(TIMES).prepare(new Effect.Prepare(NAME));

        Event.Prepared prepared = (Event.Prepared) heard.poll(120, TimeUnit.SECONDS);

        assertThat(((Result.Refused<?>) prepared.facts()).refusal().code())
                .isEqualTo(ErrorCode.MODULE_BOMB);
        isEcho(outcomeOf("/echo"));
    }

    @Test
    void aWorkerWithoutASignOfLifeIsEnded() throws Exception {
        start(PATIENT);

        refused(outcomeOf("/silent"), ErrorCode.WORKER_LOST);

        isEcho(outcomeOf("/echo"));
    }

    @Test
    @Tag("K3")
    @Tag("H5")
    void anArtefactThatEndsItsWorkerThreeTimesIsRefused() throws Exception {
        start(PATIENT);
        for (int i = 0; i < 3; i++) {
            Outcome outcome = outcomeOf("/exit");
            while (outcome.toString().contains("the next starts in")) {
                Thread.sleep(50);
                outcome = outcomeOf("/exit");
            }
            refused(outcome, ErrorCode.WORKER_LOST);
        }

        refused(outcomeOf("/echo"), ErrorCode.WORKER_LOST, "3 times", "refuses it for");
        assertThat(noticed)
                .containsExactly(
                        new Event.Noticed(
                                Incident.Kind.WORKER_LOST,
                                NAME,
                                "its runs ended their worker 3 times in a row"));
    }

    @Test
    @Tag("K3")
    void memoryIsPromisedOnceAndNoMore() throws Exception {
        Workers started = start(PATIENT);
        Limits most = new Limits(ByteSize.mib(40), new Fuel(1_000), Duration.ofMinutes(1));
        Limits more = new Limits(ByteSize.mib(64), new Fuel(1_000), Duration.ofMinutes(1));
        started.run(run(1, "/ignore", NAME, most));

        started.run(run(2, "/echo", NAME, most));
        refused(outcome(2), ErrorCode.BUSY, "promised");
        started.run(run(3, "/echo", NAME, more));
        refused(outcome(3), ErrorCode.OUT_OF_MEMORY, "48 MiB");
        started.run(run(4, "/echo", NAME, LIMITS));
        isEcho(outcome(4));
    }

    @Test
    void anArtefactThatIsNotThereIsNamed() throws Exception {
        Workers started = start(PATIENT);
        started.run(run(1, "/echo", OTHER, LIMITS));
        refused(outcome(1), ErrorCode.HASH_MISMATCH, OTHER.hex());

        started.prepare(new Effect.Prepare(OTHER));
        Event.Prepared prepared = (Event.Prepared) heard.poll(120, TimeUnit.SECONDS);
        assertThat(prepared.facts().isOk()).isFalse();
    }

    @Test
    void aProgramThatDoesNotStartIsSaidSoAndNotTriedForEver() throws Exception {
        start(PATIENT, "orb.host.worker.NoSuchProgram");
        refused(outcomeOf("/echo"), ErrorCode.WORKER_FAILED, "NoSuchProgram");

        long starts = 0;
        for (int i = 0; i < 50; i++) {
            if (!outcomeOf("/echo").toString().contains("the next starts in")) {
                starts++;
            }
        }
        assertThat(starts).as("starts among fifty calls").isLessThan(20);
    }

    @Test
    void aWorkerThatIsEndedWhileItStartsLeavesNothingBehind() throws Exception {
        for (int i = 0; i < 8; i++) {
            Workers started = start(PATIENT);
            started.run(run(i, "/ignore", NAME, LIMITS));
            Thread.sleep(15L * i); // each time at another stage
            started.close();
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> rogues().isEmpty());
    }

    /** Processes of this test, also those that have lost their parent. */
    private static List<ProcessHandle> rogues() {
        String classPath =
                String.join(":", program("any").classPath().stream().map(Path::toString).toList());
        return ProcessHandle.allProcesses()
                .filter(each -> commandLine(each).contains("-cp " + classPath + " orb"))
                .toList();
    }

    private static String commandLine(ProcessHandle process) {
        try {
            Path file = Path.of("/proc", "" + process.pid(), "cmdline");
            return Files.readString(file, StandardCharsets.ISO_8859_1).replace('\0', ' ');
        } catch (IOException e) {
            return ""; // it has ended
        }
    }

    @Test
    void noProcessStaysBehind() throws Exception {
        Workers started = start(PATIENT);
        isEcho(outcomeOf("/echo"));
        List<ProcessHandle> children = rogues();
        assertThat(children).isNotEmpty();

        started.close();

        for (ProcessHandle child : children) {
            child.onExit().get(20, TimeUnit.SECONDS);
        }
    }
}
