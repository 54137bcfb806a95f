package orb.host.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.kernel.port.Table;

/** A process that writes and says what was acknowledged, until it is killed. */
final class WriterProcess {
    /** Stands before each line that is meant for the test; loggers may write others. */
    static final String MARK = "> ";

    private WriterProcess() {}

    /** The next line that is meant for the test, null at the end. */
    static String line(BufferedReader said) throws IOException {
        String line = said.readLine();
        while (line != null && !line.startsWith(MARK)) {
            line = said.readLine();
        }
        return line == null ? null : line.substring(MARK.length());
    }

    static Process start(Path home, String task) throws IOException {
        return new ProcessBuilder(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Xmx200m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                WriterProcess.class.getName(),
                                home.toString(),
                                task))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Lines: {@code ready}, then {@code entry N}, {@code blob DIGEST} and {@code record N}. */
    public static void main(String... arguments) throws Exception {
        DataFolder folder = DataFolder.open(Path.of(arguments[0])).orThrow();
        say("ready");
        if (arguments[1].equals("hold")) {
            Thread.sleep(60_000);
            return;
        }
        SqliteDisk disk =
                SqliteDisk.open(folder, WriterProcess::blobEvent, t -> say("trouble " + t))
                        .orThrow();
        LocalOrdering log =
                LocalOrdering.open(folder, InstantSource.system(), WriterProcess::logEvent)
                        .orThrow();
        int[] next = {0};
        log.replay(ordered -> next[0]++);
        int records = disk.kept().getOrDefault(Table.TRAIL, new TreeMap<>()).size();
        for (int round = 0; round < 100_000; round++) {
            for (int i = 0; i < 50; i++) {
                log.propose(new Effect.Propose(entry(next[0]++)));
            }
            Bytes record = Bytes.utf8(String.format("%08d", records));
            disk.save(new Effect.Save(Table.TRAIL, record, record));
            Bytes blob = Bytes.wrap(new byte[1_000 + next[0]]);
            disk.storeBlob(new Effect.StoreBlob(Digest.of(blob), blob));
            disk.flush();
            say("record " + records++);
        }
    }

    static Bytes entry(int number) {
        return Bytes.utf8("entry " + number);
    }

    private static void logEvent(Event event) {
        if (event instanceof Event.Ordered(long index, var time, var entry)) {
            say("entry " + index);
        }
    }

    private static void blobEvent(Event event) {
        if (event instanceof Event.BlobStored(var digest, var refusal) && refusal.isEmpty()) {
            say("blob " + digest);
        }
    }

    private static synchronized void say(String line) {
        System.out.println(MARK + line);
        System.out.flush();
    }
}
