package orb.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.Result;
import orb.kernel.message.Calling;
import orb.kernel.message.Membership;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.ledger.Entry;
import orb.ledger.HostLane;
import orb.node.NodeCommand;
import orb.node.NodeReply;
import org.junit.jupiter.api.Test;

/** Every checker finds what is planted for it, and nothing else. */
final class CheckersTest {
    private static final NodeId NODE = PlantedBooks.PAYERS_NODE;

    private final PlantedBooks books = new PlantedBooks();
    private Instant clock = Instant.EPOCH;
    private final LedgerChecker ledger =
            new LedgerChecker(() ->
                    List.of(
                            new LedgerChecker.Copy(
                                    "tracker",
                                    List.copyOf(books.log),
                                    books.replay().ledger().stateRoot())));
    private final ChargeChecker charges = new ChargeChecker(true);
    private final RiskChecker risks = new RiskChecker(() -> clock);

    private static void acknowledge(Checker checker, long index, Bytes entry) {
        checker.said(
                new Checker.Said(
                        NODE,
                        PlantedBooks.HUB,
                        new Registry.Submit(entry),
                        new Registry.Submitted(index)));
    }

    @Test
    void soundBooksHaveNoFault() {
        Receipt receipt = books.receipt("node one", "call", PlantedBooks.price());
        books.asked(charges, "call");
        PlantedBooks.gave(charges, receipt);
        books.settle("node one", receipt);
        acknowledge(ledger, 0, books.log.getFirst().entry());

        assertThat(ledger.violations(books.replay())).isEmpty();
        assertThat(charges.violations(books.replay())).isEmpty();
        assertThat(risks.violations(books.replay())).isEmpty();
    }

    @Test
    void anAcknowledgedEntryThatIsNotInTheLogIsFound() {
        acknowledge(ledger, 3, Bytes.utf8("never ordered"));
        acknowledge(ledger, 99, books.log.getFirst().entry());

        assertThat(ledger.violations(books.replay()))
                .hasSize(2)
                .allSatisfy(what -> assertThat(what).endsWith("is gone"));
    }

    @Test
    void anAcknowledgedEntryThatWasRefusedIsFound() {
        books.add("nobody", new Entry.OpenAccount("payer")); // the name is taken
        int index = books.log.size() - 1;
        acknowledge(ledger, index, books.log.get(index).entry());

        assertThat(ledger.violations(books.replay()))
                .singleElement()
                .asString()
                .contains("was not carried out");
    }

    @Test
    void aTrackerWhoseStateIsNotItsLogsIsFound() {
        LedgerChecker other =
                new LedgerChecker(() ->
                        List.of(
                                new LedgerChecker.Copy(
                                        "tracker", List.copyOf(books.log), Digest.ZERO)));

        assertThat(other.violations(books.replay()))
                .singleElement()
                .asString()
                .contains("state root");
    }

    @Test
    void aTrackerWhoseLogIsAnotherIsFound() {
        List<SimDisk.LoggedEntry> shuffled = books.log.reversed();
        LedgerChecker other =
                new LedgerChecker(() ->
                        List.of(
                                new LedgerChecker.Copy(
                                        "tracker", shuffled, books.replay().ledger().stateRoot())));

        assertThat(other.violations(books.replay()))
                .containsExactly("the log of tracker is not the beginning of the one log");
    }

    @Test
    void aLogWhoseTimeRunsBackIsFound() {
        books.log.add(new SimDisk.LoggedEntry(Instant.EPOCH, books.log.getFirst().entry()));

        assertThat(books.replay().fault()).isPresent();
    }

    @Test
    void aCallThatTwoLanesArePaidForIsFound() {
        books.asked(charges, "once");
        for (String host : List.of("node one", "node two")) {
            Receipt receipt = books.receipt(host, "once", PlantedBooks.price());
            PlantedBooks.gave(charges, receipt);
            books.settle(host, receipt);
        }

        assertThat(charges.violations(books.replay()))
                .singleElement()
                .asString()
                .contains("was charged twice");
    }

    @Test
    void aPaymentWithoutAReceiptIsFound() {
        books.asked(charges, "call");
        books.settle("node one", books.receipt("node one", "call", PlantedBooks.price()));

        assertThat(charges.violations(books.replay()))
                .singleElement()
                .asString()
                .contains("gave no receipt 1");
    }

    @Test
    void aPaymentWhoseChainHasAGapIsFound() {
        books.asked(charges, "call");
        Receipt second = books.receipt("node one", "call", PlantedBooks.price(), 2);
        PlantedBooks.gave(charges, second);
        books.settle("node one", second);

        assertThat(charges.violations(books.replay()))
                .singleElement()
                .asString()
                .contains("gave no receipt 1");
    }

    @Test
    void aPriceThatIsNotThePlansIsFound() {
        books.asked(charges, "call");
        Receipt dear = books.receipt("node one", "call", PlantedBooks.price().times(2));
        PlantedBooks.gave(charges, dear);
        books.settle("node one", dear);

        assertThat(charges.violations(books.replay()))
                .singleElement()
                .asString()
                .contains("its plan says");
    }

    @Test
    void aCallThatItsPayerDidNotMakeIsFound() {
        Receipt receipt = books.receipt("node one", "somebody else's", PlantedBooks.price());
        PlantedBooks.gave(charges, receipt);
        books.settle("node one", receipt);

        assertThat(charges.violations(books.replay()))
                .singleElement()
                .asString()
                .contains("did not make it");
    }

    private Checker.Said ran(Receipt receipt) {
        return new Checker.Said(
                PlantedBooks.HUB,
                receipt.lane().host(),
                new Membership.FindPeers(0),
                PlantedBooks.invoked(receipt));
    }

    private Checker.Said paid(Receipt receipt) {
        NodeId host = receipt.lane().host();
        return new Checker.Said(
                PlantedBooks.HUB,
                host,
                new Calling.Pay(host, books.promised(receipt).encoded()),
                new Message.Done());
    }

    @Test
    void aHostThatWorksForMoreThanSixteenUnpaidCallsIsFound() {
        Credits price = PlantedBooks.price();
        for (int i = 1; i <= HostLane.UNPAID_MAX; i++) {
            risks.said(ran(books.receipt("node one", "call " + i, price, i)));
        }
        assertThat(risks.violations(books.replay())).isEmpty();
        risks.said(ran(books.receipt("node one", "one more", price, HostLane.UNPAID_MAX + 1)));

        assertThat(risks.violations(books.replay()))
                .singleElement()
                .asString()
                .contains("call 17 was run, and 0 are paid for");
    }

    @Test
    void aVoucherThatIsNeverSettledIsFoundUnlessItsHostCrashed() {
        Receipt receipt = books.receipt("node one", "call", PlantedBooks.price());
        risks.said(ran(receipt));
        risks.said(paid(receipt));
        assertThat(risks.violations(books.replay())).as("it is not due yet").isEmpty();
        clock = clock.plus(Settings.EPOCH.multipliedBy(3));

        assertThat(risks.violations(books.replay()))
                .singleElement()
                .asString()
                .contains("was paid 0.000000");
        risks.crashed(receipt.lane().host());
        assertThat(risks.violations(books.replay())).isEmpty();
    }

    @Test
    void commandsAndQuestionsWithoutAnAnswerAreFound() {
        List<Instant> clock = new ArrayList<>(List.of(Instant.EPOCH));
        AnswerChecker answers = new AnswerChecker(clock::getLast);
        answers.stepped(NODE, new Event.Commanded(7, new NodeCommand.WhoAmI()), List.of());
        answers.stepped(
                NODE, new Event.Asked(8, PlantedBooks.HUB, new Membership.FindPeers(0)), List.of());
        assertThat(answers.violations(books.replay())).as("it has time yet").isEmpty();

        clock.add(Instant.EPOCH.plus(Duration.ofMinutes(1)));
        assertThat(answers.violations(books.replay())).hasSize(2);
        answers.crashed(NODE);
        assertThat(answers.violations(books.replay())).isEmpty();
    }

    @Test
    void answersThatNobodyAskedForAreFound() {
        AnswerChecker answers = new AnswerChecker(() -> Instant.EPOCH);
        Effect twice = new Effect.Return(7, Result.ok(new NodeReply.Done()));
        answers.stepped(
                NODE,
                new Event.Commanded(7, new NodeCommand.LogOut()),
                List.of(twice, twice, new Effect.Answer(9, new Message.Done())));

        assertThat(answers.violations(books.replay())).hasSize(2);
    }
}
