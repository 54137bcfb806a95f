package orb.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Receipt;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.port.Effect;
import orb.kernel.port.Reply;
import orb.ledger.HostLane;
import orb.ledger.Plan;
import orb.ledger.Voucher;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts that die, hesitate, refuse and lie by chance; what must hold whatever they do. */
final class ChaosTest {
    private static final int STEPS = 600;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void everyAskerIsAnsweredOnceAndNoCreditIsPromisedTwice(long seed) {
        Run run = new Run(seed);
        for (int i = 0; i < STEPS; i++) {
            run.step();
        }
        run.settleDown();

        run.everyAskerIsAnswered();
        run.noHostIsPromisedMoreThanItEarned();
        run.theChannelCoversAllPromises();
        run.honestHostsAreOwedLittle();
        assertThat(run.answered()).as("calls that got their answer").isPositive();
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22})
    void theSameSeedGivesTheSameEffects(long seed) {
        List<List<Effect>> effects = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            Run run = new Run(seed);
            for (int i = 0; i < 200; i++) {
                run.step();
            }
            effects.add(List.copyOf(run.scene.performed));
        }

        assertThat(effects.getFirst()).isEqualTo(effects.getLast());
    }

    private static final class Run {
        private final Random chance;
        private final Market market = new Market();
        private final Scene scene = market.scene;
        private final FunctionFacts facts;
        private final List<Host> hosts = List.of(market.carolsNode, market.dansNode);
        private final Set<Host> away = new LinkedHashSet<>();
        private final Set<Host> liars = new LinkedHashSet<>();
        private final List<Long> commands = new ArrayList<>();
        private final List<Long> inbound = new ArrayList<>();
        private final Digest channel;
        private int named;

        Run(long seed) {
            chance = new Random(seed);
            facts = market.function("add", Plan.SPONSORED, market.carolsNode, market.dansNode);
            channel = market.alice.sponsors(facts, Credits.whole(5));
        }

        void step() {
            Host host = hosts.get(chance.nextInt(hosts.size()));
            switch (chance.nextInt(14)) {
                case 0, 1, 2 ->
                        commands.add(
                                market.call(
                                        chance.nextBoolean() ? "GET" : "POST", Optional.empty()));
                case 3 -> invoke();
                case 4, 5, 6, 7 -> answer(host, false);
                case 8 -> answer(host, chance.nextInt(4) == 0);
                case 9 -> hesitate(host);
                case 10 -> comeOrGo(host);
                case 11 -> beat();
                case 12 -> {
                    beat();
                    scene.sleep(Duration.ofMillis(500L * chance.nextInt(4)));
                }
                default -> refuse(host);
            }
        }

        private void invoke() {
            Calling.Invoke said =
                    new Calling.Invoke(
                            Digest.of(Bytes.utf8("call " + chance.nextInt(1 + named++))),
                            facts.name(),
                            Optional.empty(),
                            Person.SAMPLE,
                            Duration.ofSeconds(1 + chance.nextInt(20)));
            if (scene.asksTo(market.bobsNode.id).isEmpty()) {
                inbound.add(scene.ask(market.bobsNode.id, said));
            }
        }

        /** Answers one of the host's questions, not always the oldest. */
        private void answer(Host host, boolean lies) {
            List<Effect.Ask> asks = scene.asksTo(host.id);
            if (asks.isEmpty()) {
                return;
            }
            Effect.Ask ask = asks.get(chance.nextInt(asks.size()));
            Message honest = host.answer(ask.message());
            if (lies && honest instanceof Calling.Invoked said) {
                liars.add(host);
                scene.reply(
                        ask,
                        new Calling.Invoked(
                                said.outcome(), said.host(), Bytes.hex("80"), said.timing()));
            } else {
                scene.reply(ask, honest);
            }
        }

        /** The host runs what it was asked, and its answer is lost or late. */
        private void hesitate(Host host) {
            List<Effect.Ask> asks = scene.asksTo(host.id);
            if (!asks.isEmpty() && chance.nextInt(3) == 0) {
                if (chance.nextBoolean()) {
                    host.answer(asks.getFirst().message());
                }
                scene.unanswered(asks.getFirst(), ErrorCode.TIMED_OUT);
            }
        }

        private void refuse(Host host) {
            List<Effect.Ask> asks = scene.asksTo(host.id);
            if (!asks.isEmpty() && asks.getFirst().message() instanceof Calling.Invoke) {
                scene.reply(
                        asks.getFirst(),
                        new Message.Refused(new Refusal(ErrorCode.BUSY, "no free place")));
            }
        }

        private void comeOrGo(Host host) {
            if (away.remove(host)) {
                host.join();
                host.serve(facts);
            } else if (chance.nextInt(3) == 0) {
                away.add(host);
                scene.cut(host.id, "connection reset");
            }
        }

        private void beat() {
            for (Host node : market.nodes()) {
                if (!away.contains(node)) {
                    if (node.beat(0, 4) instanceof Message.Refused) {
                        node.join();
                        if (hosts.contains(node)) {
                            node.serve(facts);
                        }
                    }
                }
            }
        }

        void settleDown() {
            for (Host host : List.copyOf(away)) {
                away.remove(host);
                host.join();
                host.serve(facts);
            }
            for (int second = 0; second < 130; second++) {
                beat();
                market.answerAll();
                scene.sleep(Duration.ofSeconds(1));
            }
        }

        void everyAskerIsAnswered() {
            assertThat(scene.returns).containsKeys(commands.toArray(Long[]::new));
            assertThat(scene.answers).containsKeys(inbound.toArray(Long[]::new));
            assertThat(scene.asks).isEmpty();
        }

        private Map<Host, Voucher> promised() {
            Map<Host, Voucher> highest = new LinkedHashMap<>();
            for (Host host : hosts) {
                host.vouchers.forEach(signed ->
                        highest.merge(
                                host, signed.voucher(), (a, b) -> a.calls() > b.calls() ? a : b));
            }
            return highest;
        }

        void noHostIsPromisedMoreThanItEarned() {
            promised()
                    .forEach((host, voucher) -> {
                        HostLane lane = host.lanes.get(voucher.lane());
                        assertThat(voucher.amount()).isLessThanOrEqualTo(lane.amount());
                    });
        }

        void theChannelCoversAllPromises() {
            Credits sum =
                    promised().values().stream()
                            .map(Voucher::amount)
                            .reduce(Credits.ZERO, Credits::plus);
            Registry.ChannelView view =
                    market.alice.books().channels().stream()
                            .filter(c -> c.id().equals(channel))
                            .findFirst()
                            .orElseThrow();
            assertThat(sum).isLessThanOrEqualTo(view.locked());
        }

        /** Whoever answers truly is promised all but the last few calls, lost answers or not. */
        void honestHostsAreOwedLittle() {
            for (Host host : hosts) {
                if (!liars.contains(host)) {
                    host.lanes.values().forEach(lane -> assertThat(lane.atRisk()).isZero());
                }
            }
        }

        int answered() {
            int count = 0;
            for (Long command : commands) {
                Result<? extends Reply> result = scene.returned(command);
                if (result instanceof Result.Ok<? extends Reply>(TrackerReply.Called called)) {
                    assertThat(Receipt.decode(called.receipt()).isOk()).isTrue();
                    count++;
                }
            }
            return count;
        }
    }
}
