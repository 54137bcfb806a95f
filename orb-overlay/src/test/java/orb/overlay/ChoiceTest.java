package orb.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import orb.kernel.NodeId;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ChoiceTest {
    private static final class Host implements Load {
        private final NodeId id;
        private final int capacity;
        private boolean fit = true;
        private boolean trusted = true;
        private int running;
        private long queueMicros;

        Host(long seed, int capacity) {
            id = Given.id(seed);
            this.capacity = capacity;
        }

        @Override
        public NodeId id() {
            return id;
        }

        @Override
        public boolean isFit() {
            return fit;
        }

        @Override
        public boolean isTrusted() {
            return trusted;
        }

        @Override
        public int running() {
            return running;
        }

        @Override
        public int capacity() {
            return capacity;
        }

        @Override
        public long queueMicros() {
            return queueMicros;
        }
    }

    private final Choice choice = new Choice(new SplittableRandom(3));

    private static List<Host> hosts(int count, int capacity) {
        List<Host> hosts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            hosts.add(new Host(i + 1, capacity));
        }
        return hosts;
    }

    @Test
    void ofTwoTheLessBusyOneIsTaken() {
        List<Host> hosts = hosts(2, 8);
        hosts.get(0).running = 4;

        for (int i = 0; i < 50; i++) {
            assertThat(choice.pick(hosts).orElseThrow().host()).isSameAs(hosts.get(1));
        }
        hosts.get(1).running = 4;
        hosts.get(1).queueMicros = 90;
        assertThat(choice.pick(hosts).orElseThrow().host()).isSameAs(hosts.get(0));
    }

    @Test
    void busyMeansTheShareOfTheCapacity() {
        Host small = new Host(1, 2);
        Host large = new Host(2, 100);
        small.running = 1;
        large.running = 10;

        assertThat(choice.pick(List.of(small, large)).orElseThrow().host()).isSameAs(large);
    }

    @Test
    void fullAndUnfitHostsAreNeverTaken() {
        List<Host> hosts = hosts(20, 1);
        hosts.forEach(host -> host.running = 1);
        hosts.get(4).running = 0;
        hosts.get(9).running = 0;
        hosts.get(9).fit = false;

        for (int i = 0; i < 100; i++) {
            assertThat(choice.pick(hosts).orElseThrow().host()).isSameAs(hosts.get(4));
        }
        hosts.get(4).running = 1;
        assertThat(choice.pick(hosts)).isEmpty();
        assertThat(choice.pick(List.<Host>of())).isEmpty();
    }

    @Test
    void manyCallsSpreadOverAllHostsWithinASmallBand() {
        List<Host> hosts = hosts(10, 1_000);
        for (int i = 0; i < 1_000; i++) {
            choice.pick(hosts).orElseThrow().host().running++;
        }

        assertThat(hosts).allSatisfy(host -> assertThat(host.running).isBetween(95, 105));
    }

    @Test
    void theSameChanceMakesTheSameChoices() {
        List<NodeId> first = new ArrayList<>();
        List<NodeId> second = new ArrayList<>();
        Choice same = new Choice(new SplittableRandom(3));
        for (int i = 0; i < 100; i++) {
            first.add(choice.pick(hosts(7, 3)).orElseThrow().host().id());
            second.add(same.pick(hosts(7, 3)).orElseThrow().host().id());
        }

        assertThat(first).isEqualTo(second);
    }

    @Test
    void theTrailNamesBothCandidatesAndTheirLoad() {
        List<Host> hosts = hosts(2, 8);
        hosts.get(0).running = 4;

        assertThat(choice.pick(hosts).orElseThrow().trail())
                .isEqualTo(
                        "%s chosen: 0/8 running, 0 us, against %s with 4/8 running, 0 us",
                        hosts.get(1).id.brief(), hosts.get(0).id.brief());
        assertThat(choice.pick(hosts.subList(0, 1)).orElseThrow().trail())
                .contains("the only one with a place");
    }

    @Test
    @Tag("H5")
    void aHostThatIsNotTrustedGetsWorkOnlyWhereNoOtherIsFree() {
        List<Host> hosts = hosts(2, 4);
        Host busy = hosts.getFirst();
        busy.running = 3;
        hosts.getLast().trusted = false;
        for (int i = 0; i < 20; i++) {
            assertThat(choice.pick(hosts).orElseThrow().host()).isSameAs(busy);
        }
        busy.running = 4;
        assertThat(choice.pick(hosts).orElseThrow().host()).isSameAs(hosts.getLast());
    }
}
