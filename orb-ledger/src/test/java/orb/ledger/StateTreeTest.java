package orb.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import org.junit.jupiter.api.Test;

final class StateTreeTest {
    private static Digest key(int number) {
        return Digest.of(Bytes.utf8("key " + number));
    }

    @Test
    void theRootDependsOnWhatIsInItAndNotOnHowItGotThere() {
        Random random = new Random(5);
        for (int round = 0; round < 50; round++) {
            StateTree lively = new StateTree();
            Map<Digest, Bytes> model = new TreeMap<>();
            for (int i = 0; i < 200; i++) {
                Digest key = key(random.nextInt(40));
                if (random.nextInt(3) == 0) {
                    lively.remove(key);
                    model.remove(key);
                } else {
                    Bytes value = Bytes.utf8("value " + random.nextInt(5));
                    lively.put(key, value);
                    model.put(key, value);
                }
                if (random.nextInt(10) == 0) {
                    assertThat(lively.root()).isEqualTo(fresh(model, random).root());
                }
            }
            assertThat(lively.root()).isEqualTo(fresh(model, random).root());
        }
    }

    private static StateTree fresh(Map<Digest, Bytes> model, Random random) {
        List<Digest> keys = new ArrayList<>(model.keySet());
        Collections.shuffle(keys, random);
        StateTree tree = new StateTree();
        keys.forEach(key -> tree.put(key, model.get(key)));
        return tree;
    }

    @Test
    void anyOtherKeyOrValueGivesAnotherRoot() {
        StateTree tree = new StateTree();
        Digest empty = tree.root();
        tree.put(key(1), Bytes.utf8("a"));
        Digest one = tree.root();
        tree.put(key(1), Bytes.utf8("b"));
        Digest changed = tree.root();
        tree.put(key(2), Bytes.utf8("b"));
        Digest two = tree.root();
        assertThat(List.of(empty, one, changed, two)).doesNotHaveDuplicates();
        tree.remove(key(3));
        assertThat(tree.root()).isEqualTo(two);
        tree.remove(key(2));
        assertThat(tree.root()).isEqualTo(changed);
        tree.remove(key(1));
        assertThat(tree.root()).isEqualTo(empty);
    }

    @Test
    void theRootOfTwoLeavesIsWhatTheDocumentSays() {
        StateTree tree = new StateTree();
        Digest zero = new Digest(Bytes.wrap(new byte[32]));
        byte[] ones = new byte[32];
        java.util.Arrays.fill(ones, (byte) 0xff);
        Digest full = new Digest(Bytes.wrap(ones));
        tree.put(full, Bytes.utf8("r"));
        tree.put(zero, Bytes.utf8("l"));
        Digest left = Digest.sha256(new byte[] {0}, new byte[32], new byte[] {'l'});
        Digest right = Digest.sha256(new byte[] {0}, ones, new byte[] {'r'});
        assertThat(tree.root())
                .isEqualTo(
                        Digest.sha256(
                                new byte[] {1, 0, 0}, left.bytes().array(), right.bytes().array()));
    }
}
