package orb.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import orb.kernel.ByteSize;
import orb.kernel.Credits;
import orb.kernel.Fuel;
import orb.kernel.Receipt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class MoneyTest {
    private static final Pattern EXAMPLE = Pattern.compile("(?m)^ {4}(\\w+ .*) => (.*=.*)$");
    private static final Genesis STANDARD = Genesis.standard("orb");

    private static Path page() {
        Path root = Path.of(System.getProperty("orb.root", ".."));
        return root.resolve("docs").resolve("protocol").resolve("money.md");
    }

    @Test
    @Tag("E2")
    void everyWorkedExampleOfThePageIsWhatTheCodeComputes() throws IOException {
        Matcher examples = EXAMPLE.matcher(Files.readString(page()));
        int count = 0;
        while (examples.find()) {
            String[] words = examples.group(1).split(" ");
            String computed =
                    switch (words[0]) {
                        case "deploy" -> deploy(words);
                        case "call" -> call(words);
                        case "split" -> split(words);
                        default -> "no formula for " + words[0];
                    };
            assertThat(computed).as(examples.group(1)).isEqualTo(examples.group(2));
            count++;
        }
        assertThat(count).isEqualTo(18);
    }

    private static String deploy(String[] words) {
        Credits cost =
                STANDARD.pricing()
                        .deployCost(
                                new Fuel(Long.parseLong(words[2])),
                                new ByteSize(Long.parseLong(words[4])),
                                new ByteSize(Long.parseLong(words[6])));
        return "cost = " + cost.micro();
    }

    private static String call(String[] words) {
        Receipt.Ending ending =
                Receipt.Ending.valueOf(words[2].replace('-', '_').toUpperCase(Locale.ROOT));
        Credits price = plan(words[1]).price(ending, new Fuel(Long.parseLong(words[4])));
        return "price = " + price.micro();
    }

    private static String split(String[] words) {
        Plan plan = plan(words[1]);
        Plan.Shares shares = plan.payer() == Plan.Payer.OWNER ? plan.sponsored() : plan.requested();
        Plan.Split split = shares.split(new Credits(Long.parseLong(words[3])));
        return String.format(
                Locale.ROOT,
                "host = %d owner = %d tracker = %d",
                split.host().micro(),
                split.owner().micro(),
                split.tracker().micro());
    }

    private static Plan plan(String name) {
        return STANDARD.plan(name).orElseThrow();
    }

    @Test
    void splitsLoseNothingAndNoPartShrinksWhateverTheSteps() {
        Random random = new Random(3);
        for (int i = 0; i < 300; i++) {
            int owner = random.nextInt(1_001);
            int tracker = random.nextInt(1_001 - owner);
            Plan.Shares shares = new Plan.Shares(1_000 - owner - tracker, owner, tracker);
            Plan.Split before = shares.split(Credits.ZERO);
            long amount = 0;
            for (int step = 0; step < 100; step++) {
                amount += step % 3 == 0 ? random.nextLong(1L << 55) : 1 + random.nextInt(9);
                Plan.Split after = shares.split(new Credits(amount));
                Plan.Split difference = after.since(before);
                assertThat(after.sum().micro()).isEqualTo(amount);
                assertThat(difference.host().isNegative()).isFalse();
                assertThat(difference.owner().isNegative()).isFalse();
                assertThat(difference.tracker().isNegative()).isFalse();
                before = after;
            }
        }
    }

    @Test
    void underBothTheOwnerPaysFromTheCallAfterTheIncludedOnes() {
        assertThat(Plan.BOTH.payerOf(1)).isEqualTo(Plan.Payer.REQUESTER);
        assertThat(Plan.BOTH.payerOf(1_000)).isEqualTo(Plan.Payer.REQUESTER);
        assertThat(Plan.BOTH.payerOf(1_001)).isEqualTo(Plan.Payer.OWNER);
        assertThat(Plan.METERED.payerOf(5_000)).isEqualTo(Plan.Payer.REQUESTER);
        assertThat(Plan.SPONSORED.payerOf(1)).isEqualTo(Plan.Payer.OWNER);
    }

    @Test
    void amountsThatLeaveSixtyFourBitsThrowAndTheLargestLegalOnesDoNot() {
        Plan dear =
                new Plan(
                        "dear",
                        Plan.Payer.REQUESTER,
                        Pricing.RATE_MAX,
                        Pricing.RATE_MAX,
                        new Plan.Shares(1_000, 0, 0),
                        new Plan.Shares(1_000, 0, 0),
                        0);
        assertThat(dear.priceMax(new Fuel(1_000_000_000_000L)).micro())
                .isEqualTo(1_000_001_000_000_000_000L);
        assertThatThrownBy(() -> dear.priceMax(new Fuel(Long.MAX_VALUE)))
                .isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> new Plan.Shares(500, 400, 99)).hasMessageContaining("sum to 1000");
    }

    @Test
    void roundingUpIsExact() {
        assertThat(Pricing.ceil(0, new Credits(50), 1_000_000).micro()).isZero();
        assertThat(Pricing.ceil(19_999, new Credits(50), 1_000_000).micro()).isEqualTo(1);
        assertThat(Pricing.ceil(20_000, new Credits(50), 1_000_000).micro()).isEqualTo(1);
        assertThat(Pricing.ceil(20_001, new Credits(50), 1_000_000).micro()).isEqualTo(2);
        assertThat(Pricing.ceil(1_020_001, new Credits(50), 1_000_000).micro()).isEqualTo(52);
    }
}
