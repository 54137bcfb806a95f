package orb.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExchangesTest {
    private final Exchanges<String> exchanges = new Exchanges<>(2);

    @Test
    void anAnswerFindsItsQuestionOnce() {
        long number = exchanges.open("ask").orElseThrow();

        assertThat(exchanges.peek(number)).contains("ask");
        assertThat(exchanges.close(number)).contains("ask");
        assertThat(exchanges.close(number)).isEmpty();
    }

    @Test
    void beyondTheBoundNothingIsAskedAndNoNumberIsUsedTwice() {
        long first = exchanges.open("one").orElseThrow();
        exchanges.open("two");
        assertThat(exchanges.open("three")).isEmpty();
        assertThat(exchanges.isFull()).isTrue();

        exchanges.close(first);

        assertThat(exchanges.open("three").orElseThrow()).isGreaterThan(first + 1);
        assertThat(exchanges.waiting()).containsExactly("two", "three");
        assertThat(exchanges.size()).isEqualTo(2);
    }
}
