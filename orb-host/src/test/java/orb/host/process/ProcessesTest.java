package orb.host.process;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import orb.host.walls.Layer;
import orb.host.walls.Share;
import orb.host.walls.Walls;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.Header;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.Result;
import orb.kernel.TrapCode;
import orb.kernel.message.Grants;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.ModuleFacts;
import orb.kernel.port.Rights;
import orb.kernel.port.Runner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Native programs: real ones of this machine, behind real walls. */
@Timeout(180)
class ProcessesTest {
    private static final Share SHARE = Share.whole();
    private static final Limits LIMITS = limits(64, 60_000_000_000L, Duration.ofSeconds(30));

    @TempDir private Path folder;
    private final Map<Digest, Bytes> blobs = new ConcurrentHashMap<>();
    private final BlockingQueue<Event> heard = new LinkedBlockingQueue<>();
    private final BlockingQueue<Effect> sandboxed = new LinkedBlockingQueue<>();
    private final Runner sandboxes =
            new Runner() {
                @Override
                public void prepare(Effect.Prepare effect) {
                    sandboxed.add(effect);
                }

                @Override
                public void run(Effect.Run effect) {
                    sandboxed.add(effect);
                }
            };
    private Walls walls;
    private Tiers tiers;

    private static Limits limits(int mib, long fuel, Duration wall) {
        return new Limits(ByteSize.mib(mib), new Fuel(fuel), wall);
    }

    @BeforeEach
    void start() {
        walls = Walls.find(NativeCommand.trial(SHARE));
        List<Layer> missing = walls.layers().stream().filter(layer -> !layer.active()).toList();
        assumeTrue(missing.isEmpty(), "a wall is missing: " + missing);
        Processes processes =
                new Processes(
                        walls,
                        new Processes.Bounds(SHARE, ByteSize.mib(512), 4),
                        new Processes.Lent(folder.resolve("programs"), this::blob, heard::add));
        tiers = new Tiers(sandboxes, Optional.of(processes), this::blob, heard::add);
    }

    @AfterEach
    void end() {
        if (tiers != null) {
            tiers.close();
        }
        walls.close();
    }

    private Optional<Bytes> blob(Digest digest) {
        return Optional.ofNullable(blobs.get(digest));
    }

    private Result<ModuleFacts> prepare(Bytes program) throws InterruptedException {
        Digest digest = Digest.of(program);
        blobs.put(digest, program);
        tiers.prepare(new Effect.Prepare(digest));
        return ((Event.Prepared) heard.poll(60, TimeUnit.SECONDS)).facts();
    }

    private Event.Ran run(Bytes program, Request request, Limits limits)
            throws InterruptedException {
        assertThat(prepare(program).orThrow().shape()).isEqualTo("process");
        tiers.run(
                new Effect.Run(
                        1,
                        Digest.of(program),
                        request,
                        limits,
                        Digest.ZERO,
                        new Rights.Trial(Grants.NONE)));
        return (Event.Ran) heard.poll(120, TimeUnit.SECONDS);
    }

    private Outcome outcome(String script, Limits limits) throws InterruptedException {
        Bytes program = Bytes.utf8("#!/bin/sh\n" + script + "\n");
        return run(program, Request.post(Bytes.utf8("input")), limits).outcome();
    }

    private String says(String script) throws InterruptedException {
        return body(outcome(script, LIMITS));
    }

    private static String body(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Completed.class);
        return ((Outcome.Completed) outcome).response().body().utf8();
    }

    private static TrapCode trap(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Trapped.class);
        return ((Outcome.Trapped) outcome).code();
    }

    @Test
    void anExecutableReadsItsInputAndIsPaidByTheProcessor() throws Exception {
        Bytes cat = Bytes.wrap(Files.readAllBytes(Path.of("/usr/bin/cat")));
        byte[] much = new byte[3 << 20];
        much[much.length - 1] = 7;

        Event.Ran ran = run(cat, Request.post(Bytes.wrap(much)), LIMITS);

        assertThat(((Outcome.Completed) ran.outcome()).response().body())
                .isEqualTo(Bytes.wrap(much));
        assertThat(ran.facts().cpuNanos()).isPositive().isEqualTo(ran.outcome().used().units());
        assertThat(ran.facts().peakMemory().bytes()).isPositive();
        assertThat(ran.facts().timing().runNanos()).isPositive();
    }

    @Test
    void aScriptSeesItsRequestAndAnswersByTheGatewayInterface() throws Exception {
        Bytes program =
                Bytes.utf8(
                        """
                        #!/bin/sh
                        echo "Status: 201"
                        echo "X-Color: $HTTP_X_COLOR"
                        echo
                        echo "$REQUEST_METHOD $PATH_INFO?$QUERY_STRING $(cat)"
                        echo "to the owner" >&2
                        """);
        Request request =
                new Request(
                        "PUT",
                        "/shelf",
                        "n=1",
                        List.of(new Header("x-color", "red")),
                        Bytes.utf8("book"));

        Event.Ran ran = run(program, request, LIMITS);

        Response response = ((Outcome.Completed) ran.outcome()).response();
        assertThat(response.status()).isEqualTo(201);
        assertThat(response.headers()).containsExactly(new Header("x-color", "red"));
        assertThat(response.body().utf8()).isEqualTo("PUT /shelf?n=1 book\n");
        assertThat(ran.facts().logs().utf8()).isEqualTo("to the owner\n");
    }

    @Test
    void aJavaArchiveRuns() throws Exception {
        Path source =
                Files.writeString(
                        folder.resolve("Hello.java"),
                        "public class Hello { public static void main(String[] a) throws Exception"
                                + " { System.out.print(\"java \" + System.in.read()); } }");
        assertThat(
                        ToolProvider.getSystemJavaCompiler()
                                .run(null, null, null, "-d", folder.toString(), source.toString()))
                .isZero();
        ByteArrayOutputStream jar = new ByteArrayOutputStream();
        try (JarOutputStream out = new JarOutputStream(jar)) {
            out.putNextEntry(new JarEntry("META-INF/MANIFEST.MF"));
            out.write("Manifest-Version: 1.0\nMain-Class: Hello\n".getBytes(US_ASCII));
            out.putNextEntry(new JarEntry("Hello.class"));
            out.write(Files.readAllBytes(folder.resolve("Hello.class")));
        }

        Event.Ran ran =
                run(
                        Bytes.wrap(jar.toByteArray()),
                        Request.post(Bytes.utf8("A")),
                        limits(256, 60_000_000_000L, Duration.ofSeconds(60)));

        assertThat(ran.facts().logs().utf8()).isEmpty();
        assertThat(body(ran.outcome())).isEqualTo("java 65");
    }

    @Test
    void aProgramOfNodeRuns() throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/node")), "Node.js is not installed");
        Bytes program =
                Bytes.utf8(
                        """
                        #!/usr/bin/env node
                        process.stdin.on('data', d => console.log('node ' + d));
                        """);

        Event.Ran ran =
                run(
                        program,
                        Request.post(Bytes.utf8("reads")),
                        limits(256, 60_000_000_000L, Duration.ofSeconds(60)));

        assertThat(body(ran.outcome())).as(ran.facts().logs().utf8()).isEqualTo("node reads\n");
    }

    @Test
    @Tag("H4")
    @Tag("K3")
    void itSeesNothingOfTheMachineButItsProgramsAndReachesNobody() throws Exception {
        Path secret = Files.writeString(folder.resolve("machine.key"), "secret");

        assertThat(says("ls / /etc"))
                .contains("usr", "function")
                .doesNotContain("root", "home", "tmp", "var", "hosts", "passwd");
        assertThat(says("cat " + secret + " 2>&1; true")).contains("No such file");
        assertThat(says("echo x >/file 2>&1 || echo x >/dev/shm/f 2>&1 || echo refused"))
                .endsWith("refused\n");
        assertThat(says("ls /proc | grep -c '^[0-9]'").strip()).matches("[2-6]");
        assertThat(says("kill -9 1 2>/dev/null; id -u; cat /proc/net/dev | tail -n +3 | wc -l"))
                .isEqualTo("65534\n1\n");
        assertThat(says("python3 -c 'import socket; socket.socket()' 2>&1 | tail -1; true"))
                .containsPattern("not permitted|not found");
        assertThat(says("unshare -r true 2>&1; env"))
                .contains("not permitted")
                .doesNotContain("ORB_", "JAVA", "USER=");
    }

    @Test
    @Tag("H2")
    @Tag("I4")
    void itEndsAtEachOfItsLimitsWithAllThatItStarted() throws Exception {
        Limits brief = limits(64, 60_000_000_000L, Duration.ofMillis(700));
        assertThat(trap(outcome("sleep 100 & sleep 100", brief))).isEqualTo(TrapCode.DEADLINE);

        Limits lean = limits(64, 300_000_000L, Duration.ofSeconds(30));
        assertThat(outcome("while :; do :; done", lean))
                .isEqualTo(new Outcome.OutOfFuel(lean.fuel()));

        assertThat(trap(outcome("x=abcdefgh; while :; do x=$x$x; done", LIMITS)))
                .isEqualTo(TrapCode.OUT_OF_MEMORY);

        assertThat(outcome("f() { f | f & f; }; f", brief)).isInstanceOf(Outcome.Trapped.class);

        assertThat(trap(outcome("cat /dev/zero", LIMITS))).isEqualTo(TrapCode.BAD_OUTPUT);
        assertThat(trap(outcome("head -c 16777217 /dev/zero", LIMITS)))
                .as("a byte more than a response has")
                .isEqualTo(TrapCode.BAD_OUTPUT);
        assertThat(trap(outcome("exit 3", LIMITS))).isEqualTo(TrapCode.EXIT);
        assertThat(trap(outcome("echo 'Status: no'; echo", LIMITS))).isEqualTo(TrapCode.BAD_OUTPUT);

        assertThat(body(outcome("cat", LIMITS))).as("all is well after that").isEqualTo("input");
        assertThat(ProcessHandle.current().descendants().filter(ProcessesTest::isProgram))
                .isEmpty();
    }

    /** Other tests start processes beside this one. */
    private static boolean isProgram(ProcessHandle process) {
        return process.info().commandLine().filter(line -> line.contains("/function/")).isPresent();
    }

    @Test
    void whatIsNoProgramGoesToTheSandboxAndWhatIsForOtherMachinesIsRefused() throws Exception {
        Bytes module = Bytes.hex("0061736d01000000");
        blobs.put(Digest.of(module), module);
        tiers.prepare(new Effect.Prepare(Digest.of(module)));
        assertThat(sandboxed.poll(20, TimeUnit.SECONDS))
                .isEqualTo(new Effect.Prepare(Digest.of(module)));

        byte[] foreign = Files.readAllBytes(Path.of("/usr/bin/cat"));
        foreign[18] = 40;
        assertThat(((Result.Refused<ModuleFacts>) prepare(Bytes.wrap(foreign))).refusal().what())
                .contains("machine 40");
        assertThat(prepare(Bytes.hex("7f454c46"))).isInstanceOf(Result.Refused.class);
    }

    @Test
    void noMoreMemoryIsPromisedThanThereIsForPrograms() throws Exception {
        Limits large = limits(300, 60_000_000_000L, Duration.ofSeconds(20));
        Bytes program = Bytes.utf8("#!/bin/sh\nsleep 1\n");
        assertThat(prepare(program).isOk()).isTrue();
        for (int run = 1; run <= 2; run++) {
            tiers.run(
                    new Effect.Run(
                            run,
                            Digest.of(program),
                            Request.post(Bytes.EMPTY),
                            large,
                            Digest.ZERO,
                            new Rights.Trial(Grants.NONE)));
        }
        Event.Ran first = (Event.Ran) heard.poll(60, TimeUnit.SECONDS);
        assertThat(first.run()).isEqualTo(2);
        assertThat(((Outcome.Refused) first.outcome()).refusal().code()).isEqualTo(ErrorCode.BUSY);
        Event.Ran second = (Event.Ran) heard.poll(60, TimeUnit.SECONDS);
        assertThat(second.outcome()).isInstanceOf(Outcome.Completed.class);
        assertThat(outcome("cat", large))
                .as("it was given back")
                .isInstanceOf(Outcome.Completed.class);
    }

    @Test
    void aPeerWhoseOwnerLetsNoProgramsRunSaysSo() throws Exception {
        tiers.close();
        tiers = new Tiers(sandboxes, Optional.empty(), this::blob, heard::add);

        Result<ModuleFacts> refused = prepare(Bytes.utf8("#!/bin/sh\n"));

        assertThat(((Result.Refused<ModuleFacts>) refused).refusal().code())
                .isEqualTo(ErrorCode.PROCESSES_OFF);
    }
}
