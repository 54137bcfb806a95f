package orb.host.worker;

import static orb.kernel.Require.require;

import com.sun.management.OperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import orb.host.walls.Contained;
import orb.host.walls.Share;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;

/**
 * The program that a worker runs, and how much it may take.
 *
 * @param javaHome the JDK
 * @param classPath jars or folders, all that the worker can read but the JDK and its libraries
 * @param main its main class
 * @param threads runs at once, 1..{@link WorkerCodec#THREADS_MAX}
 * @param heap most Java heap
 * @param isBrief whether it lives for seconds and not for long
 * @param share of the processors
 */
public record WorkerProgram(
        Path javaHome,
        List<Path> classPath,
        String main,
        int threads,
        ByteSize heap,
        boolean isBrief,
        Share share)
        implements Contained {
    private static final ByteSize HEAP_MIN = ByteSize.mib(192);
    private static final ByteSize HEAP_MAX = ByteSize.mib(8192);
    private static final ByteSize COMPILER_HEAP = ByteSize.mib(640);

    /** A process that lives for seconds is better off with the faster of the JVM's compilers. */
    private static final String BRIEF = "-XX:TieredStopAtLevel=1";

    /** What a JVM takes beside its heap: compiled code, classes, collector, threads' own memory. */
    private static final ByteSize BESIDE_HEAP = ByteSize.mib(640);

    private static final ByteSize RUN_STACK = ByteSize.mib(65);
    private static final int JVM_THREADS = 64;

    /** Names of what a worker needs; nothing of nodes, wallets, links or stores is among it. */
    private static final Pattern NEEDED =
            Pattern.compile(
                    ".*/orb-(kernel|sandbox|host|cli)/target/classes/?"
                            + "|.*/(orb-(kernel|sandbox|host|cli)|runtime|wasm|wasi|compiler|log"
                            + "|asm|asm-[a-z]+)-[0-9][^/]*\\.jar");

    /** A program that lives for long. */
    public WorkerProgram(
            Path javaHome, List<Path> classPath, String main, int threads, ByteSize heap) {
        this(javaHome, classPath, main, threads, heap, false, Share.whole());
    }

    public WorkerProgram {
        classPath = List.copyOf(classPath);
        require(
                threads >= 1 && threads <= WorkerCodec.THREADS_MAX,
                "threads are 1..%d, not %d",
                WorkerCodec.THREADS_MAX,
                threads);
    }

    /**
     * The worker of this very program: the same JDK, and what is needed of its class path.
     *
     * @param main its main class
     * @param threads runs at once
     */
    public static WorkerProgram ofThisOne(String main, int threads) {
        List<Path> needed =
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(entry -> NEEDED.matcher(entry).matches())
                        .map(entry -> Path.of(entry).toAbsolutePath().normalize())
                        .toList();
        Path home = Path.of(System.getProperty("java.home"));
        return new WorkerProgram(home, needed, main, threads, heapOfThisMachine());
    }

    /**
     * The program that compiles for this one: the same JDK and class path, one thread, and what the
     * largest module takes.
     *
     * @param compiler its main class
     */
    public WorkerProgram compiler(String compiler) {
        ByteSize most = new ByteSize(Math.min(heap.bytes(), COMPILER_HEAP.bytes()));
        return new WorkerProgram(javaHome, classPath, compiler, 1, most, true, share);
    }

    /**
     * Digest of all that the program consists of, but for the JDK: code made by another is of no
     * use to it.
     *
     * @throws IOException if it cannot be read
     */
    public Digest digest() throws IOException {
        List<byte[]> parts = new ArrayList<>();
        for (Path entry : classPath) {
            try (Stream<Path> files = Files.walk(entry)) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    parts.add(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
                    parts.add(Digest.of(Bytes.wrap(Files.readAllBytes(file))).bytes().array());
                }
            }
        }
        return Digest.sha256(parts.toArray(byte[][]::new));
    }

    /** Half of the machine, within bounds: a limit, not a demand. */
    private static ByteSize heapOfThisMachine() {
        long memory =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                        .getTotalMemorySize();
        return new ByteSize(Math.clamp(memory / 2, HEAP_MIN.bytes(), HEAP_MAX.bytes()));
    }

    /** The same with another share. */
    public WorkerProgram with(Share other) {
        return new WorkerProgram(javaHome, classPath, main, threads, heap, isBrief, other);
    }

    /**
     * The same within this much memory, if the machine would give it more.
     *
     * @throws IllegalArgumentException if it could not work within that
     */
    public WorkerProgram within(ByteSize memory) {
        long least = HEAP_MIN.bytes() + BESIDE_HEAP.bytes();
        require(
                memory.bytes() >= least,
                "a worker needs at least %d MiB, not %d MiB",
                least >> 20,
                memory.bytes() >> 20);
        long most = Math.min(heap.bytes(), memory.bytes() - BESIDE_HEAP.bytes());
        return new WorkerProgram(
                javaHome, classPath, main, threads, new ByteSize(most), isBrief, share);
    }

    @Override
    public ByteSize memory() {
        return new ByteSize(heap.bytes() + BESIDE_HEAP.bytes());
    }

    @Override
    public ByteSize data() {
        return new ByteSize(memory().bytes() + threads * RUN_STACK.bytes());
    }

    /** What all runs together may be promised: growing a memory holds the old one and the new. */
    long runMemory() {
        return heap.bytes() * 3 / 4;
    }

    @Override
    public int pids() {
        return threads + JVM_THREADS;
    }

    Path java() {
        return javaHome.resolve("bin").resolve("java");
    }

    @Override
    public Path loadable() {
        return java();
    }

    @Override
    public List<Sight> sights() throws IOException {
        List<Sight> sights = new ArrayList<>(JvmFiles.libraries());
        sights.add(new Sight(javaHome));
        JvmFiles.outside(javaHome).forEach(path -> sights.add(new Sight(path)));
        classPath.forEach(path -> sights.add(new Sight(path)));
        return sights;
    }

    /** The allocator of the C library would else keep some memory for each thread. */
    @Override
    public Map<String, String> environment() {
        return Map.of("MALLOC_ARENA_MAX", "2");
    }

    @Override
    public Calls calls() {
        return Calls.COMPUTING;
    }

    /**
     * The command within the walls. Small and quiet when idle; huge methods are compiled, because
     * interpreters of languages consist of them, and however large a method has become, access to
     * memory is inlined into it; by the optimising compiler alone, for the first one runs out of
     * registers over that. So is the engine's validator, one method that takes a third of the time
     * of compiling. The first compiler comes sooner than usual: most functions are called a few
     * times, and their code is new to this JVM.
     */
    @Override
    public List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(java().toString());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-Xms12m",
                        "-XX:NewSize=8m",
                        "-Xmx" + (heap.bytes() >> 20) + "m",
                        "-XX:MinHeapFreeRatio=10",
                        "-XX:MaxHeapFreeRatio=25",
                        "-XX:+UseCompactObjectHeaders",
                        "-XX:ReservedCodeCacheSize=96m",
                        "-XX:MaxMetaspaceSize=320m",
                        "-XX:-DontCompileHugeMethods",
                        "-XX:-ClipInlining",
                        "-XX:C1MaxInlineSize=10",
                        "-XX:Tier3MinInvocationThreshold=50",
                        "-XX:Tier3CompileThreshold=1000",
                        "-XX:Tier3BackEdgeThreshold=20000",
                        "-XX:TrimNativeHeapInterval=5000",
                        "-XX:-UsePerfData",
                        "-XX:+DisableAttachMechanism",
                        "-XX:-UseContainerSupport",
                        "-XX:-MaxFDLimit",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=/dev/stderr",
                        "-Xlog:disable",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        String.join(
                                File.pathSeparator,
                                classPath.stream().map(Path::toString).toList()),
                        main));
        if (isBrief) {
            command.add(1, BRIEF);
        }
        return command;
    }
}
