package orb.host.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import org.ethereum.beacon.discovery.crypto.DefaultSigner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Peers of discv5 over the loopback interface. */
final class Discv5Test {
    private static final Digest NETWORK = Digest.of(Bytes.utf8("swarm"));
    private static final Routes ROUTES = new Routes(NETWORK, true);

    private final List<Discv5> peers = new ArrayList<>();

    @AfterEach
    void end() {
        peers.forEach(Discv5::close);
    }

    private static KeyPair key(long seed) {
        return KeyPair.generate(new Random(seed)::nextBytes);
    }

    private static Bytes route(long seed, Digest network) {
        KeyPair key = key(seed);
        return Routes.bytes(
                new Routes(network, true)
                        .own(
                                key,
                                new DefaultSigner(Routes.secretOf(key)),
                                Optional.of(InetAddress.getLoopbackAddress()),
                                30_303));
    }

    /** A peer that answers each question with its asker's id and the question. */
    private Discv5 peer(long seed, Digest network) {
        Discv5 peer =
                Discv5.start(
                                new Discv5.Settings(
                                        network,
                                        key(seed),
                                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                        Optional.of(InetAddress.getLoopbackAddress())),
                                (from, question, reply) ->
                                        reply.accept(from.id().digest().bytes().concat(question)))
                        .orThrow();
        peers.add(peer);
        return peer;
    }

    private static Optional<Bytes> ask(Discv5 peer, Bytes route, Bytes question) {
        CompletableFuture<Optional<Bytes>> answer = new CompletableFuture<>();
        peer.ask(route, question, answer::complete);
        return answer.join();
    }

    @Tag("C1")
    @Test
    void aPeerIsAskedAndKnowsWhoAsks() {
        Discv5 one = peer(1, NETWORK);
        Discv5 other = peer(2, NETWORK);
        Bytes route = other.route().orElseThrow();
        assertThat(one.open(route).orElseThrow().id()).isEqualTo(NodeId.of(key(2).publicKey()));
        Bytes first = Bytes.utf8("small");
        Bytes asker = NodeId.of(key(1).publicKey()).digest().bytes();
        assertThat(ask(one, route, first)).contains(asker.concat(first));
        Bytes large = Bytes.wrap(new byte[1_080]); // once both know each other's keys
        assertThat(ask(one, route, large)).contains(asker.concat(large));
    }

    @Tag("G2")
    @Test
    void peersMeetThroughOneThatTheyKnow() {
        Discv5 first = peer(1, NETWORK);
        for (int seed = 2; seed <= 5; seed++) {
            peer(seed, NETWORK).learn(first.route().orElseThrow());
        }
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(peers)
                                .allSatisfy(peer -> assertThat(peer.live()).hasSizeGreaterThan(2)));
    }

    @Tag("C1")
    @Test
    void aPeerOfAnotherSwarmIsNobody() {
        Discv5 here = peer(1, NETWORK);
        Discv5 stranger = peer(2, Digest.of(Bytes.utf8("another")));
        assertThat(here.open(stranger.route().orElseThrow())).isEmpty();
        assertThat(ask(here, stranger.route().orElseThrow(), Bytes.EMPTY)).isEmpty();
    }

    @Tag("C1")
    @Test
    void aRouteProvesItsOrbIdOrIsRefused() {
        Bytes good = route(1, NETWORK);
        assertThat(good.length()).isLessThan(260);
        assertThat(ROUTES.open(good).orElseThrow().id()).isEqualTo(NodeId.of(key(1).publicKey()));
        for (int i = 0; i < good.length(); i++) {
            byte[] changed = good.toArray();
            changed[i] ^= 4;
            assertThat(ROUTES.open(Bytes.wrap(changed))).as("byte %d", i).isEmpty();
        }
        assertThat(ROUTES.open(good.concat(Bytes.of((byte) 0)))).isEmpty();
        assertThat(new Routes(NETWORK, false).open(good)).isEmpty(); // loopback, from afar
    }

    @Test
    void aTakenPortIsSaidWithItsCode() throws IOException {
        try (DatagramSocket taken = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Result<Discv5> refused =
                    Discv5.start(
                            new Discv5.Settings(
                                    NETWORK,
                                    key(9),
                                    (InetSocketAddress) taken.getLocalSocketAddress(),
                                    Optional.empty()),
                            (_, _, reply) -> reply.accept(Bytes.EMPTY));
            assertThat(refused)
                    .isInstanceOfSatisfying(
                            Result.Refused.class,
                            it -> assertThat(it.refusal().code()).isEqualTo(ErrorCode.PORT_IN_USE));
        }
    }

    @Tag("C1")
    @FuzzTest(maxDuration = "60s")
    void anyBytesAreNoRouteOrTheSameRoute(byte[] input) {
        ROUTES.open(Bytes.of(input))
                .ifPresent(proved -> assertThat(proved.route()).isEqualTo(Bytes.of(input)));
        byte[] changed = route(3, NETWORK).toArray();
        for (int i = 0; i < input.length; i++) {
            changed[Math.floorMod(i * 31 + input[i], changed.length)] ^= input[i];
        }
        ROUTES.open(Bytes.wrap(changed));
    }
}
