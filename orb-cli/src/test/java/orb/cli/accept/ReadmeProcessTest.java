package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import orb.cli.client.ControlFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * The commands of the README, each as it is written there and in its order, in an empty home. Only
 * the ports are others, by the option that there is for them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(600)
class ReadmeProcessTest {
    private static final int COMMAND_SECONDS = 300;
    private static final List<String> MEMBERS = List.of("tracker", "alice", "bob", "carol");

    private final ArrayDeque<String> commands = new ArrayDeque<>();
    private final List<ProcessHandle> processes = new ArrayList<>();
    private Swarm swarm;
    private Path work;
    private int first;
    private String kept = "";

    @BeforeAll
    void read() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "needs the package curl");
        swarm = Swarm.empty();
        work = swarm.folder("here");
        Files.createSymbolicLink(work.resolve("orb"), Orb.script());
        for (String name : MEMBERS) {
            swarm.adopt(name, swarm.home().resolve("data/orb/swarm").resolve(name));
        }
        first = Swarm.freeBlock();
        commands.addAll(written());
    }

    @AfterAll
    void end() throws IOException {
        if (swarm != null) {
            swarm.close();
        }
    }

    /** Commands in the README's code blocks; one that stands there twice is taken once. */
    private static Set<String> written() throws IOException {
        Set<String> found = new LinkedHashSet<>();
        boolean isCode = false;
        for (String line : Files.readAllLines(Path.of("../README.md"))) {
            isCode ^= line.startsWith("```");
            String command = line.replaceFirst("^\\$ ", "");
            if (isCode && (command.startsWith("./orb ") || command.startsWith("curl "))) {
                found.add(command.split(" {2,}")[0]); // what follows explains it
            }
        }
        return found;
    }

    /** The next command of the README, which has to begin like this. */
    private String next(String start) {
        assertThat(commands.peek()).startsWith(start);
        String command = commands.remove();
        return command.replace("./orb up", "./orb up --ports " + first)
                .replace("http://127.0.0.1:7480/", "http://127.0.0.1:" + (first + 40) + "/");
    }

    private Process start(String command, Path out, Path err) throws IOException {
        return Orb.process(swarm.home(), List.of())
                // as in a terminal of its own, where nobody has Ctrl-C ignored
                .command("env", "--default-signal=INT", "setsid", "sh", "-c", "exec " + command)
                .directory(work.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
    }

    private Orb.Ran run(String command) throws Exception {
        Path out = Files.createTempFile(swarm.home(), "out", "");
        Path err = Files.createTempFile(swarm.home(), "err", "");
        Process process = start(command, out, err);
        if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command + " did not end");
        }
        return new Orb.Ran(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** Balances, functions and their versions: what does not change while nobody calls. */
    private String state() throws IOException {
        List<String> state = new ArrayList<>();
        for (JsonNode function : swarm.tracker().api().get("/v1/functions")) {
            state.add(
                    function.path("name").asText()
                            + function.path("version").asText()
                            + function.path("artefact").asText());
        }
        for (String owner : MEMBERS.subList(1, MEMBERS.size())) {
            state.add(owner + swarm.member(owner).json("wallet", "balance"));
        }
        return String.join("\n", state);
    }

    private void remember() throws IOException {
        processes.clear();
        for (String name : MEMBERS) {
            ControlFile control = swarm.member(name).control();
            processes.add(ProcessHandle.of(control.pid()).orElseThrow());
        }
    }

    private void assertNothingIsLeft() {
        assertThat(processes).hasSize(MEMBERS.size()).noneMatch(ProcessHandle::isAlive);
        assertThat(Swarm.isFree(first)).as("the ports from %d on are free", first).isTrue();
    }

    @Test
    @Order(1)
    void upStartsASwarmAndCtrlCEndsAllOfIt() throws Exception {
        Path out = swarm.home().resolve("up.out");
        Path err = swarm.home().resolve("up.err");
        Process up = start(next("./orb up"), out, err);
        Swarm.until(
                "the swarm",
                2 * Orb.WAIT_SECONDS,
                () -> {
                    assertThat(up.isAlive()).isTrue();
                    return Files.readString(out).contains("Ctrl-C stops the swarm");
                });
        remember();
        kept = state();
        assertThat(kept).contains("alice/add", "alice/hello-js", "\"balanceMicro\"");

        // a terminal gives the signal to all that it started
        Process signal = new ProcessBuilder("sh", "-c", "kill -s INT -- -" + up.pid()).start();
        assertThat(signal.waitFor()).isZero();
        boolean ended = up.waitFor(Orb.WAIT_SECONDS, TimeUnit.SECONDS);
        up.destroyForcibly();

        assertThat(ended).isTrue();
        assertThat(Files.readString(err)).doesNotContain("Exception");
        assertNothingIsLeft();
    }

    @Test
    @Order(2)
    void demoTellsTheWholeStoryAndLeavesNothing() throws Exception {
        Path scrap = swarm.folder("scrap");
        String options = "\"ORB_JAVA_OPTS=$ORB_JAVA_OPTS -Djava.io.tmpdir=" + scrap + "\"";
        Orb.Ran demo = run("env " + options + " " + next("./orb demo")).ok();

        assertThat(demo.out().lines().filter(line -> line.matches("[1-8]\\. .*"))).hasSize(8);
        assertThat(demo.out())
                .contains("\"words\":197146")
                .contains("bytes of PNG in")
                .contains("every flip refused")
                .containsPattern("carol  consume +-0\\.")
                .containsPattern("killed (alice|bob|carol); served by (alice|bob|carol)")
                .contains("That was Orb.");
        assertThat(demo.err()).doesNotContain("Exception");
        try (Stream<Path> left = Files.list(scrap)) {
            assertThat(left.filter(file -> file.getFileName().toString().startsWith("orb-demo")))
                    .isEmpty();
        }
    }

    @Test
    @Order(3)
    void aSecondUpGoesOnFromThereAndWhatItPrintsWorksAtOnce() throws Exception {
        Orb.Ran up = run(next("./orb up")).ok();

        List<String> curls =
                up.out()
                        .lines()
                        .map(String::strip)
                        .filter(line -> line.startsWith("curl "))
                        .toList();
        assertThat(curls).hasSize(4);
        List<String> answers = new ArrayList<>();
        for (String curl : curls) {
            answers.add(run(curl.replaceFirst("curl", "curl -sS --fail")).ok().out());
        }
        assertThat(answers.get(0)).isEqualTo("{\"sum\":5}");
        assertThat(answers.get(1)).contains("\"words\":197146");
        assertThat(Files.size(work.resolve("thumb.png"))).isPositive();
        assertThat(answers.get(3)).contains("Ada");
        remember();
        assertThat(deploys()).as("nothing was deployed again").isEqualTo(4);
    }

    private long deploys() {
        return StreamSupport.stream(swarm.member("alice").history().spliterator(), false)
                .filter(row -> row.path("kind").asText().equals("deploy"))
                .count();
    }

    @Test
    @Order(4)
    void everyOtherCommandWorksAsItIsWritten() throws Exception {
        assertThat(run(next("./orb new hello")).ok().out()).contains("made hello/");
        assertThat(run(next("./orb run hello")).ok().out()).contains("Ada");
        assertThat(run(next("./orb deploy hello")).ok().out())
                .contains("http://127.0.0.1:" + (first + 40) + "/f/alice/hello");
        assertThat(run(next("curl ")).ok().out()).contains("Ada").doesNotContain("ORB-");
        Orb.Ran invoked = run(next("./orb invoke")).ok();
        assertThat(invoked.out()).contains("Ada");
        assertThat(invoked.err()).contains("served by");
        assertThat(run(next("./orb wallet history")).ok().out())
                .contains("deploy")
                .contains("/v1/entries/");
    }

    @Test
    @Order(5)
    void downEndsAllProcessesAndFreesThePorts() throws Exception {
        assertThat(run(next("./orb down")).ok().out()).contains("stopped");

        assertNothingIsLeft();
        assertThat(commands).as("commands of the README that no test has run").isEmpty();
    }
}
