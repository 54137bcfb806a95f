package orb.host.capability;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import orb.host.store.DataFolder;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.FunctionId;
import orb.kernel.Limits;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.message.Grants;
import orb.kernel.port.Denial;
import orb.kernel.port.Effect;
import orb.kernel.port.HostCall;
import orb.kernel.port.HostCalls;
import orb.kernel.port.HostReply;
import orb.kernel.port.Rights;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What functions and owners keep on a node: who sees it, how much, and what damage does. */
class SpaceTest {
    private static final FunctionId ONE = new FunctionId(Digest.of(Bytes.utf8("one")));
    private static final FunctionId OTHER = new FunctionId(Digest.of(Bytes.utf8("other")));
    private static final Bytes KEY = Bytes.utf8("marker-key");
    private static final Bytes VALUE = Bytes.utf8("marker-value");

    @TempDir Path temp;
    private DataFolder folder;
    private Granting granting;

    @BeforeEach
    void open() {
        folder = DataFolder.open(temp.resolve("node")).orThrow();
        granting = Granting.open(folder, Egress.NONE, new SecureRandom());
    }

    @AfterEach
    void close() {
        granting.close();
        folder.close();
    }

    private void again() {
        close();
        open();
    }

    private static Grants kv(long quota) {
        return new Grants(new ByteSize(quota), List.of(), List.of(), false);
    }

    private HostCalls line(Rights rights) {
        Limits limits = new Limits(ByteSize.mib(1), new Fuel(1), Duration.ofSeconds(1));
        return granting.line(
                new Effect.Run(
                        1, Digest.ZERO, Request.post(Bytes.EMPTY), limits, Digest.ZERO, rights));
    }

    private HostReply ask(FunctionId function, Grants grants, HostCall call)
            throws InterruptedException {
        return line(new Rights.Call(function, grants)).call(call);
    }

    private HostReply ask(HostCall call) throws InterruptedException {
        return ask(ONE, kv(1_000), call);
    }

    private static void refused(HostReply reply, ErrorCode code) {
        assertThat(reply)
                .isInstanceOfSatisfying(
                        HostReply.Refused.class,
                        r -> assertThat(r.refusal().code()).as(r.toString()).isEqualTo(code));
    }

    @Test
    @Tag("H4")
    void whatIsKeptSurvivesARestartAndIsSeenByItsFunctionAlone() throws Exception {
        assertThat(ask(new HostCall.KvSet(KEY, VALUE))).isEqualTo(new HostReply.Done());
        again();

        assertThat(ask(new HostCall.KvGet(KEY))).isEqualTo(new HostReply.Found(VALUE));
        assertThat(ask(OTHER, kv(1_000), new HostCall.KvGet(KEY)))
                .isEqualTo(new HostReply.Missing());
        assertThat(ask(OTHER, kv(1_000), new HostCall.KvDelete(KEY)))
                .isEqualTo(new HostReply.Missing());
        assertThat(ask(new HostCall.KvDelete(KEY))).isEqualTo(new HostReply.Done());
        assertThat(ask(new HostCall.KvGet(KEY))).isEqualTo(new HostReply.Missing());
    }

    @Test
    @Tag("H4")
    void neitherKeysNorValuesNorSecretsAreReadableOnTheDisk() throws Exception {
        ask(new HostCall.KvSet(KEY, VALUE));
        granting.keepSecret(ONE, "MARKER", VALUE).orThrow();
        granting.close();

        try (Stream<Path> files = Files.walk(temp)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                assertThat(content).as(file.toString()).doesNotContainIgnoringCase("marker");
            }
        }
        granting = Granting.open(folder, Egress.NONE, new SecureRandom());
    }

    @Test
    @Tag("H2")
    void theQuotaIsExactToTheByte() throws Exception {
        Grants edge = kv(KEY.length() + 10);
        HostCall ten = new HostCall.KvSet(KEY, Bytes.wrap(new byte[10]));
        HostCall eleven = new HostCall.KvSet(KEY, Bytes.wrap(new byte[11]));
        HostCall more = new HostCall.KvSet(Bytes.utf8("k"), Bytes.EMPTY);

        refused(ask(ONE, edge, eleven), ErrorCode.KV_FULL);
        assertThat(ask(ONE, edge, ten)).isEqualTo(new HostReply.Done());
        refused(ask(ONE, edge, eleven), ErrorCode.KV_FULL);
        assertThat(ask(ONE, edge, ten)).as("in its own place").isEqualTo(new HostReply.Done());
        refused(ask(ONE, edge, more), ErrorCode.KV_FULL);
        again();
        refused(ask(ONE, edge, more), ErrorCode.KV_FULL);
        ask(ONE, edge, new HostCall.KvSet(KEY, Bytes.wrap(new byte[9])));
        assertThat(ask(ONE, edge, more)).isEqualTo(new HostReply.Done());
    }

    @Test
    @Tag("H5")
    void whatIsNotGrantedIsDeniedAndNoted() throws Exception {
        HostCalls line = line(new Rights.Call(ONE, Grants.NONE));
        refused(line.call(new HostCall.KvGet(KEY)), ErrorCode.NOT_GRANTED);
        refused(line.call(new HostCall.KvSet(KEY, VALUE)), ErrorCode.NOT_GRANTED);
        refused(line.call(new HostCall.Secret("A")), ErrorCode.NOT_GRANTED);
        refused(
                line.call(new HostCall.Fetch("GET", "http://a/", List.of(), Bytes.EMPTY)),
                ErrorCode.NOT_GRANTED);

        assertThat(line.denied())
                .containsExactly(
                        new Denial(
                                Denial.Kind.CAPABILITY,
                                "ORB-0221: the function was not granted a key-value space"),
                        new Denial(
                                Denial.Kind.CAPABILITY,
                                "ORB-0221: the function was not granted the secret A"),
                        new Denial(
                                Denial.Kind.EGRESS,
                                "ORB-0221: the function was not granted any request over HTTP"));
    }

    @Test
    @Tag("H4")
    void aRowThatIsChangedOrMovedDoesNotOpen() throws Exception {
        ask(new HostCall.KvSet(KEY, VALUE));
        ask(new HostCall.KvSet(Bytes.utf8("second"), VALUE));
        change("UPDATE rows SET sealed = (SELECT max(sealed) FROM rows)");
        again();

        HostReply first = ask(new HostCall.KvGet(KEY));
        HostReply second = ask(new HostCall.KvGet(Bytes.utf8("second")));

        assertThat(Stream.of(first, second).filter(HostReply.Found.class::isInstance)).hasSize(1);
        refused(first instanceof HostReply.Found ? second : first, ErrorCode.STORE_DAMAGED);
    }

    private void change(String sql) throws SQLException {
        granting.close();
        try (Connection connection =
                DriverManager.getConnection("jdbc:sqlite:" + folder.path().resolve("spaces.db"))) {
            connection.createStatement().executeUpdate(sql);
        }
    }

    @Test
    @Tag("H4")
    void withAnotherKeyNothingIsFoundAndADamagedKeyIsSaid() throws Exception {
        ask(new HostCall.KvSet(KEY, VALUE));
        Path key = folder.path().resolve("storage.key");
        Files.move(key, temp.resolve("aside"));
        again();
        assertThat(ask(new HostCall.KvGet(KEY))).isEqualTo(new HostReply.Missing());

        Files.write(key, new byte[40]);
        again();
        refused(ask(new HostCall.KvGet(KEY)), ErrorCode.STORE_DAMAGED);
        assertThat(ask(new HostCall.KvGet(KEY)).toString()).doesNotContain(temp.toString());
    }

    @Test
    @Tag("H4")
    void aDamagedFileIsToldAtEachCallAndNeverMadeAnew() throws Exception {
        ask(new HostCall.KvSet(KEY, VALUE));
        close();
        Path file = temp.resolve("node/spaces.db");
        byte[] damaged = Files.readAllBytes(file);
        java.util.Arrays.fill(damaged, 4_096, damaged.length, (byte) 0x5a);
        Files.write(file, damaged);
        open();

        refused(ask(new HostCall.KvGet(KEY)), ErrorCode.STORE_DAMAGED);
        refused(ask(new HostCall.KvSet(KEY, VALUE)), ErrorCode.STORE_DAMAGED);

        assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
    }

    @Test
    @Tag("H4")
    void secretsAreReleasedByNameToTheirFunctionAlone() throws Exception {
        granting.keepSecret(ONE, "API_KEY", VALUE).orThrow();
        Grants named = new Grants(new ByteSize(0), List.of(), List.of("API_KEY"), false);

        assertThat(ask(ONE, named, new HostCall.Secret("API_KEY")))
                .isEqualTo(new HostReply.Found(VALUE));
        refused(ask(OTHER, named, new HostCall.Secret("API_KEY")), ErrorCode.NO_SECRET);
        refused(ask(ONE, kv(1_000), new HostCall.Secret("API_KEY")), ErrorCode.NOT_GRANTED);
        refused(ask(ONE, named, new HostCall.Secret("OTHER")), ErrorCode.NOT_GRANTED);
        assertThat(ask(ONE, kv(1_000), new HostCall.KvGet(Bytes.utf8("API_KEY"))))
                .as("secrets are not in the key-value space")
                .isEqualTo(new HostReply.Missing());
        assertThat(granting.secretNames(ONE).orThrow()).containsExactly("API_KEY");
        assertThat(granting.forgetSecret(ONE, "API_KEY").isOk()).isTrue();
        assertThat(granting.forgetSecret(ONE, "API_KEY").isOk()).isFalse();
        refused(ask(ONE, named, new HostCall.Secret("API_KEY")), ErrorCode.NO_SECRET);
    }

    @Test
    @Tag("H2")
    void secretsHaveANameALengthAndANumber() {
        for (String name : List.of("", "a", "1A", "A".repeat(65))) {
            assertThat(granting.keepSecret(ONE, name, VALUE).isOk()).as(name).isFalse();
        }
        assertThat(granting.keepSecret(ONE, "A", Bytes.EMPTY).isOk()).isFalse();
        for (int i = 0; i < Grants.SECRETS_MAX; i++) {
            assertThat(granting.keepSecret(ONE, "A" + i, VALUE).isOk()).isTrue();
        }
        assertThat(granting.keepSecret(ONE, "B", VALUE).isOk()).isFalse();
        assertThat(granting.keepSecret(ONE, "A1", KEY).isOk()).isTrue();
    }

    @Test
    @Tag("A9")
    void trialsSeeTheSameHoweverOftenTheyRun() throws Exception {
        for (int i = 0; i < 2; i++) {
            HostCalls trial = line(new Rights.Trial(kv(KEY.length() + 2)));
            assertThat(trial.call(new HostCall.KvGet(KEY))).isEqualTo(new HostReply.Missing());
            refused(
                    trial.call(new HostCall.KvSet(KEY, Bytes.wrap(new byte[3]))),
                    ErrorCode.KV_FULL);
            trial.call(new HostCall.KvSet(KEY, Bytes.wrap(new byte[2])));
            assertThat(trial.call(new HostCall.KvDelete(KEY))).isEqualTo(new HostReply.Done());
            assertThat(trial.call(new HostCall.KvSet(KEY, Bytes.wrap(new byte[2]))))
                    .isEqualTo(new HostReply.Done());
            refused(trial.call(new HostCall.Secret("A")), ErrorCode.NOT_GRANTED);
        }
        assertThat(ask(new HostCall.KvGet(KEY))).isEqualTo(new HostReply.Missing());
    }

    @Test
    @Tag("H4")
    void aStorageKeyThatOthersMayReadIsRefused() throws IOException {
        Path file = temp.resolve("key");
        assertThat(StorageKey.openOrCreate(file, new SecureRandom()).isOk()).isTrue();
        Files.setPosixFilePermissions(
                file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r-----"));

        Result<StorageKey> opened = StorageKey.openOrCreate(file, new SecureRandom());

        assertThat(Optional.of(opened).map(Object::toString).orElse("")).contains("ORB-0507");
    }
}
