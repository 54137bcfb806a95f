package orb.node;

import java.time.Duration;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Fuel;
import orb.kernel.Lane;
import orb.kernel.Receipt;
import orb.kernel.Request;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Calling;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.kernel.message.Seeding;
import orb.ledger.Entry;
import orb.ledger.Plan;
import orb.ledger.Voucher;
import org.junit.jupiter.api.BeforeEach;

/** A node that hosts one metered function of bob, who pays from one channel. */
abstract class HostedFunction {
    static final KeyPair BOB = Drive.key(30);
    static final Request REQUEST = Request.post(Bytes.utf8("input"));
    static final Credits PRICE = Plan.METERED.price(Receipt.Ending.COMPLETED, new Fuel(1_000_000));

    Drive drive;
    PlainTracker tracker;
    FunctionFacts facts;
    Digest channel;
    int calls;
    Duration patience = Duration.ofSeconds(10);

    @BeforeEach
    void serve() {
        begin(Drive.standard());
    }

    void begin(NodeConfig config) {
        drive = Drive.started(config);
        tracker = new PlainTracker(50).joinedBy(drive);
        LoginTest.logIn(drive, tracker);
        tracker.person(drive, "bob", BOB, Drive.key(31));
        tracker.person(drive, "hub", Drive.key(33), tracker.key);
        facts = tracker.deployed(drive, BOB, Drive.key(70), Plan.METERED);
        drive.asked(tracker.id, new Seeding.Available(facts));
        tracker.serve(drive);
        channel = lockedFor(BOB);
    }

    /** A channel of bob's, whose vouchers this key may sign too. */
    Digest lockedFor(KeyPair delegate) {
        return tracker.entry(
                drive,
                BOB,
                new Entry.LockEscrow(
                        tracker.id,
                        Credits.whole(10),
                        delegate.publicKey(),
                        new Entry.Purpose.Calls(),
                        drive.now.plusSeconds(86_400)));
    }

    Lane lane() {
        return new Lane(channel, drive.node.id(), facts.id());
    }

    static Digest id(int call) {
        return Digest.of(Bytes.utf8("call " + call));
    }

    long invoke() {
        return invoke(Credits.whole(10));
    }

    long invoke(Credits slice) {
        long question =
                drive.asked(
                        tracker.id,
                        new Calling.Invoke(
                                id(++calls),
                                facts.name(),
                                Optional.of(new Calling.Payment(channel, slice)),
                                REQUEST,
                                patience));
        tracker.serve(drive);
        return question;
    }

    Receipt receipt(long question) {
        return Receipt.decode(drive.answer(question, Calling.Invoked.class).receipt()).orThrow();
    }

    Message pay(Receipt last) {
        Voucher voucher =
                new Voucher(
                        Drive.GENESIS.network(),
                        last.lane(),
                        last.plan(),
                        last.sequence(),
                        last.amount());
        long question =
                drive.asked(
                        tracker.id,
                        new Calling.Pay(
                                drive.node.id(),
                                voucher.sign(BOB).countersign(tracker.key).encoded()));
        return drive.answers.get(question);
    }

    void passServed(Duration span) {
        for (long second = 0; second < span.toSeconds(); second++) {
            drive.pass(Duration.ofSeconds(1));
            tracker.serve(drive);
        }
    }
}
