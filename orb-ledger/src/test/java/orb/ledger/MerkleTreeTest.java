package orb.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import org.junit.jupiter.api.Test;

final class MerkleTreeTest {
    /** Leaves and roots published with the reference implementation of RFC 6962. */
    private static final List<String> LEAVES =
            List.of(
                    "",
                    "00",
                    "10",
                    "2021",
                    "3031",
                    "40414243",
                    "5051525354555657",
                    "606162636465666768696a6b6c6d6e6f");

    private static final List<String> ROOTS =
            List.of(
                    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    private static final int SIZE = 70;

    private static MerkleTree tree(int leaves) {
        MerkleTree tree = new MerkleTree();
        for (int i = 0; i < leaves; i++) {
            tree.append(Bytes.utf8("leaf " + i));
        }
        return tree;
    }

    @Test
    void rootsAreThePublishedOnes() {
        MerkleTree tree = new MerkleTree();
        MerkleTree.Frontier frontier = new MerkleTree.Frontier();
        assertThat(tree.root().hex())
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for (int i = 0; i < LEAVES.size(); i++) {
            Bytes leaf = Bytes.hex(LEAVES.get(i));
            tree.append(leaf);
            frontier.appendHash(MerkleTree.leafHash(leaf));
            assertThat(tree.root().hex()).isEqualTo(ROOTS.get(i));
            assertThat(frontier.head()).isEqualTo(new MerkleTree.Head(i + 1L, tree.root()));
        }
        for (int i = 0; i < ROOTS.size(); i++) {
            assertThat(tree.root(i + 1).hex()).isEqualTo(ROOTS.get(i));
        }
    }

    @Test
    void everyLeafOfEverySizeHasAPathAndNoOtherPlaceSizeOrPathServes() {
        MerkleTree tree = tree(SIZE);
        Random random = new Random(1);
        for (int size = 1; size <= SIZE; size++) {
            for (int index = 0; index < size; index++) {
                Digest leaf = MerkleTree.leafHash(Bytes.utf8("leaf " + index));
                List<Digest> path = tree.inclusion(index, size);
                Digest root = tree.root(size);
                assertThat(MerkleTree.verifyInclusion(leaf, index, size, path, root)).isTrue();
                int other = random.nextInt(size);
                if (other != index) {
                    assertThat(MerkleTree.verifyInclusion(leaf, other, size, path, root)).isFalse();
                }
                assertThat(MerkleTree.verifyInclusion(leaf, index, size, longer(path), root))
                        .isFalse();
                if (!path.isEmpty()) {
                    List<Digest> shorter = path.subList(0, path.size() - 1);
                    assertThat(MerkleTree.verifyInclusion(leaf, index, size, shorter, root))
                            .isFalse();
                    assertThat(
                                    MerkleTree.verifyInclusion(
                                            leaf, index, size, changed(path, random), root))
                            .isFalse();
                }
            }
        }
    }

    @Test
    void everyOlderTreeIsProvenTheBeginningOfEveryNewerAndNothingElseIs() {
        MerkleTree tree = tree(SIZE);
        Random random = new Random(2);
        for (int newer = 1; newer <= SIZE; newer++) {
            for (int older = 1; older <= newer; older++) {
                MerkleTree.Head from = new MerkleTree.Head(older, tree.root(older));
                MerkleTree.Head to = new MerkleTree.Head(newer, tree.root(newer));
                List<Digest> proof = tree.consistency(older, newer);
                assertThat(MerkleTree.verifyConsistency(from, to, proof)).isTrue();
                MerkleTree.Head forged = new MerkleTree.Head(older, Digest.ZERO);
                assertThat(MerkleTree.verifyConsistency(forged, to, proof)).isFalse();
                assertThat(MerkleTree.verifyConsistency(from, to, longer(proof))).isFalse();
                if (!proof.isEmpty()) {
                    assertThat(MerkleTree.verifyConsistency(from, to, changed(proof, random)))
                            .isFalse();
                    assertThat(
                                    MerkleTree.verifyConsistency(
                                            from, to, proof.subList(0, proof.size() - 1)))
                            .isFalse();
                }
            }
        }
    }

    @Test
    void nonsenseIsNoProof() {
        Digest root = tree(3).root();
        assertThat(MerkleTree.verifyInclusion(root, 0, 0, List.of(), root)).isFalse();
        assertThat(MerkleTree.verifyInclusion(root, -1, 1, List.of(), root)).isFalse();
        assertThat(MerkleTree.verifyInclusion(root, 1, 1, List.of(), root)).isFalse();
        MerkleTree.Head none = new MerkleTree.Head(0, root);
        MerkleTree.Head three = new MerkleTree.Head(3, root);
        assertThat(MerkleTree.verifyConsistency(none, three, List.of())).isFalse();
        assertThat(MerkleTree.verifyConsistency(three, new MerkleTree.Head(2, root), List.of()))
                .isFalse();
        assertThat(MerkleTree.verifyConsistency(three, new MerkleTree.Head(5, root), List.of()))
                .isFalse();
    }

    private static List<Digest> longer(List<Digest> path) {
        List<Digest> more = new ArrayList<>(path);
        more.add(Digest.ZERO);
        return more;
    }

    private static List<Digest> changed(List<Digest> path, Random random) {
        List<Digest> other = new ArrayList<>(path);
        int at = random.nextInt(path.size());
        byte[] bytes = path.get(at).bytes().toArray();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        other.set(at, new Digest(Bytes.wrap(bytes)));
        return other;
    }
}
