package orb.kernel.message;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import orb.kernel.AccountId;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.Timing;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.Signature;

/** Messages as canonical bytes: a CBOR array of the kind's number and its fields. */
final class MessageCodec {
    private MessageCodec() {}

    static Bytes encode(Message message) {
        return Cbor.encode(
                switch (message) {
                    case Message.Done() -> of(0);
                    case Message.Refused(var refusal) -> of(1, CallValues.refusal(refusal));
                    case Membership membership -> encode(membership);
                    case Seeding seeding -> encode(seeding);
                    case Calling calling -> encode(calling);
                    case Witnessing witnessing -> WitnessingCodec.encode(witnessing);
                    case Registry registry -> encode(registry);
                });
    }

    static Result<Message> decode(Bytes bytes) {
        return Result.catching(() -> {
            Value value = Cbor.decodeOrThrow(bytes, DecodeLimits.MESSAGE);
            Fields f = Fields.of(value, "Message");
            int kind = f.smallNumber(0, 100);
            Message message = Fields.checked("Message", () -> decode(kind, f));
            f.end();
            return message;
        });
    }

    private static Value encode(Membership message) {
        return switch (message) {
            case Membership.Hello(var network, var record, var program) ->
                    of(10, Value.of(network.bytes()), Value.of(record), Value.of(program));
            case Membership.Welcome(var network, var record, var observed, var peers, var epoch) ->
                    of(
                            11,
                            Value.of(network.bytes()),
                            Value.of(record),
                            Value.of(observed.host()),
                            Value.of(observed.port()),
                            list(peers, Value::of),
                            Value.of(epoch));
            case Membership.Beat(var running, var capacity, var queue) ->
                    of(12, Value.of(running), Value.of(capacity), Value.of(queue));
            case Membership.FindPeers(var known) -> of(13, Value.of(known));
            case Membership.Peers(var records, var revision) ->
                    of(14, list(records, Value::of), Value.of(revision));
            case Membership.FindNodes(var node) ->
                    of(15, node.map(id -> Value.of(id.bytes())).orElse(Value.NULL));
            case Membership.Nodes(var nodes) -> of(16, list(nodes, NodeView::toValue));
            case Membership.Use(var report) -> of(17, report.toValue());
            case Membership.Incidents(var incidents) -> of(18, list(incidents, Incident::toValue));
            case Membership.Gauge(var payload, var wanted) ->
                    of(19, Value.of(payload), Value.of(wanted));
            case Membership.Gauged(var payload) -> of(20, Value.of(payload));
        };
    }

    private static Value encode(Seeding message) {
        return switch (message) {
            case Seeding.Available(var function) -> of(30, function.toValue());
            case Seeding.Acknowledged(var seeds, var reason) ->
                    of(31, Value.of(seeds), Value.of(reason));
            case Seeding.Fetch(var artefact, var offset, var length) ->
                    of(32, Value.of(artefact.bytes()), Value.of(offset), Value.of(length));
            case Seeding.Chunk(var bytes, var total) -> of(33, Value.of(bytes), Value.of(total));
            case Seeding.Serving(var function, var artefact) ->
                    of(34, Value.of(function.digest().bytes()), Value.of(artefact.bytes()));
            case Seeding.Stopped(var function, var reason) ->
                    of(35, Value.of(function.digest().bytes()), Value.of(reason));
        };
    }

    private static Value encode(Calling message) {
        return switch (message) {
            case Calling.Invoke(var call, var function, var payment, var request, var deadline) ->
                    of(
                            50,
                            Value.of(call.bytes()),
                            Value.of(function.owner()),
                            Value.of(function.name()),
                            payment.map(MessageCodec::payment).orElse(Value.NULL),
                            CallValues.request(request),
                            Value.of(deadline.toMillis()));
            case Calling.Invoked(var outcome, var host, var receipt, var t) ->
                    of(
                            51,
                            CallValues.outcome(outcome),
                            Value.of(host.digest().bytes()),
                            Value.of(receipt),
                            Value.of(t.waitNanos()),
                            Value.of(t.fetchNanos()),
                            Value.of(t.compileNanos()),
                            Value.of(t.instantiateNanos()),
                            Value.of(t.runNanos()),
                            Value.of(t.warm()));
            case Calling.Pay(var host, var voucher, var last) ->
                    of(52, Value.of(host.digest().bytes()), Value.of(voucher), Value.of(last));
            case Calling.FindProof(var call, var host) ->
                    of(53, Value.of(call.bytes()), Value.of(host.digest().bytes()));
            case Calling.Proof(var proof) -> of(54, Value.of(proof));
            case Calling.Owed(var receipt) -> of(55, Value.of(receipt));
            case Calling.Direct direct ->
                    of(
                            56,
                            Value.of(direct.call().bytes()),
                            Value.of(direct.function().owner()),
                            Value.of(direct.function().name()),
                            Value.of(direct.channel().bytes()),
                            CallValues.request(direct.request()),
                            Value.of(direct.deadline().toMillis()),
                            Value.of(direct.untilMillis()),
                            Value.of(direct.authority().bytes()));
        };
    }

    private static Value encode(Registry message) {
        return switch (message) {
            case Registry.Submit(var entry) -> of(70, Value.of(entry));
            case Registry.Submitted(var index) -> of(71, Value.of(index));
            case Registry.Deploy(var entry, var artefact, var sample) ->
                    of(72, Value.of(entry), Value.of(artefact), CallValues.request(sample));
            case Registry.Deployed(var function, var url, var index) ->
                    of(73, Value.of(function.digest().bytes()), Value.of(url), Value.of(index));
            case Registry.FindFunction(var name) ->
                    of(74, Value.of(name.owner()), Value.of(name.name()));
            case Registry.Search(var text, var offset, var limit) ->
                    of(75, Value.of(text), Value.of(offset), Value.of(limit));
            case Registry.Functions(var functions) -> of(76, list(functions, Registry::listed));
            case Registry.FindAccount(var account) -> of(77, Value.of(account.digest().bytes()));
            case Registry.Account account ->
                    of(
                            78,
                            Value.of(account.known()),
                            Value.of(account.name()),
                            Value.of(account.balance().micro()),
                            Value.of(account.pending().micro()),
                            Value.of(account.escrow().micro()),
                            Value.of(account.nonce()),
                            list(account.channels(), Registry::channel));
            case Registry.FindHistory(var account, var before, var limit) ->
                    of(79, Value.of(account.digest().bytes()), Value.of(before), Value.of(limit));
            case Registry.History(var rows) -> of(80, list(rows, Registry::row));
            case Registry.FindEntry(var index) -> of(81, Value.of(index));
            case Registry.Entry(var entry, var at) ->
                    of(82, entry.map(Value::of).orElse(Value.NULL), Value.of(at));
            case Registry.FindChannel(var channel) -> of(83, Value.of(channel.bytes()));
        };
    }

    private static Message decode(int kind, Fields f) {
        return switch (kind) {
            case 0 -> new Message.Done();
            case 1 -> new Message.Refused(CallValues.refusal(f.fields("Refusal")));
            case 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 -> membership(kind, f);
            case 30, 31, 32, 33, 34, 35 -> seeding(kind, f);
            case 50, 51, 52, 53, 54, 55, 56 -> calling(kind, f);
            case 60, 61, 62, 63, 64 -> WitnessingCodec.decode(kind, f);
            case 70, 71, 72, 73, 74, 75, 76 -> registry(kind, f);
            case 77, 78, 79, 80, 81, 82, 83 -> accounts(kind, f);
            default ->
                    throw new RefusedException(
                            ErrorCode.MALFORMED_BYTES, "there is no message of kind " + kind);
        };
    }

    private static Message membership(int kind, Fields f) {
        return switch (kind) {
            case 10 -> new Membership.Hello(f.digest(), f.bytes(Membership.RECORD_MAX), f.text(64));
            case 11 ->
                    new Membership.Welcome(
                            f.digest(),
                            f.bytes(Membership.RECORD_MAX),
                            new Address(f.text(253), f.smallNumber(1, 65_535)),
                            records(f),
                            f.number(1, 86_400_000));
            case 12 ->
                    new Membership.Beat(
                            f.smallNumber(0, 1 << 20),
                            f.smallNumber(0, 1 << 20),
                            f.number(0, Long.MAX_VALUE));
            case 13 -> new Membership.FindPeers(f.number(0, Long.MAX_VALUE));
            case 14 -> new Membership.Peers(records(f), f.number(0, Long.MAX_VALUE));
            case 15 -> new Membership.FindNodes(f.optional(Fields::digest));
            case 16 -> new Membership.Nodes(f.list(10_000, NodeView::from));
            case 17 -> new Membership.Use(UseReport.from(f.value()));
            case 18 -> new Membership.Incidents(f.list(Membership.INCIDENTS_MAX, Incident::from));
            case 19 ->
                    new Membership.Gauge(
                            f.bytes(Membership.GAUGE_MAX), f.smallNumber(0, Membership.GAUGE_MAX));
            default -> new Membership.Gauged(f.bytes(Membership.GAUGE_MAX));
        };
    }

    private static Message seeding(int kind, Fields f) {
        return switch (kind) {
            case 30 -> new Seeding.Available(FunctionFacts.from(f.value()));
            case 31 -> new Seeding.Acknowledged(f.truth(), f.text(200));
            case 32 ->
                    new Seeding.Fetch(
                            f.digest(),
                            f.number(0, Registry.ARTEFACT_MAX),
                            f.smallNumber(1, Seeding.CHUNK_MAX));
            case 33 ->
                    new Seeding.Chunk(
                            f.bytes(Seeding.CHUNK_MAX), f.number(0, Registry.ARTEFACT_MAX));
            case 34 -> new Seeding.Serving(new FunctionId(f.digest()), f.digest());
            default -> new Seeding.Stopped(new FunctionId(f.digest()), f.text(200));
        };
    }

    private static Message calling(int kind, Fields f) {
        return switch (kind) {
            case 50 ->
                    new Calling.Invoke(
                            f.digest(),
                            new FunctionName(f.text(63), f.text(63)),
                            f.optional(MessageCodec::payment),
                            CallValues.request(f.fields("Request")),
                            Duration.ofMillis(f.number(0, 3_600_000)));
            case 51 ->
                    new Calling.Invoked(
                            CallValues.outcome(f.fields("Outcome")),
                            new NodeId(f.digest()),
                            f.bytes(Calling.PAPER_MAX),
                            new Timing(
                                    f.number(0, Long.MAX_VALUE),
                                    f.number(0, Long.MAX_VALUE),
                                    f.number(0, Long.MAX_VALUE),
                                    f.number(0, Long.MAX_VALUE),
                                    f.number(0, Long.MAX_VALUE),
                                    f.truth()));
            case 52 ->
                    new Calling.Pay(
                            new NodeId(f.digest()),
                            f.bytes(Calling.PAPER_MAX),
                            f.bytes(Calling.PAPER_MAX));
            case 53 -> new Calling.FindProof(f.digest(), new NodeId(f.digest()));
            case 54 -> new Calling.Proof(f.bytes(Calling.PAPER_MAX));
            case 55 -> new Calling.Owed(f.bytes(Calling.PAPER_MAX));
            default ->
                    new Calling.Direct(
                            f.digest(),
                            new FunctionName(f.text(63), f.text(63)),
                            f.digest(),
                            CallValues.request(f.fields("Request")),
                            Duration.ofMillis(f.number(0, 3_600_000)),
                            f.number(0, Long.MAX_VALUE),
                            new Signature(f.exactBytes(Signature.LENGTH)));
        };
    }

    private static Message registry(int kind, Fields f) {
        return switch (kind) {
            case 70 -> new Registry.Submit(f.bytes(Registry.ENTRY_MAX));
            case 71 -> new Registry.Submitted(f.number(0, Long.MAX_VALUE));
            case 72 ->
                    new Registry.Deploy(
                            f.bytes(Registry.ENTRY_MAX),
                            f.bytes(Registry.ARTEFACT_MAX),
                            CallValues.request(f.fields("Request")));
            case 73 ->
                    new Registry.Deployed(
                            new FunctionId(f.digest()), f.text(500), f.number(0, Long.MAX_VALUE));
            case 74 -> new Registry.FindFunction(new FunctionName(f.text(63), f.text(63)));
            case 75 ->
                    new Registry.Search(
                            f.text(100),
                            f.smallNumber(0, 1 << 30),
                            f.smallNumber(1, Registry.ROWS_MAX));
            default -> new Registry.Functions(f.list(Registry.ROWS_MAX, Registry::listed));
        };
    }

    private static Message accounts(int kind, Fields f) {
        return switch (kind) {
            case 77 -> new Registry.FindAccount(new AccountId(f.digest()));
            case 78 ->
                    new Registry.Account(
                            f.truth(),
                            f.text(63),
                            new Credits(f.number(Long.MIN_VALUE, Long.MAX_VALUE)),
                            f.credits(),
                            f.credits(),
                            f.number(0, Long.MAX_VALUE),
                            f.list(Registry.ROWS_MAX, Registry::channel));
            case 79 ->
                    new Registry.FindHistory(
                            new AccountId(f.digest()),
                            f.number(0, Long.MAX_VALUE),
                            f.smallNumber(1, Registry.ROWS_MAX));
            case 80 -> new Registry.History(f.list(Registry.ROWS_MAX, Registry::row));
            case 81 -> new Registry.FindEntry(f.number(0, Long.MAX_VALUE));
            case 82 ->
                    new Registry.Entry(
                            f.optional(g -> g.bytes(Registry.ENTRY_MAX)),
                            f.number(0, Long.MAX_VALUE));
            default -> new Registry.FindChannel(f.digest());
        };
    }

    private static List<Bytes> records(Fields f) {
        return f.list(
                Membership.RECORDS_MAX,
                value -> Fields.of(Value.array(value), "record").bytes(Membership.RECORD_MAX));
    }

    private static Value payment(Calling.Payment payment) {
        return Value.array(Value.of(payment.channel().bytes()), Value.of(payment.slice().micro()));
    }

    private static Calling.Payment payment(Fields outer) {
        Fields f = outer.fields("Payment");
        Digest channel = f.digest();
        Credits slice = f.credits();
        f.end();
        return new Calling.Payment(channel, slice);
    }

    private static <T> Value list(List<T> items, Function<T, Value> writer) {
        List<Value> values = new ArrayList<>(items.size());
        items.forEach(item -> values.add(writer.apply(item)));
        return Value.array(values);
    }

    private static Value of(int kind, Value... fields) {
        List<Value> all = new ArrayList<>(fields.length + 1);
        all.add(Value.of(kind));
        all.addAll(List.of(fields));
        return Value.array(all);
    }
}
