package orb.host.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodeFolderTest {
    private static final Bytes SECRET = Bytes.utf8("thirty-two bytes nobody else has");
    private static final Digest PROGRAM = Digest.of(Bytes.utf8("program"));
    private static final Digest ONE = Digest.of(Bytes.utf8("one"));
    private static final Digest TWO = Digest.of(Bytes.utf8("two"));
    private static final Bytes CODE = Bytes.utf8("the code of one");

    @TempDir private Path folder;
    private final List<Refusal> troubles = new ArrayList<>();

    private CodeFolder open(Bytes secret, Digest program, long bytesMax) {
        try {
            return new CodeFolder(
                    folder, secret, program, bytesMax, (digest, refusal) -> troubles.add(refusal));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private CodeFolder open() {
        return open(SECRET, PROGRAM, 1 << 20);
    }

    @Test
    void codeIsFoundAgainAlsoAfterARestart() {
        CodeFolder codes = open();
        assertThat(codes.find(ONE)).isEmpty();
        codes.put(ONE, CODE);
        assertThat(codes.find(ONE)).contains(CODE);
        assertThat(open().find(ONE)).contains(CODE);
        assertThat(troubles).isEmpty();
    }

    @Test
    @Tag("H4")
    void oneChangedBitAnywhereAndTheCodeIsNotUsed() throws IOException {
        CodeFolder codes = open();
        codes.put(ONE, CODE);
        byte[] whole = Files.readAllBytes(codes.file(ONE));
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= 1;
            Files.write(codes.file(ONE), changed);
            assertThat(codes.find(ONE)).describedAs("bit of byte " + at).isEmpty();
            assertThat(codes.file(ONE)).doesNotExist();
        }
        assertThat(troubles)
                .hasSize(whole.length)
                .allMatch(each -> each.code() == ErrorCode.HASH_MISMATCH);
    }

    @Test
    void aFileCutShortIsNotUsed() throws IOException {
        CodeFolder codes = open();
        for (int length = 0; length < 70; length++) {
            codes.put(ONE, CODE);
            byte[] whole = Files.readAllBytes(codes.file(ONE));
            Files.write(codes.file(ONE), java.util.Arrays.copyOf(whole, length));
            assertThat(codes.find(ONE)).isEmpty();
        }
    }

    @Test
    @Tag("H4")
    void codeOfAnotherArtefactIsNotUsed() throws IOException {
        CodeFolder codes = open();
        codes.put(ONE, CODE);
        Files.createDirectories(codes.file(TWO).getParent());
        Files.copy(codes.file(ONE), codes.file(TWO));
        assertThat(codes.find(TWO)).isEmpty();
        assertThat(codes.find(ONE)).contains(CODE);
    }

    @Test
    @Tag("H5")
    void codeOfAnotherProgramOrAnotherNodeIsNotUsed() {
        open().put(ONE, CODE);
        assertThat(open(SECRET, TWO, 1 << 20).find(ONE)).isEmpty();
        assertThat(troubles).as("an outdated file is nobody's doing").isEmpty();
        open().put(ONE, CODE);
        assertThat(open(Bytes.utf8("another node's secret"), PROGRAM, 1 << 20).find(ONE)).isEmpty();
        assertThat(troubles).hasSize(1);
    }

    @Test
    void whatWasNotUsedForLongestMakesRoom() {
        CodeFolder codes = open(SECRET, PROGRAM, 314);
        Bytes large = Bytes.wrap(new byte[80]);
        Digest three = Digest.of(Bytes.utf8("three"));
        codes.put(ONE, large);
        codes.put(TWO, large);
        assertThat(codes.find(ONE)).isPresent();
        codes.put(three, large);
        assertThat(codes.find(TWO)).isEmpty();
        assertThat(codes.find(ONE)).isPresent();
        assertThat(codes.find(three)).isPresent();
        codes.put(TWO, Bytes.wrap(new byte[300]));
        assertThat(codes.find(TWO)).isEmpty();
    }

    @Test
    void whatAWriterLeftUnfinishedIsRemoved() throws IOException {
        Path fresh = folder.resolve("ab").resolve(ONE.hex() + ".new");
        Files.createDirectories(fresh.getParent());
        Files.write(fresh, new byte[10]);
        open();
        assertThat(fresh).doesNotExist();
    }
}
