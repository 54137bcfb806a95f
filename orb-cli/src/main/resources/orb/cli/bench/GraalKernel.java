import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;

/**
 * Runs one kernel of kernels.wasm on GraalWasm: {@code java GraalKernel.java MODULE KERNEL
 * MILLISECONDS}. Prints the fastest run in milliseconds of the processor, and the result in hex.
 */
public final class GraalKernel {
    public static void main(String[] words) throws Exception {
        byte[] module = Files.readAllBytes(Path.of(words[0]));
        byte kernel = Byte.parseByte(words[1]);
        long until = System.nanoTime() + Long.parseLong(words[2]) * 1_000_000;
        var threads = ManagementFactory.getThreadMXBean();
        Source source =
                Source.newBuilder("wasm", ByteSequence.create(module), "kernels").build();
        long fastest = Long.MAX_VALUE;
        String result = "";
        try (Engine engine = Engine.create()) {
            for (int n = 0; n < 30 || System.nanoTime() < until; n++) {
                try (Context context = Context.newBuilder("wasm").engine(engine).build()) {
                    Value evaluated = context.eval(source);
                    Value exports = evaluated.newInstance().getMember("exports");
                    long begun = threads.getCurrentThreadCpuTime();
                    int at = exports.getMember("alloc").execute(1).asInt();
                    Value memory = exports.getMember("memory");
                    memory.writeBufferByte(at, kernel);
                    long packed = exports.getMember("handle").execute(at, 1).asLong();
                    fastest = Math.min(fastest, threads.getCurrentThreadCpuTime() - begun);
                    byte[] answer = new byte[8];
                    memory.readBuffer(packed >>> 32, answer, 0, 8);
                    result = HexFormat.of().formatHex(answer);
                }
            }
        }
        System.out.println(fastest / 1e6 + " " + result);
    }
}
