package orb.host.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class JsonTest {
    @Test
    void aTreeReadsAndWritesTheSameText() {
        String text = "{\"b\":[1,2.5,null,true],\"a\":{\"c\":\"\u00e9\"}}";
        JsonNode tree = Json.parse(Bytes.utf8(text)).orThrow();
        assertThat(Json.write(tree).utf8()).isEqualTo(text);
        assertThat(Json.parse(Json.pretty(tree)).orThrow()).isEqualTo(tree);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{\"a\":1,\"a\":2}",
                "1 2",
                "{a:1}",
                "[1,]",
                "NaN",
                "'a'",
                "/**/1"
            })
    void whatIsNotOneStrictValueIsRefused(String text) {
        assertThat(SqliteDiskTest.refusalOf(Json.parse(Bytes.utf8(text))).code())
                .isEqualTo(ErrorCode.BAD_ARGUMENT);
    }

    @Test
    void aRefusalNamesLineAndColumn() {
        assertThat(SqliteDiskTest.refusalOf(Json.parse(Bytes.utf8("{\n  \"a\": x}"))).what())
                .contains("line 2, column");
    }

    @Test
    void nestingAndLengthAndNumbersAreBounded() {
        for (String text :
                new String[] {"[".repeat(1_000) + "]".repeat(1_000), "1".repeat(1_000)}) {
            assertThat(Json.parse(Bytes.utf8(text)).isOk()).isFalse();
        }
        assertThat(Json.parse(Bytes.wrap(new byte[Json.BYTES_MAX + 1])).isOk()).isFalse();
    }

    @FuzzTest
    void anyBytesAreReadOrRefused(byte[] bytes) {
        if (Json.parse(Bytes.of(bytes)) instanceof Result.Ok<JsonNode>(JsonNode tree)) {
            assertThat(Json.parse(Json.write(tree)).isOk()).isTrue();
        }
    }

    @Test
    void mutatedTextIsReadOrRefused() {
        byte[] text =
                "{\"b\":[1,2.5e3,null,true],\"a\":{\"c\":\"x\\u00e9\"}}"
                        .getBytes(StandardCharsets.UTF_8);
        Random chance = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            byte[] mutated = text.clone();
            for (int j = chance.nextInt(4); j >= 0; j--) {
                mutated[chance.nextInt(mutated.length)] = (byte) chance.nextInt(256);
            }
            anyBytesAreReadOrRefused(mutated);
        }
    }
}
