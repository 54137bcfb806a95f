package orb.node.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.Fuel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whose turn it is. */
class FairQueueTest {
    private static final Fuel SHORT = new Fuel(10_000);
    private static final Fuel LONG = new Fuel(1_000_000_000);
    private static final Digest POLITE = function("polite");

    private final FairQueue<String> queue = new FairQueue<>(4, 64);

    private static Digest function(String name) {
        return Digest.of(Bytes.utf8(name));
    }

    private void known(Digest function, Fuel used, int times) {
        for (int i = 0; i < times; i++) {
            queue.ended(queue.enter(function).orElseThrow(), used);
        }
    }

    private List<String> rest() {
        List<String> order = new ArrayList<>();
        for (Optional<FairQueue.Turn<String>> next = queue.next();
                next.isPresent();
                next = queue.next()) {
            order.add(next.get().work());
            queue.left(next.get().place());
        }
        return order;
    }

    @Test
    @Tag("K3")
    void fiveHundredStrangersLeaveABriefFunctionItsPlaceAndItsTurn() {
        FairQueue<String> busy = new FairQueue<>(4, 512);
        busy.ended(busy.enter(POLITE).orElseThrow(), SHORT);
        List<FairQueue.Place> held = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < 500; i++) {
            Digest hostile = function("hostile " + i);
            Optional<FairQueue.Place> place = busy.enter(hostile);
            place.ifPresent(held::add);
            if (place.isEmpty() && !busy.await(hostile, "hostile")) {
                refused++;
            }
        }

        assertThat(held).as("half of the places").hasSize(2);
        assertThat(refused).as("beyond half of the queue").isEqualTo(500 - 2 - 256);
        FairQueue.Place first = busy.enter(POLITE).orElseThrow();
        FairQueue.Place second = busy.enter(POLITE).orElseThrow();
        assertThat(busy.enter(POLITE)).isEmpty();
        assertThat(busy.await(POLITE, "polite")).isTrue();
        busy.ended(held.removeFirst(), LONG);
        assertThat(busy.next().orElseThrow().work()).as("before 256 others").isEqualTo("polite");
        busy.ended(first, SHORT);
        busy.ended(second, SHORT);
        busy.ended(held.removeFirst(), LONG);
        assertThat(busy.next().orElseThrow().work()).isEqualTo("hostile");
    }

    @Test
    void whileBriefOnesComeTheOthersHoldAQuarterOfThePlaces() {
        FairQueue<String> eight = new FairQueue<>(8, 64);
        eight.ended(eight.enter(POLITE).orElseThrow(), SHORT);
        eight.ended(eight.enter(POLITE).orElseThrow(), SHORT);
        List<FairQueue.Place> held = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            held.add(eight.enter(function("hostile " + i)).orElseThrow());
        }
        for (int i = 2; i < 8; i++) {
            assertThat(eight.enter(function("hostile " + i))).isEmpty();
            assertThat(eight.await(function("hostile " + i), "hostile")).isTrue();
        }

        for (int i = 0; i < 2; i++) { // no brief one comes between
            eight.ended(held.removeFirst(), LONG);
            held.add(eight.next().orElseThrow().place());
        }
        assertThat(eight.next()).as("a third place").isPresent();
        assertThat(eight.next()).as("a fourth place").isPresent();
        assertThat(eight.next()).as("half of the places are held").isEmpty();
        eight.ended(eight.enter(POLITE).orElseThrow(), SHORT);
        eight.ended(held.removeFirst(), LONG);
        assertThat(eight.next()).as("a quarter again").isEmpty();
    }

    @Test
    void aFunctionThatWorkedLongIsNotBriefUntilItWasSoAgainAndAgain() {
        known(POLITE, SHORT, 1);
        assertThat(isBrief()).isTrue();
        known(POLITE, LONG, 1);
        known(POLITE, SHORT, 7);
        assertThat(isBrief()).isFalse();
        known(POLITE, SHORT, 1);
        assertThat(isBrief()).isTrue();
        known(POLITE, LONG, 1);
        known(POLITE, SHORT, 15);
        assertThat(isBrief()).as("twice as many are asked for").isFalse();
        known(POLITE, SHORT, 1);
        assertThat(isBrief()).isTrue();
    }

    private boolean isBrief() {
        FairQueue.Place place = queue.enter(POLITE).orElseThrow();
        queue.left(place);
        return place.isBrief();
    }

    @Test
    void functionsOfAKindTakeTurns() {
        Digest second = function("second");
        known(POLITE, SHORT, 1);
        known(second, SHORT, 1);
        for (int i = 0; i < 3; i++) {
            assertThat(queue.await(POLITE, "p" + i)).isTrue();
        }
        assertThat(queue.await(second, "s0")).isTrue();
        assertThat(queue.await(second, "s1")).isTrue();

        assertThat(rest()).containsExactly("p0", "s0", "p1", "s1", "p2");
    }

    @Test
    void whoWorksLongHasEverySeventeenthTurnAtLeast() {
        known(POLITE, SHORT, 1);
        for (int i = 0; i < 20; i++) {
            assertThat(queue.await(POLITE, "brief")).isTrue();
        }
        assertThat(queue.await(function("stranger"), "long")).isTrue();

        assertThat(rest().indexOf("long")).isEqualTo(16);
    }

    @Test
    void noFunctionTakesMoreOfTheQueueThanIsLeftOfIt() {
        known(POLITE, SHORT, 1);
        int taken = 0;
        while (queue.await(POLITE, "mine")) {
            taken++;
        }

        assertThat(taken).isEqualTo(32);
        assertThat(queue.await(function("other"), "other")).isTrue();
        assertThat(queue.length()).isEqualTo(33);
        assertThat(queue.removeIf(work -> work.equals("mine"))).hasSize(32);
        assertThat(queue.length()).isEqualTo(1);
        assertThat(rest()).containsExactly("other");
    }

    @Test
    void aSinglePlaceIsForEverybody() {
        FairQueue<String> one = new FairQueue<>(1, 1);
        FairQueue.Place place = one.enter(POLITE).orElseThrow();

        assertThat(one.enter(POLITE)).isEmpty();
        assertThat(one.await(POLITE, "a")).isTrue();
        assertThat(one.await(POLITE, "b")).isFalse();
        assertThat(one.next()).isEmpty();
        one.left(place);
        assertThat(one.next().orElseThrow().work()).isEqualTo("a");
    }
}
