package orb.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import orb.kernel.Credits;
import orb.kernel.ErrorCode;
import orb.kernel.message.FunctionFacts;
import org.junit.jupiter.api.Test;

/** Calls of functions that nobody serves yet, while nodes come that may be about to. */
final class ArrivalTest {
    private final Market market = new Market();
    private final Scene scene = market.scene;
    private final Host carol = market.carolsNode;
    private final Host dan = market.dansNode;

    @Test
    void aCallWaitsForANodeThatJustCameAndMayBeAboutToServe() {
        FunctionFacts facts = market.sponsored(Credits.whole(10));
        market.rest(Duration.ofSeconds(10));
        scene.cut(carol.id, "connection reset");
        carol.join();
        long call = market.call();
        assertThat(scene.returns).doesNotContainKey(call);

        market.rest(Duration.ofSeconds(9));
        carol.serve(facts);
        market.answerAll();

        assertThat(market.called(call).host()).isEqualTo(carol.id);
    }

    @Test
    void aCallDoesNotWaitLongerForHostsHoweverManyNodesCome() {
        market.sponsored(Credits.whole(10));
        long call = market.call();
        for (int second = 0; second < 10; second++) {
            scene.cut(dan.id, "connection reset");
            dan.join();
            market.rest(Duration.ofSeconds(1));
        }

        assertThat(scene.refusal(call)).isEqualTo(ErrorCode.NO_HOST);
    }

    @Test
    void afterARestartOfTheTrackerACallWaitsForTheNodesToComeBack() {
        FunctionFacts facts = market.sponsored(Credits.whole(10), carol);
        market.rest(Duration.ofSeconds(10));
        scene.restart();
        long call = market.call();

        carol.join();
        carol.serve(facts);
        market.answerAll();

        assertThat(market.called(call).host()).isEqualTo(carol.id);
    }
}
