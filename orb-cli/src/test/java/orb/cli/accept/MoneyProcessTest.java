package orb.cli.accept;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import orb.cli.client.Api;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What deploying and calling costs whom, to the last unit, as the wallets of real nodes show it.
 */
@ExtendWith(SharedSwarm.class)
@Timeout(300)
class MoneyProcessTest {
    private static final long GRANT = 100_000_000;
    private static final String FAILS =
            """
            export default {
              fetch(request) {
                if (request.body.length > 20) { throw new Error('too long'); }
                return { ok: true };
              },
            };
            """;

    private static long sum(JsonNode history, Predicate<JsonNode> which, String column) {
        return rows(history).filter(which).mapToLong(row -> row.path(column).asLong()).sum();
    }

    private static Stream<JsonNode> rows(JsonNode history) {
        return StreamSupport.stream(history.spliterator(), false);
    }

    private static Predicate<JsonNode> kind(String kind) {
        return row -> row.path("kind").asText().equals(kind);
    }

    private static long newest(JsonNode history) {
        return history.isEmpty() ? 0 : history.get(0).path("index").asLong();
    }

    /** The price of a call by the published formula. */
    private static long price(long fuel) {
        return 100 + (fuel * 50 + 999_999) / 1_000_000;
    }

    @Test
    @Tag("E1")
    void theGrantComesOnceForAnIdentity(Swarm swarm) throws IOException {
        Member gina = swarm.startNode("gina", "--seed", "never");
        assertThat(gina.balance()).isEqualTo(GRANT);

        gina.orb("logout").ok();
        String secret = swarm.home().resolve("gina.passphrase").toString();
        gina.orb("login", "--name", "gina", "--passphrase-file", secret).ok();
        gina.stop();
        Member again = swarm.startNode("gina", "--seed", "never");

        assertThat(again.balance()).isEqualTo(GRANT);
        assertThat(sum(again.history(), kind("grant"), "amountMicro")).isEqualTo(GRANT);
        again.stop();
    }

    @Test
    @Tag("E2")
    void theQuoteIsWhatADeployCosts(Swarm swarm) throws IOException {
        Member bob = swarm.member("bob");
        Path light = Sources.module(swarm.folder("cheap"), "cheap", Wasm.countDown(100_000));
        Path heavy = Sources.module(swarm.folder("dear"), "dear", Wasm.countDown(1_000_000));
        JsonNode quote = bob.json("quote", light.toString());
        JsonNode dearer = bob.json("quote", heavy.toString());
        long before = newest(bob.history());

        bob.orb("deploy", light.toString(), "--plan", "metered").ok();

        long cost = quote.path("costMicro").asLong();
        assertThat(
                        sum(
                                bob.history(),
                                kind("deploy").and(row -> row.path("index").asLong() > before),
                                "amountMicro"))
                .isEqualTo(-cost);
        assertThat(cost).isEqualTo(formula(quote));
        assertThat(dearer.path("costMicro").asLong())
                .isEqualTo(formula(dearer))
                .isGreaterThan(cost);
    }

    private static long formula(JsonNode quote) {
        return 100_000
                + up(quote.path("complexity").asLong() * 10_000, 1_000_000)
                + up(quote.path("peakMemory").asLong() * 1_000, 1 << 20)
                + up(quote.path("size").asLong() * 100, 1 << 10);
    }

    private static long up(long dividend, long divisor) {
        return (dividend + divisor - 1) / divisor;
    }

    @Test
    @Tag("E2")
    void tooLowABalanceIsRefusedBeforeAnythingIsSent(Swarm swarm) throws IOException {
        Path source = Sources.module(swarm.folder("rich"), "rich", Wasm.countDown(10));

        Orb.Ran refused =
                swarm.member("carol")
                        .orb("deploy", source.toString(), "--plan", "both", "--allocation", "5000");

        assertThat(refused.code()).isEqualTo(14);
        assertThat(refused.err()).contains("ORB-0401").doesNotContain("  send");
        assertThat(swarm.tracker().api().get("/v1/functions?search=rich")).isEmpty();
    }

    @Test
    @Tag("A16")
    @Tag("B3")
    @Tag("E3")
    @Tag("E4")
    @Tag("E5")
    void aHundredCallsMoveFromTheRequesterToOwnerHostsAndTrackerToTheUnit(Swarm swarm)
            throws IOException {
        Member alice = swarm.member("alice");
        Member dave = swarm.member("dave");
        Path source = Sources.script(swarm.folder("paid"), "paid", FAILS);
        alice.orb("deploy", source.toString(), "--plan", "metered").ok();
        for (String name : List.of("bob", "carol")) {
            swarm.member(name).orb("seed", "alice/paid").ok();
        }
        alice.orb("seed", "alice/paid", "--stop").ok();
        swarm.awaitSeeders("alice/paid", 2);
        Map<String, Long> since = new TreeMap<>();
        for (String name : List.of("alice", "bob", "carol", "dave")) {
            since.put(name, newest(swarm.member(name).history()));
        }

        Map<String, Long> paid = new TreeMap<>();
        for (int i = 0; i < 100; i++) {
            if (i % 20 == 7) {
                assertThat(dave.invoke("alice/paid", "much longer than twenty").status())
                        .isEqualTo(500);
            }
            Api.Raw raw = dave.invoke("alice/paid", "abc");
            assertThat(raw.status()).isEqualTo(200);
            long fuel = Long.parseLong(raw.headers().get("x-orb-fuel"));
            paid.merge(raw.headers().get("x-orb-served-by"), price(fuel), Long::sum);
        }

        long total = paid.values().stream().mapToLong(Long::longValue).sum();
        Predicate<JsonNode> consumed =
                kind("consume").and(row -> row.path("index").asLong() > since.get("dave"));
        Swarm.until(
                "the settlement of " + total,
                () -> -sum(dave.history(), consumed, "allocatedMicro") >= total);
        assertThat(-sum(dave.history(), consumed, "allocatedMicro"))
                .as("the requester pays for the hundred, not for the five that failed")
                .isEqualTo(total);
        long hosts = 0;
        for (String name : List.of("bob", "carol")) {
            Member host = swarm.member(name);
            long served = paid.getOrDefault(host.id(), 0L);
            long earned = earned(host, "seed", since.get(name));
            assertThat(earned).as(name).isEqualTo(served - served * 3 / 10);
            hosts += earned;
        }
        assertThat(paid.keySet())
                .isSubsetOf(swarm.member("bob").id(), swarm.member("carol").id())
                .hasSize(2);
        long owner = 0;
        for (long served : paid.values()) {
            owner += served * 3 / 10 * 2 / 3;
        }
        assertThat(earned(alice, "own", since.get("alice"))).isEqualTo(owner);
        assertThat(total - hosts - owner)
                .as("the tracker's share")
                .isBetween(total / 11, total / 9);
        analyticsAgree(swarm, new Shares(total, hosts, owner));
    }

    private record Shares(long total, long hosts, long owner) {}

    /** The tracker's sums are the ledger's; 105 calls were made, of which five failed. */
    private static void analyticsAgree(Swarm swarm, Shares paid) throws IOException {
        String path = "/v1/analytics?fn=alice/paid";
        JsonNode found = swarm.tracker().api().get(path);
        JsonNode sum = found.path("total");
        assertThat(sum.path("calls").asLong()).isEqualTo(105);
        assertThat(sum.path("answers").asLong()).isEqualTo(105);
        assertThat(sum.path("paidMicro").asLong()).isEqualTo(paid.total);
        assertThat(sum.path("hostMicro").asLong()).isEqualTo(paid.hosts);
        assertThat(sum.path("ownerMicro").asLong()).isEqualTo(paid.owner);
        assertThat(sum.path("trackerMicro").asLong())
                .isEqualTo(paid.total - paid.hosts - paid.owner);
        assertThat(sum.path("p99Micros").asLong())
                .isGreaterThanOrEqualTo(sum.path("p50Micros").asLong())
                .isPositive();
        for (String name : List.of("bob", "carol")) {
            JsonNode one = swarm.tracker().api().get(path + "&node=" + swarm.member(name).id());
            assertThat(one.path("rows"))
                    .isNotEmpty()
                    .allSatisfy(row -> {
                        assertThat(row.path("function").asText()).isEqualTo("alice/paid");
                        assertThat(row.path("hour").asText()).endsWith(":00:00Z");
                    });
            assertThat(sum(one.path("rows"), _ -> true, "paidMicro"))
                    .isEqualTo(one.path("total").path("paidMicro").asLong());
        }
        JsonNode before = swarm.tracker().api().get(path + "&to=2020-01-01T00:00:00Z");
        assertThat(before.path("rows")).isEmpty();
        assertThat(before.path("total").path("calls").asLong()).isZero();
        swarm.tracker().orb("tracker", "analytics", "--fn", "alice/paid").ok();
    }

    private static long earned(Member node, String kind, long since) {
        return sum(
                node.history(),
                kind(kind).and(row -> row.path("index").asLong() > since),
                "amountMicro");
    }

    @Test
    @Tag("A16")
    void oneNodeIsOwnerSeederAndRequester(Swarm swarm) throws IOException {
        Member carol = swarm.member("carol");
        Path source = Sources.module(swarm.folder("carols"), "carols", Wasm.countDown(10));
        carol.orb("deploy", source.toString(), "--plan", "metered").ok();
        carol.orb("seed", "alice/add").ok();
        carol.orb("invoke", "alice/add", "-d", "{\"a\":1,\"b\":1}").ok();

        assertThat(carol.json("whoami").path("roles").toString())
                .isEqualTo("[\"owner\",\"seeder\",\"requester\"]");
    }

    @Test
    @Tag("E12")
    void theHistoryAddsUpToTheBalanceAndEachRowNamesItsEvidence(Swarm swarm) throws IOException {
        for (String name : List.of("alice", "bob", "dave")) {
            Member node = swarm.member(name);
            Swarm.until("a still moment of " + name, () -> reconciles(node));
        }
        JsonNode history = swarm.member("alice").history();
        for (JsonNode row : history) {
            JsonNode entry = swarm.member("alice").api().get(row.path("entry").asText());
            Bytes bytes = Bytes.wrap(HexFormat.of().parseHex(entry.path("bytes").asText()));
            assertThat(entry.path("digest").asText()).isEqualTo(Digest.of(bytes).hex());
            String evidence = row.path("evidence").asText();
            assertThat(
                            evidence.equals(entry.path("digest").asText())
                                    || bytes.hex().contains(evidence))
                    .as("row " + row)
                    .isTrue();
        }
    }

    private static boolean reconciles(Member node) {
        JsonNode wallet = node.json("wallet", "balance");
        List<String> lines = node.orb("wallet", "history", "--csv").ok().out().lines().toList();
        assertThat(lines.getFirst()).isEqualTo("index,at,kind,amount,allocated,other,evidence");
        BigDecimal balance = BigDecimal.ZERO;
        BigDecimal allocated = BigDecimal.ZERO;
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",");
            balance = balance.add(new BigDecimal(cells[3]));
            allocated = allocated.add(new BigDecimal(cells[4]));
        }
        return balance.compareTo(new BigDecimal(wallet.path("balance").asText())) == 0
                && allocated.compareTo(new BigDecimal(wallet.path("escrow").asText())) == 0;
    }

    @Test
    @Tag("A11")
    @Tag("E13")
    void aWalletMovesToAnotherMachineEncryptedAndADifferentKeyCannotUpdate(Swarm swarm)
            throws IOException {
        Member bob = swarm.member("bob");
        Path copy = swarm.home().resolve("bob.wallet");
        bob.orb("wallet", "export", copy.toString()).ok();
        Path source = Sources.module(swarm.folder("keyed"), "keyed", Wasm.countDown(20));
        bob.orb("deploy", source.toString(), "--plan", "metered").ok();
        bob.orb("deploy", source.toString(), "--plan", "metered", "--name", "keyed-too").ok();
        assertThat(bob.json("fn", "describe", "bob/keyed").path("id"))
                .as("each function has a key of its own")
                .isNotEqualTo(bob.json("fn", "describe", "bob/keyed-too").path("id"));

        Member hugo = swarm.member("hugo");
        hugo.start(
                swarm.home(),
                "node",
                "start",
                "--seed",
                "never",
                "--bootstrap",
                swarm.bootstrap().toString());
        String right = bob.folder().resolve("passphrase").toString();
        Path wrong = Files.writeString(swarm.home().resolve("guess"), "wrong guess\n");
        Path forged = swarm.home().resolve("forged.wallet");
        byte[] bytes = Files.readAllBytes(copy);
        bytes[bytes.length / 2] ^= 1;
        Files.write(forged, bytes);
        refused(hugo, "ORB-0501", copy, wrong.toString());
        refused(hugo, "ORB-050", forged, right);

        hugo.orb("wallet", "import", copy.toString(), "--passphrase-file", right).ok();
        hugo.orb("login", "--passphrase-file", right).ok();
        assertThat(hugo.json("whoami").path("account"))
                .isEqualTo(bob.json("whoami").path("account"));
        assertThat(sum(hugo.history(), kind("grant"), "amountMicro")).isEqualTo(GRANT);

        Orb.Ran update = hugo.orb("deploy", source.toString(), "--plan", "metered");
        assertThat(update.code()).isNotZero();
        assertThat(update.err()).contains("ORB-0411");
        assertThat(noKeyInClear(swarm, right)).isTrue();
        hugo.stop();
    }

    private static void refused(Member node, String code, Path wallet, String passphraseFile) {
        Orb.Ran ran =
                node.orb(
                        "wallet", "import", wallet.toString(), "--passphrase-file", passphraseFile);
        assertThat(ran.code()).isNotZero();
        assertThat(ran.out() + ran.err()).contains(code);
        assertThat(node.folder().resolve("wallet.orb")).doesNotExist();
    }

    /** Whether no file of bob's folder holds his wallet key, raw or in hexadecimal. */
    private static boolean noKeyInClear(Swarm swarm, String passphraseFile) throws IOException {
        Path folder = swarm.member("bob").folder();
        char[] passphrase = Files.readString(Path.of(passphraseFile)).strip().toCharArray();
        byte[] seed;
        try (var store =
                orb.host.wallet.KeyStore.open(
                                folder.resolve("wallet.orb"),
                                passphrase,
                                new java.security.SecureRandom())
                        .orThrow()) {
            seed = store.wallet().seedForStorage();
        }
        String raw = new String(seed, StandardCharsets.ISO_8859_1);
        String hex = HexFormat.of().formatHex(seed);
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile)
                    .noneMatch(file -> {
                        String content = read(file);
                        return content.contains(raw) || content.contains(hex);
                    });
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // a journal that was removed meanwhile
        }
    }
}
