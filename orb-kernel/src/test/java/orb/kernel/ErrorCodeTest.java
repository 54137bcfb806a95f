package orb.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Codes and their pages in {@code docs/errors} belong together. */
final class ErrorCodeTest {
    @Test
    void everyCodeHasItsPageAndEveryPageItsCode() throws IOException {
        List<String> codes =
                Arrays.stream(ErrorCode.values()).map(code -> code.code() + ".md").toList();
        try (Stream<Path> files = Files.list(pages())) {
            List<String> pages =
                    files.map(file -> String.valueOf(file.getFileName()))
                            .filter(name -> name.startsWith("ORB-"))
                            .toList();
            assertThat(pages).containsExactlyInAnyOrderElementsOf(codes);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPageNamesItsCodeTitleAndStatusAndSaysWhatToDo(ErrorCode code) throws IOException {
        List<String> lines = Files.readAllLines(pages().resolve(code.code() + ".md"));

        assertThat(lines.getFirst()).isEqualTo("# " + code.code() + ": " + code.title());
        assertThat(lines).contains("**What to do.**", "**Example.**");
        assertThat(lines.getLast()).startsWith("HTTP status " + code.httpStatus() + ".");
        assertThat(lines).hasSizeBetween(10, 30).allMatch(line -> line.length() <= 100);
    }

    @Test
    void numbersAreUniqueAndFindTheirCode() {
        assertThat(Arrays.stream(ErrorCode.values()).map(ErrorCode::number))
                .doesNotHaveDuplicates();
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(ErrorCode.ofNumber(code.number())).isEqualTo(code);
            assertThat(code.code()).matches("ORB-\\d{4}");
            assertThat(code.httpStatus()).isBetween(400, 599);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> ErrorCode.ofNumber(0));
    }

    private static Path pages() {
        for (Path folder = Path.of("").toAbsolutePath();
                folder != null;
                folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("docs/errors"))) {
                return folder.resolve("docs/errors");
            }
        }
        throw new IllegalStateException("no folder above holds docs/errors");
    }
}
