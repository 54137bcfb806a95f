package orb.host.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import orb.kernel.Address;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.port.Event;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class BootstrapTest {
    private static final String ID = "ab".repeat(32);
    private static final String OTHER = "cd".repeat(32);
    private static final String GOOD =
            """
            # the demo swarm
            network %s

            tracker %s@tracker.example:7400   # first
            tracker\t%s@[::1]:7401
            """
                    .formatted("00".repeat(32), ID, OTHER);

    private static Refusal refusal(String text) {
        Result<Bootstrap> result = Bootstrap.parse("orb.bootstrap", text);
        assertThat(result).isInstanceOf(Result.Refused.class);
        return ((Result.Refused<Bootstrap>) result).refusal();
    }

    @Test
    void aFileNamesTheSwarmAndItsTrackersInOrder() {
        Bootstrap read = Bootstrap.parse("f", GOOD.replace("\n", "\r\n")).orThrow();
        assertThat(read).isEqualTo(Bootstrap.parse("f", GOOD).orThrow());
        assertThat(read.network()).contains(Digest.ZERO);
        assertThat(read.trackers())
                .extracting(contact -> contact.address())
                .containsExactly(new Address("tracker.example", 7400), new Address("::1", 7401));
    }

    @ParameterizedTest
    @CsvSource({
        "tracker, 2",
        "tracker a b, 2",
        "tracker ID, 2",
        "tracker ID@nowhere, 2",
        "tracker ID@host:0, 2",
        "tracker ID@host:70000, 2",
        "tracker zz@host:1, 2",
        "network 12, 2",
        "peer ID@host:1, 2"
    })
    void aWrongLineIsNamedWithFileAndNumber(String line, int number) {
        Refusal refusal = refusal("# one\n" + line.replace("ID", ID) + "\n");
        assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_ARGUMENT);
        assertThat(refusal.what()).startsWith("orb.bootstrap:" + number + ": ");
        assertThat(refusal.next()).contains("tracker <orb id>@host:port");
    }

    @Test
    void whatIsNamedTwiceIsRefused() {
        String network = "network " + ID + "\n";
        assertThat(refusal(network + network).what()).contains(":2: ").contains("twice");
        String tracker = "tracker " + ID + "@a:1\n";
        assertThat(refusal(tracker + "\n" + tracker).what()).contains(":3: ").contains("twice");
    }

    @Test
    void aFileThatIsTooLargeIsRefused() {
        assertThat(refusal("#".repeat(Bootstrap.FILE_MAX + 1)).what()).contains("larger");
    }

    @Test
    void discoveryReadsTheFileAnewEachTimeAndWarnsWhenItCannot(@TempDir Path folder)
            throws Exception {
        List<Event> events = new CopyOnWriteArrayList<>();
        List<Refusal> warnings = new CopyOnWriteArrayList<>();
        Path file = folder.resolve("orb.bootstrap");
        FileDiscovery discovery = new FileDiscovery(file, events::add, warnings::add);

        discovery.discover();
        Awaitility.await().until(() -> events.size() == 1);
        assertThat(events.getFirst()).isEqualTo(new Event.Discovered(List.of()));
        assertThat(warnings.getFirst().code()).isEqualTo(ErrorCode.NO_BOOTSTRAP);
        assertThat(warnings.getFirst().what()).contains(file.toString());

        Files.writeString(file, GOOD);
        discovery.discover();
        Awaitility.await().until(() -> events.size() == 2);
        assertThat(((Event.Discovered) events.get(1)).contacts()).hasSize(2);
        assertThat(warnings).hasSize(1);
    }

    static Stream<byte[]> samples() {
        return Stream.of(GOOD, "", "tracker x@y:1", "network\u00a0x", "#\n\r")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("samples")
    @FuzzTest(maxDuration = "20s")
    void anyBytesAreABootstrapOrRefused(byte[] data) {
        Result<Bootstrap> result = Bootstrap.parse("f", new String(data, StandardCharsets.UTF_8));
        if (result instanceof Result.Refused<Bootstrap>(var refusal)) {
            assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_ARGUMENT);
        }
    }
}
