package orb.cli.world;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Optional;
import orb.host.worker.FrameSink;
import orb.host.worker.FrameSource;
import orb.host.worker.FromWorker;
import orb.host.worker.ToWorker;
import orb.host.worker.WorkerCodec;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.sandbox.Sandbox;

/**
 * The compiler: a process that makes JVM code of modules for a node, and runs none of it.
 *
 * <p>It reads messages from standard input and writes messages to standard output until the input
 * ends. It holds nothing but the module that it compiles.
 */
final class CompilerMain {
    private static final int STATUS_CONFUSED = 3;

    private CompilerMain() {}

    /** Takes no words. */
    public static void main(String[] words) throws InterruptedException {
        FrameSource in = new FrameSource(new FileInputStream(FileDescriptor.in));
        FrameSink out = new FrameSink(new FileOutputStream(FileDescriptor.out));
        System.setOut(System.err); // what anything prints is no message
        Thread compiling =
                Thread.ofPlatform()
                        .name("orb-compile")
                        .stackSize(Sandbox.STACK_BYTES.bytes()) // modules nest deeply
                        .start(() -> Runtime.getRuntime().halt(serve(in, out)));
        compiling.join();
    }

    private static int serve(FrameSource in, FrameSink out) {
        try {
            out.send(WorkerCodec.encode(new FromWorker.Ready(WorkerCodec.VERSION)));
            for (Optional<Bytes> frame = in.next(); frame.isPresent(); frame = in.next()) {
                switch (WorkerCodec.toWorker(frame.get()).orThrow()) {
                    case ToWorker.Start _ -> {
                        // it is told how many may run at once, and none does
                    }
                    case ToWorker.Compile(var artefact, var content) ->
                            out.send(
                                    WorkerCodec.encode(
                                            new FromWorker.Compiled(artefact, code(content))));
                    default -> throw new IOException("a compiler runs nothing");
                }
            }
            return 0;
        } catch (IOException | RuntimeException e) {
            System.err.println("compiler: " + e);
            return STATUS_CONFUSED;
        }
    }

    private static Result<Bytes> code(Bytes content) {
        Result<Bytes> made = Sandbox.compile(content);
        if (made instanceof Result.Ok<Bytes>(var code) && code.length() > WorkerCodec.CODE_MAX) {
            return Result.refused(
                    ErrorCode.MODULE_BOMB,
                    "its code has " + code.length() + " bytes; at most " + WorkerCodec.CODE_MAX);
        }
        return made;
    }
}
