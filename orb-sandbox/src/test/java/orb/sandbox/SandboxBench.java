package orb.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import orb.kernel.Bytes;
import orb.kernel.Limits;
import orb.kernel.Request;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What one invocation in a fresh instance costs, and what metering adds to computing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:-DontCompileHugeMethods", "-XX:-ClipInlining", "-Xss16m"})
public class SandboxBench {
    private static final int I32 = TestModule.I32;

    private final Request request = Request.post(Bytes.utf8("{\"a\":2,\"b\":3}"));
    private Sandbox sandbox;
    private Module handler;
    private Module command;
    private Module loop;
    private Module script;

    /** Prepares one module of each shape. */
    @Setup
    public void prepare() throws IOException {
        try (InputStream in = SandboxBench.class.getResourceAsStream("/orb/console/quickjs.wasm")) {
            sandbox = new Sandbox(System::nanoTime, Bytes.wrap(in.readAllBytes()));
        }
        Asm packed = new Asm().get(0).op(0xad).i64(32).op(0x86).get(1).op(0xad, 0x84);
        handler = sandbox.prepare(TestModule.handler(2).handling(packed)).orThrow();
        TestModule hello = TestModule.handler(2).data(100, "hello\n");
        int write = hello.wasi("fd_write", TestModule.params(I32, I32, I32, I32), I32);
        Asm print = new Asm().i32(0).i32(100).op(0x36, 2, 0).i32(4).i32(6).op(0x36, 2, 0);
        print.i32(1).i32(0).i32(1).i32(8).call(write).op(0x1a);
        command = sandbox.prepare(hello.command(print)).orThrow();
        Asm counting = new Asm().i32(10_000_000).set(2).loop();
        counting.get(2).i32(1).op(0x6b).with(0x22, 2).brIf(0).end().output(0, 0);
        loop = sandbox.prepare(TestModule.handler(1).handling(new int[] {I32}, counting)).orThrow();
        String source = "export default { fetch(r) { return 'hi ' + r.method; } };";
        Bytes artefact = sandbox.scripts().orElseThrow().compile(source).orThrow();
        script = sandbox.prepare(artefact).orThrow();
    }

    /** Body in, body out. */
    @Benchmark
    public Run handler() {
        return sandbox.invoke(handler, request, Limits.DEFAULT, RunInputs.FIXED);
    }

    /** A WASI command that prints one line. */
    @Benchmark
    public Run command() {
        return sandbox.invoke(command, request, Limits.DEFAULT, RunInputs.FIXED);
    }

    /** Ten million turns of a counting loop, fuel counted in each. */
    @Benchmark
    public Run loop() {
        return sandbox.invoke(loop, request, Limits.DEFAULT, RunInputs.FIXED);
    }

    /** A script that answers with a string. */
    @Benchmark
    public Run script() {
        return sandbox.invoke(script, request, Limits.DEFAULT, RunInputs.FIXED);
    }
}
