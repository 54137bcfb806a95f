package orb.overlay.dht;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Random;
import orb.kernel.Bytes;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import org.junit.jupiter.api.Tag;

/** Whatever comes in a datagram or lies at a key is refused, or is what would be written. */
final class DhtFuzzTest {
    private static final DhtSwarm SWARM = new DhtSwarm(1, 3);

    @Tag("C1")
    @FuzzTest(maxDuration = "60s")
    void anyDatagramIsRefusedOrCanonical(byte[] input) {
        Bytes bytes = Bytes.of(input);
        if (DhtMessage.decode(bytes) instanceof Result.Ok<DhtMessage>(var message)) {
            assertThat(message.encoded()).isEqualTo(bytes);
        }
        DhtSwarm.Part asked = SWARM.parts.get(1);
        Bytes answer = SWARM.ask(SWARM.parts.getFirst(), asked, bytes);
        assertThat(answer.length()).isLessThanOrEqualTo(DhtMessage.LENGTH_MAX);
    }

    @Tag("C1")
    @FuzzTest(maxDuration = "60s")
    void anyItemIsRefusedOrWhatItsPublisherSigned(byte[] input) {
        Key key = Key.of(DhtSwarm.FUNCTION);
        DhtSwarm.Part publisher =
                new DhtSwarm.Part(KeyPair.generate(new Random(input.length)::nextBytes));
        Bytes good = publisher.seeds(DhtSwarm.FUNCTION, 1, DhtSwarm.START.plusSeconds(60));
        assertThat(Item.open(key, good, DhtSwarm.START).isOk()).isTrue();
        assertThat(Item.open(key, Bytes.of(input), DhtSwarm.START).isOk()).isFalse();
        byte[] changed = good.toArray();
        for (int i = 0; i < input.length && i < changed.length; i++) {
            changed[Math.floorMod(i * 37 + input[i], changed.length)] ^= input[i];
        }
        boolean isSame = Bytes.wrap(changed).equals(good);
        assertThat(Item.open(key, Bytes.wrap(changed), DhtSwarm.START).isOk()).isEqualTo(isSame);
        assertThat(List.of(good)).doesNotContain(Bytes.of(input));
    }
}
