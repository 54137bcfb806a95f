package orb.kernel.message;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.Address;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Fuel;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.Header;
import orb.kernel.Limits;
import orb.kernel.NodeId;
import orb.kernel.Outcome;
import orb.kernel.Refusal;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.Timing;
import orb.kernel.TrapCode;
import orb.kernel.identity.Signature;

/** At least one message of every kind, with every optional part present and absent. */
final class Samples {
    private static final Digest A = Digest.of(Bytes.utf8("a"));
    private static final Digest B = Digest.of(Bytes.utf8("b"));
    private static final NodeId NODE = new NodeId(A);
    private static final FunctionName NAME = new FunctionName("alice", "add");
    private static final Bytes PAPER = Bytes.utf8("signed elsewhere");
    private static final Request REQUEST =
            new Request(
                    "POST",
                    "/x",
                    "w=1",
                    List.of(new Header("a", "1"), new Header("a", "")),
                    Bytes.utf8("{}"));
    private static final Timing TIMING = new Timing(1, 2, 3, 4, 5, true);
    private static final FunctionFacts FACTS =
            new FunctionFacts(
                    new FunctionId(A),
                    NAME,
                    new AccountId(B),
                    1,
                    A,
                    new ByteSize(7_681),
                    "handler",
                    Limits.DEFAULT,
                    new Grants(
                            ByteSize.mib(1),
                            List.of(Origin.parse("https://api.example.org/v1")),
                            List.of("API_KEY"),
                            true),
                    "metered",
                    B,
                    new Fuel(900),
                    ByteSize.kib(64),
                    2);

    private Samples() {}

    static List<Message> all() {
        return java.util.stream.Stream.of(
                        answers(), membership(), seeding(), calling(), witnessing(), registry())
                .<Message>flatMap(List::stream)
                .toList();
    }

    private static List<Message> answers() {
        Refusal refusal = new Refusal(ErrorCode.BUSY, "4 of 4 places are taken", "try again");
        return List.of(new Message.Done(), new Message.Refused(refusal));
    }

    private static List<Message> membership() {
        NodeView.Machine machine =
                new NodeView.Machine(4, 1L << 30, 1_000_000, 2_000_000, List.of("aes"), "L1");
        NodeView view =
                new NodeView(
                        NODE,
                        "alice",
                        "alive",
                        "ready",
                        "[::1]:7440",
                        1,
                        4,
                        2,
                        1_700_000L,
                        machine);
        return List.of(
                new Membership.Hello(A, PAPER, "orb 0.1"),
                new Membership.Welcome(
                        A, PAPER, new Address("192.0.2.1", 7440), List.of(PAPER, PAPER), 60_000),
                new Membership.Beat(1, 4, 250),
                new Membership.Use(new UseReport(0, List.of(), List.of())),
                new Membership.Use(use()),
                new Membership.Incidents(List.of()),
                new Membership.Incidents(incidents()),
                new Membership.FindPeers(0),
                new Membership.Peers(List.of(), 0),
                new Membership.Peers(List.of(PAPER), Long.MAX_VALUE),
                new Membership.Gauge(PAPER, Membership.GAUGE_MAX),
                new Membership.Gauged(PAPER),
                new Membership.FindNodes(Optional.empty()),
                new Membership.FindNodes(Optional.of(B)),
                new Membership.Nodes(List.of(view)));
    }

    private static List<Message> seeding() {
        return List.of(
                new Seeding.Available(FACTS),
                new Seeding.Acknowledged(true, ""),
                new Seeding.Acknowledged(false, "too little memory"),
                new Seeding.Fetch(A, 1 << 20, Seeding.CHUNK_MAX),
                new Seeding.Chunk(PAPER, 16),
                new Seeding.Serving(new FunctionId(A), B),
                new Seeding.Stopped(new FunctionId(A), "no room"));
    }

    private static List<Message> calling() {
        Calling.Payment payment = new Calling.Payment(B, new Credits(250));
        Response response = new Response(404, List.of(new Header("x", "y")), Bytes.utf8("no"));
        return List.of(
                new Calling.Invoke(A, NAME, Optional.empty(), REQUEST, Duration.ofSeconds(9)),
                new Calling.Invoke(A, NAME, Optional.of(payment), REQUEST, Duration.ZERO),
                invoked(new Outcome.Completed(response, new Fuel(12))),
                invoked(new Outcome.OutOfFuel(new Fuel(100))),
                invoked(new Outcome.Trapped(TrapCode.OUT_OF_BOUNDS, "at 7", Fuel.ZERO)),
                invoked(new Outcome.Refused(new Refusal(ErrorCode.UNPAID, "16 calls"))),
                new Calling.Pay(NODE, PAPER),
                new Calling.Pay(NODE, PAPER, PAPER),
                new Calling.FindProof(A, NODE),
                new Calling.Proof(PAPER),
                new Calling.Owed(PAPER),
                new Calling.Direct(
                        A,
                        NAME,
                        B,
                        REQUEST,
                        Duration.ofSeconds(9),
                        1_893_456_000_000L,
                        new Signature(Bytes.wrap(new byte[Signature.LENGTH]))));
    }

    private static List<Message> witnessing() {
        return List.of(
                new Witnessing.Offer(PAPER),
                new Witnessing.Cosigned(PAPER),
                new Witnessing.FindCheckpoint(0),
                new Witnessing.FindCheckpoint(41),
                new Witnessing.Checkpoint(PAPER, List.of()),
                new Witnessing.Checkpoint(PAPER, List.of(A, B)),
                new Witnessing.Fraud(PAPER, Bytes.EMPTY));
    }

    private static Message invoked(Outcome outcome) {
        return new Calling.Invoked(outcome, NODE, PAPER, TIMING);
    }

    private static List<Message> registry() {
        Registry.ChannelView channel =
                new Registry.ChannelView(A, "calls", Credits.whole(2), Credits.ZERO, NODE);
        Registry.Row row = new Registry.Row(7, 1_700_000L, "consume", -250, "bob", B);
        return List.of(
                new Registry.Submit(PAPER),
                new Registry.Submitted(Long.MAX_VALUE),
                new Registry.Deploy(PAPER, Bytes.utf8("\0asm"), REQUEST),
                new Registry.Deployed(new FunctionId(A), "/f/alice/add", 3),
                new Registry.FindFunction(NAME),
                new Registry.Search("add", 0, 50),
                new Registry.Functions(List.of(new Registry.Listed(FACTS, 3, 41))),
                new Registry.FindAccount(new AccountId(A)),
                new Registry.Account(
                        true,
                        "alice",
                        Credits.whole(-1),
                        Credits.ZERO,
                        Credits.whole(2),
                        9,
                        List.of(channel)),
                new Registry.FindHistory(new AccountId(A), Long.MAX_VALUE, 1),
                new Registry.History(List.of(row)),
                new Registry.FindChannel(A),
                new Registry.FindEntry(0),
                new Registry.Entry(Optional.empty(), 0),
                new Registry.Entry(Optional.of(PAPER), 5));
    }

    /** One of a function's own doing, and one of a peer's about a function that is not known. */
    static List<Incident> incidents() {
        return List.of(
                new Incident(
                        Incident.Kind.EGRESS_DENIED,
                        Optional.of(NAME),
                        Optional.empty(),
                        "ORB-0222: no",
                        7,
                        1_700_000L,
                        1_800_000L),
                new Incident(
                        Incident.Kind.FALSE_ANSWER,
                        Optional.empty(),
                        Optional.of(NODE),
                        "",
                        1,
                        5,
                        5));
    }

    /** One worker and two functions, one of them all that have no row of their own. */
    static UseReport use() {
        List<Long> latency = List.of(0L, 1L, 2L, 3L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 1L);
        UseReport.Ended ended = new UseReport.Ended(5, 1, 1);
        return new UseReport(
                3,
                List.of(new UseReport.Worker(3, 1_500_000, 64 << 20)),
                List.of(
                        new UseReport.Function(
                                "alice/add", ended, latency, 9, 8, 7, 65_536, 5, 4, 2),
                        new UseReport.Function("", ended, latency, 1, 2, 3, 4, 5, 6, 0)));
    }
}
