package orb.host.discovery;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import org.ethereum.beacon.discovery.DiscoverySystemBuilder;
import org.ethereum.beacon.discovery.MutableDiscoverySystem;
import org.ethereum.beacon.discovery.crypto.DefaultSigner;
import org.ethereum.beacon.discovery.schema.NodeRecord;

/**
 * A peer's place in the network of discv5 (the Ethereum node discovery protocol 5.1): encrypted
 * datagrams between peers that know each other's keys, who is there, and questions of our own
 * protocol by TALKREQ.
 *
 * <p>Its records carry the Orb id ({@link Routes}); a peer whose record does not prove one in this
 * swarm is not answered and not told of. Thread-safe.
 */
public final class Discv5 implements AutoCloseable {
    /** Name of our protocol in TALKREQ. */
    public static final String PROTOCOL = "orb-dht/1";

    /** A question without an answer is given up after this. */
    public static final Duration ANSWER_MAX = Duration.ofSeconds(2);

    private static final Duration START_MAX = Duration.ofSeconds(10);
    private static final Duration LOOKUPS = Duration.ofSeconds(20);

    /**
     * Bytes a second that it reads; what comes faster waits, and is lost when the socket is full.
     */
    private static final int READ_MAX = 1 << 20;

    /** Questions that wait for their answers at once; more get none. */
    private static final int UNANSWERED_MAX = 256;

    private static final org.apache.tuweni.bytes.Bytes NAME =
            org.apache.tuweni.bytes.Bytes.wrap(
                    PROTOCOL.getBytes(java.nio.charset.StandardCharsets.US_ASCII));

    private final Routes routes;
    private final MutableDiscoverySystem system;
    private final int port;

    /**
     * How a peer takes part.
     *
     * @param network digest of the swarm's genesis
     * @param key its machine key
     * @param bind where it listens, UDP
     * @param announced where others reach it, if that is known; else they tell it
     */
    public record Settings(
            Digest network, KeyPair key, InetSocketAddress bind, Optional<InetAddress> announced) {}

    /** Answers other peers' questions. */
    public interface Talk {
        /**
         * Whoever asks proved to be the peer of the route; {@code reply} is called at most once.
         */
        void asked(Routes.Proved from, Bytes question, Consumer<Bytes> reply);
    }

    private Discv5(Routes routes, MutableDiscoverySystem system, int port) {
        this.routes = routes;
        this.system = system;
        this.port = port;
    }

    /** Opens the port and begins; {@code ORB-0305} if the port is taken. */
    public static Result<Discv5> start(Settings settings, Talk talk) {
        Routes routes =
                new Routes(settings.network, settings.bind.getAddress().isLoopbackAddress());
        DefaultSigner signer = new DefaultSigner(Routes.secretOf(settings.key));
        NodeRecord own =
                routes.own(settings.key, signer, settings.announced, settings.bind.getPort());
        Answering answering = new Answering(routes, talk);
        MutableDiscoverySystem system =
                new DiscoverySystemBuilder()
                        .localNodeRecord(own)
                        .signer(signer)
                        .listen(settings.bind)
                        .recursiveLookupInterval(LOOKUPS)
                        .trafficReadLimit(READ_MAX)
                        .addressAccessPolicy(routes::mayBeReached)
                        .newAddressHandler((old, seen) ->
                                settings.announced.isPresent()
                                        ? Optional.empty() // it knows better
                                        : Optional.of(routes.moved(old, seen, signer)))
                        .talkHandler(answering::talk)
                        .buildMutable();
        try {
            system.start().get(START_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            stop(system);
            return Result.refused(
                    new Refusal(
                            ErrorCode.PORT_IN_USE,
                            "UDP port " + settings.bind + " cannot be opened: " + e.getCause(),
                            "name another with --discovery-port, or --no-discovery"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop(system);
            return Result.refused(ErrorCode.PORT_IN_USE, "interrupted while the port was opened");
        }
        return Result.ok(new Discv5(routes, system, settings.bind.getPort()));
    }

    /** Its port, UDP. */
    public int port() {
        return port;
    }

    /** Its own record as it is now; empty while nobody could reach it by that. */
    public Optional<Bytes> route() {
        NodeRecord own = system.getLocalNodeRecord();
        return own.getUdpAddress().isPresent() ? Optional.of(Routes.bytes(own)) : Optional.empty();
    }

    /** Whom a route leads to, if it proves an Orb id in this swarm. */
    public Optional<Routes.Proved> open(Bytes route) {
        return routes.open(route);
    }

    /** Takes up a route that was learned elsewhere; passed over if it proves nothing. */
    public void learn(Bytes route) {
        routes.record(route)
                .ifPresent(record -> {
                    system.addNodeRecord(record);
                    system.ping(record).exceptionally(_ -> null);
                });
    }

    /**
     * Asks a peer; {@code then} hears its answer, or nothing after {@link #ANSWER_MAX}, exactly
     * once and on any thread.
     */
    public void ask(Bytes route, Bytes question, Consumer<Optional<Bytes>> then) {
        Optional<NodeRecord> record = routes.record(route);
        if (record.isEmpty()) {
            then.accept(Optional.empty());
            return;
        }
        system.talk(record.get(), NAME, org.apache.tuweni.bytes.Bytes.wrap(question.array()))
                .orTimeout(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((answer, _) ->
                        then.accept(
                                answer == null || answer.isEmpty()
                                        ? Optional.empty()
                                        : Optional.of(Bytes.wrap(answer.toArray()))));
    }

    /** Peers of this swarm that answered lately; those of one id once. */
    public List<Routes.Proved> live() {
        Map<orb.kernel.NodeId, Routes.Proved> live = new LinkedHashMap<>();
        system.streamLiveNodes()
                .map(Routes::bytes)
                .flatMap(route -> routes.open(route).stream())
                .forEach(proved -> live.put(proved.id(), proved));
        return new ArrayList<>(live.values());
    }

    @Override
    public void close() {
        stop(system);
    }

    /** The library waits seconds for silence on its port; nobody here waits with it. */
    private static void stop(MutableDiscoverySystem system) {
        Thread.ofPlatform().daemon().name("orb-discovery-end").start(system::stop);
    }

    /** Answers within bounds: so many questions at once, and none of a stranger. */
    private static final class Answering {
        private final Routes routes;
        private final Talk talk;
        private final java.util.concurrent.Semaphore places =
                new java.util.concurrent.Semaphore(UNANSWERED_MAX);

        Answering(Routes routes, Talk talk) {
            this.routes = routes;
            this.talk = talk;
        }

        CompletableFuture<org.apache.tuweni.bytes.Bytes> talk(
                NodeRecord from,
                org.apache.tuweni.bytes.Bytes protocol,
                org.apache.tuweni.bytes.Bytes question) {
            Optional<Routes.Proved> peer =
                    protocol.equals(NAME) ? routes.open(Routes.bytes(from)) : Optional.empty();
            CompletableFuture<org.apache.tuweni.bytes.Bytes> answer = new CompletableFuture<>();
            if (peer.isEmpty() || !places.tryAcquire()) {
                answer.complete(org.apache.tuweni.bytes.Bytes.EMPTY);
                return answer;
            }
            answer.orTimeout(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS)
                    .whenComplete((_, _) -> places.release());
            talk.asked(
                    peer.get(),
                    Bytes.wrap(question.toArray()),
                    bytes -> answer.complete(org.apache.tuweni.bytes.Bytes.wrap(bytes.array())));
            return answer;
        }
    }
}
