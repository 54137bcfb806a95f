package orb.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FunctionNameTest {
    @Test
    void aNameIsReadFromItsTextAndGivesThePath() {
        FunctionName name = FunctionName.parse("alice/add-2");

        assertThat(name).isEqualTo(new FunctionName("alice", "add-2")).hasToString("alice/add-2");
        assertThat(name.path()).isEqualTo("/f/alice/add-2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "/", "a", "a/", "/a", "a/b/c", "a//b", "A/b", "a/B", "a/-b", "a/b-", "a/b_c",
                "a b/c", "a/..", "a/b\n", "a/é", "a/%2e", " a/b", "a\0/b"
            })
    void otherTextIsNoName(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> FunctionName.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "0", "a-b", "a--b", "x1"})
    void aLabelIsSmallLettersDigitsAndInnerHyphens(String label) {
        assertThat(FunctionName.isLabel(label)).isTrue();
    }

    @Test
    void aLabelHasAtMost63Characters() {
        assertThat(FunctionName.isLabel("a".repeat(63))).isTrue();
        assertThat(FunctionName.isLabel("a".repeat(64))).isFalse();
        assertThat(FunctionName.isLabel("a" + "-".repeat(1_000_000))).isFalse();
    }

    @Test
    void namesAreOrderedByOwnerFirst() {
        FunctionName first = new FunctionName("a", "z");
        FunctionName second = new FunctionName("ab", "a");

        assertThat(first).isLessThan(second);
        assertThat(new FunctionName("a", "b")).isLessThan(first);
    }
}
