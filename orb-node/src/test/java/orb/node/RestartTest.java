package orb.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.port.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read back at a start is believed only as far as it can be read. */
class RestartTest {
    private static Drive lived() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50).joinedBy(drive);
        LoginTest.logIn(drive, tracker);
        drive.command(DeployingTest.deploy("metered", Credits.ZERO));
        tracker.serve(drive);
        FunctionName own = new FunctionName("alice", "echo");
        for (int i = 0; i < 3; i++) {
            drive.command(new NodeCommand.Call(own, Request.post(Bytes.utf8("x")), false));
        }
        for (int second = 0; second < 5; second++) {
            drive.pass(Duration.ofSeconds(1));
            tracker.serve(drive);
        }
        return drive;
    }

    @Test
    void aDamagedRowStopsTheStartAndNamesItsTable() {
        for (Table table :
                List.of(
                        Table.SEEDS,
                        Table.OWNED,
                        Table.STATISTICS,
                        Table.BATCHES,
                        Table.TRAIL,
                        Table.SETTINGS,
                        Table.LANES)) {
            Drive drive = lived();
            NavigableMap<Bytes, Bytes> rows = drive.kept.get(table);
            rows.put(rows.lastKey(), Bytes.utf8("damaged"));
            assertThatThrownBy(() -> drive.restarted(Duration.ofSeconds(1)))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> {
                                assertThat(e.refusal().code()).isEqualTo(ErrorCode.STORE_DAMAGED);
                                assertThat(e.refusal().what()).contains(table.name());
                            });
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void anyBytesInAnyRowLeadToAStartOrToACodedStopAndNothingElse(long seed) {
        SplittableRandom chance = new SplittableRandom(seed);
        Drive drive = lived();
        List<Table> tables = new ArrayList<>(drive.kept.keySet());
        for (int round = 0; round < 200; round++) {
            NavigableMap<Bytes, Bytes> rows =
                    drive.kept.get(tables.get(chance.nextInt(tables.size())));
            if (rows.isEmpty()) {
                continue;
            }
            List<Bytes> keys = new ArrayList<>(rows.keySet());
            Bytes key = keys.get(chance.nextInt(keys.size()));
            Bytes whole = rows.get(key);
            rows.put(key, mutated(whole, chance));
            try {
                drive.restarted(Duration.ofSeconds(1));
            } catch (RefusedException e) {
                assertThat(e.refusal().code()).isEqualTo(ErrorCode.STORE_DAMAGED);
            }
            rows.put(key, whole);
        }
    }

    private static Bytes mutated(Bytes whole, SplittableRandom chance) {
        byte[] bytes = whole.toArray();
        if (bytes.length == 0 || chance.nextInt(4) == 0) {
            return whole.slice(0, chance.nextInt(bytes.length + 1));
        }
        for (int flips = 1 + chance.nextInt(3); flips > 0; flips--) {
            bytes[chance.nextInt(bytes.length)] ^= (byte) (1 << chance.nextInt(8));
        }
        return Bytes.wrap(bytes);
    }
}
