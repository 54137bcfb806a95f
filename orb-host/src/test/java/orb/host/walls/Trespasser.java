package orb.host.walls;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A program that behaves behind the walls as a function would that has broken out of the sandbox:
 * it tries what each line of its input names, and says what came of it.
 */
final class Trespasser {
    private Trespasser() {}

    public static void main(String... none) throws IOException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", 2);
            String said;
            try {
                said = "done " + attempt(words[0], words.length > 1 ? words[1] : "");
            } catch (Exception | OutOfMemoryError | LinkageError e) {
                said = "failed " + e + " " + e.getCause();
            }
            System.out.println(said.replace('\n', ' '));
            System.out.flush();
        }
    }

    private static String attempt(String what, String with) throws Exception {
        return switch (what) {
            case "read" -> Files.readString(Path.of(with));
            case "list" -> list(Path.of(with));
            case "write" -> Files.writeString(Path.of(with), "was here").toString();
            case "connect" -> connect(Integer.parseInt(with));
            case "exec" -> "" + new ProcessBuilder(with.split(" ")).start().waitFor();
            case "environment" -> new TreeSet<>(System.getenv().keySet()).toString();
            case "processes" -> processes();
            case "memory" -> memory(Long.parseLong(with));
            case "threads" -> threads(Integer.parseInt(with));
            default -> "nothing";
        };
    }

    /** Asks the old way, which needs fewer system calls. */
    private static String list(Path folder) throws IOException {
        String[] names = folder.toFile().list();
        if (names == null) {
            throw new IOException("cannot list " + folder);
        }
        return String.join(" ", new TreeSet<>(List.of(names)));
    }

    private static String connect(int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2_000);
            return "connected";
        }
    }

    private static String processes() throws IOException {
        return Stream.of(list(Path.of("/proc")).split(" "))
                .filter(name -> name.matches("[0-9]+"))
                .collect(Collectors.joining(" "));
    }

    /** Memory beside the heap, written to, so that the kernel has to give it. */
    private static String memory(long bytes) throws Exception {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        var field = type.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        Object unsafe = field.get(null);
        var allocate = type.getMethod("allocateMemory", long.class);
        var fill = type.getMethod("setMemory", long.class, long.class, byte.class);
        long piece = 16L << 20;
        for (long taken = 0; taken < bytes; taken += piece) {
            try {
                fill.invoke(unsafe, allocate.invoke(unsafe, piece), piece, (byte) 1);
            } catch (java.lang.reflect.InvocationTargetException e) {
                throw new IOException("after " + (taken >> 20) + " MiB: " + e.getCause(), e);
            }
        }
        return "took " + bytes;
    }

    private static String threads(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            try {
                Thread.ofPlatform().daemon(true).stackSize(1).start(LockSupport::park);
            } catch (OutOfMemoryError e) {
                throw new IOException("after " + i + ": " + e, e);
            }
        }
        return List.of(count, "threads").toString();
    }
}
