package orb.ledger.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;
import orb.ledger.MerkleTree;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tiles are those of C2SP tlog-tiles, and what is proved from them is what the tree proves. */
final class TilesTest {
    /** The size that the specification takes for its example: three levels of tiles. */
    private static final int SIZE = 70_000;

    private final MerkleTree tree = new MerkleTree();
    private final TileTree tiles = new TileTree();

    private void grow(int size) {
        for (int i = tree.size(); i < size; i++) {
            Digest leaf = MerkleTree.leafHash(Bytes.wrap(ByteBuffer.allocate(4).putInt(i).array()));
            tree.appendHash(leaf);
            tiles.append(leaf);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 256, tile/0/000",
        "0, 1234067, 256, tile/0/x001/x234/067",
        "0, 273, 112, tile/0/273.p/112",
        "1, 1, 17, tile/1/001.p/17",
        "2, 0, 1, tile/2/000.p/1",
        "-1, 1000, 256, tile/entries/x001/000",
        "-1, 273, 112, tile/entries/273.p/112",
    })
    void pathsAreThoseOfTheSpecification(int level, long index, int width, String path) {
        assertThat(new TilePath(level, index, width)).hasToString(path);
        assertThat(TilePath.parse(path).orThrow()).isEqualTo(new TilePath(level, index, width));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tile/0/0",
                "tile/00/000",
                "tile/8/000",
                "tile/0/x000/001",
                "tile/0/000.p/0",
                "tile/0/000.p/256",
                "tile/0/000.p/01",
                "tile/0/000.p/999",
                "tile/0/000/",
                "/tile/0/000",
                "tile/0/x001/x234/x067",
                "tile/-1/000",
                "tile/entries/../000",
                "tile/data/000",
                "tile/0/x001/x001/x001/x001/001",
            })
    void otherPathsAreRefused(String path) {
        assertThat(TilePath.parse(path).isOk()).isFalse();
    }

    @Test
    void theTilesOfATreeOfSeventyThousandAreThoseOfTheSpecification() {
        grow(SIZE);
        assertThat(tiles.read(new TilePath(0, 272, 256)).orElseThrow().length()).isEqualTo(8_192);
        assertThat(tiles.read(TilePath.holding(0, SIZE - 1, SIZE)).orElseThrow().length())
                .isEqualTo(112 * 32);
        assertThat(TilePath.holding(0, SIZE - 1, SIZE)).hasToString("tile/0/273.p/112");
        assertThat(TilePath.holding(1, 272, SIZE)).hasToString("tile/1/001.p/17");
        assertThat(TilePath.holding(2, 0, SIZE)).hasToString("tile/2/000.p/1");
        assertThat(tiles.read(new TilePath(2, 0, 1))).isPresent();
        assertThat(tiles.read(new TilePath(0, 273, 113))).isEmpty();
        assertThat(tiles.read(new TilePath(1, 1, 18))).isEmpty();
        assertThat(tiles.read(new TilePath(3, 0, 1))).isEmpty();
        assertThat(tiles.read(new TilePath(-1, 0, 1))).isEmpty();
    }

    @Test
    void rootsAndProofsFromTilesAreThoseOfTheTree() {
        grow(SIZE);
        Random random = new Random(3);
        List<Integer> sizes = new ArrayList<>(List.of(1, 2, 255, 256, 257, 511, 512, 65_535));
        sizes.addAll(List.of(65_536, 65_537, SIZE));
        IntStream.range(0, 20).forEach(_ -> sizes.add(1 + random.nextInt(SIZE)));
        for (int size : sizes) {
            TileReader reader = tiles.at(size);
            assertThat(reader.root()).isEqualTo(tree.root(size));
            for (int i = 0; i < 20; i++) {
                int index = random.nextInt(size);
                assertThat(reader.inclusion(index)).isEqualTo(tree.inclusion(index, size));
                int older = 1 + random.nextInt(size);
                assertThat(reader.consistency(older)).isEqualTo(tree.consistency(older, size));
            }
            assertThat(reader.consistency(size)).isEmpty();
        }
    }

    @Test
    void everySmallTreeProvesWhatTheTreeProves() {
        grow(300);
        for (int size = 1; size <= 300; size += 7) {
            for (int index = 0; index < size; index++) {
                TileReader reader = tiles.at(size);
                assertThat(reader.inclusion(index)).isEqualTo(tree.inclusion(index, size));
                assertThat(reader.consistency(index + 1))
                        .isEqualTo(tree.consistency(index + 1, size));
            }
        }
        assertThat(tiles.head(0).root()).isEqualTo(Digest.of(Bytes.EMPTY));
    }

    @Test
    void aPartialTileMayHaveBecomeAFullOneAndAShortOneIsRefused() {
        grow(256);
        TileSource onlyFull = path -> path.isFull() ? tiles.read(path) : Optional.empty();
        assertThat(new TileReader(onlyFull, 100).root()).isEqualTo(tree.root(100));

        TileSource cut = path -> tiles.read(path).map(tile -> tile.slice(0, tile.length() - 1));
        assertThatThrownBy(() -> new TileReader(cut, 100).root())
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        no -> assertThat(no.refusal().code()).isEqualTo(ErrorCode.LOG_BROKEN))
                .hasMessageContaining("tile/0/000.p/100 has 3199 bytes");
    }

    @Test
    void bundlesHoldTheirLeavesAndNothingElseIsABundle() {
        List<Bytes> leaves = List.of(Bytes.EMPTY, Bytes.utf8("a"), Bytes.wrap(new byte[65_535]));
        Bytes bundle = EntryBundle.of(leaves);
        assertThat(bundle.slice(0, 5)).isEqualTo(Bytes.hex("0000000161"));
        assertThat(EntryBundle.read(bundle).orThrow()).isEqualTo(leaves);
        assertThat(EntryBundle.read(Bytes.EMPTY).isOk()).isFalse();
        assertThat(EntryBundle.read(bundle.slice(0, bundle.length() - 1)).isOk()).isFalse();
        assertThat(EntryBundle.read(bundle.concat(Bytes.of((byte) 0))).isOk()).isFalse();
        assertThat(EntryBundle.read(Bytes.wrap(new byte[2 * 257])).isOk()).isFalse();
        assertThat(EntryBundle.read(Bytes.wrap(new byte[2 * 256])).orThrow()).hasSize(256);
    }
}
