package orb.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import orb.kernel.AccountId;
import orb.kernel.ByteSize;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.Limits;
import orb.kernel.NodeId;
import orb.kernel.Receipt;
import orb.kernel.RefusedException;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.identity.PublicKey;
import orb.kernel.identity.Signature;
import orb.kernel.message.Grants;

/** Entries as canonical bytes: {@code [kind, network, signer, nonce, expiresAt, ...fields]}. */
final class EntryCodec {
    private EntryCodec() {}

    static Value body(SignedEntry.Head head, Entry entry) {
        List<Value> items = new ArrayList<>();
        items.add(Value.of(kind(entry)));
        items.add(Value.of(head.network().bytes()));
        items.add(Value.of(head.signer().bytes()));
        items.add(Value.of(head.nonce()));
        items.add(Value.of(head.expiresAt().toEpochMilli()));
        addFields(items, entry);
        return Value.array(items);
    }

    private static int kind(Entry entry) {
        return switch (entry) {
            case Entry.OpenAccount _ -> 1;
            case Entry.RegisterNode _ -> 2;
            case Entry.DeployFunction _ -> 3;
            case Entry.LockEscrow _ -> 4;
            case Entry.TopUpEscrow _ -> 5;
            case Entry.Settle _ -> 6;
            case Entry.ReleaseEscrow _ -> 7;
            case Entry.CloseEscrow _ -> 8;
            case Entry.Send _ -> 9;
        };
    }

    private static void addFields(List<Value> items, Entry entry) {
        switch (entry) {
            case Entry.OpenAccount(var name) -> items.add(Value.of(name));
            case Entry.RegisterNode(var binding, var signature) -> {
                items.add(Value.of(binding.node().bytes()));
                items.add(Value.of(binding.stamp()));
                items.add(Value.of(signature.bytes()));
            }
            case Entry.DeployFunction(var key, var version, var signature) -> {
                items.add(Value.of(key.bytes()));
                items.add(version(version));
                items.add(Value.of(signature.bytes()));
            }
            case Entry.LockEscrow lock -> {
                items.add(Value.of(lock.hub().digest().bytes()));
                items.add(Value.of(lock.amount().micro()));
                items.add(Value.of(lock.delegate().bytes()));
                items.add(purpose(lock.purpose()));
                items.add(Value.of(lock.expires().toEpochMilli()));
            }
            case Entry.TopUpEscrow(var channel, var amount, var expires) -> {
                items.add(Value.of(channel.bytes()));
                items.add(Value.of(amount.micro()));
                items.add(Value.of(expires.toEpochMilli()));
            }
            case Entry.Settle(var voucher, var receiptHead) -> {
                items.add(voucher.toValue());
                items.add(Value.of(receiptHead.bytes()));
            }
            case Entry.ReleaseEscrow(var channel) -> items.add(Value.of(channel.bytes()));
            case Entry.CloseEscrow(var channel) -> items.add(Value.of(channel.bytes()));
            case Entry.Send(var to, var amount, var memo) -> {
                items.add(Value.of(to.digest().bytes()));
                items.add(Value.of(amount.micro()));
                items.add(Value.of(memo));
            }
        }
    }

    static SignedEntry signed(Value value) {
        Fields outer = Fields.of(value, "SignedEntry");
        Fields f = outer.fields("Entry");
        Signature signature = signature(outer);
        outer.end();
        return Fields.checked(
                "Entry",
                () -> {
                    int kind = f.smallNumber(1, 9);
                    SignedEntry.Head head =
                            new SignedEntry.Head(
                                    f.digest(), key(f), f.number(1, Long.MAX_VALUE), time(f));
                    Entry entry = entry(kind, head, f);
                    f.end();
                    return new SignedEntry(head, entry, signature);
                });
    }

    private static Entry entry(int kind, SignedEntry.Head head, Fields f) {
        return switch (kind) {
            case 1 -> new Entry.OpenAccount(f.text(63));
            case 2 ->
                    new Entry.RegisterNode(
                            new NodeBinding(
                                    head.network(),
                                    key(f),
                                    head.account(),
                                    f.number(0, Long.MAX_VALUE)),
                            signature(f));
            case 3 ->
                    new Entry.DeployFunction(
                            key(f), version(f.fields("FunctionVersion")), signature(f));
            case 4 ->
                    new Entry.LockEscrow(
                            new NodeId(f.digest()), f.credits(), key(f), purpose(f), time(f));
            case 5 -> new Entry.TopUpEscrow(f.digest(), f.credits(), time(f));
            case 6 -> new Entry.Settle(Voucher.Signed.from(f.value()), f.digest());
            case 7 -> new Entry.ReleaseEscrow(f.digest());
            case 8 -> new Entry.CloseEscrow(f.digest());
            case 9 ->
                    new Entry.Send(
                            new AccountId(f.digest()), f.credits(), f.text(Entry.Send.MEMO_MAX));
            default -> throw new RefusedException(ErrorCode.MALFORMED_BYTES, "entry kind " + kind);
        };
    }

    static Value version(Entry.FunctionVersion version) {
        return Value.array(
                Value.of(version.name()),
                Value.of(version.version()),
                Value.of(version.artefact().bytes()),
                Value.of(version.size().bytes()),
                Value.of(version.shape()),
                Value.of(version.limits().memory().bytes()),
                Value.of(version.limits().fuel().units()),
                Value.of(version.limits().wall().toMillis()),
                version.grants().toValue(),
                Value.of(version.plan().bytes()),
                Value.of(version.complexity().units()),
                Value.of(version.peakMemory().bytes()),
                Value.of(version.replicas()),
                Value.of(version.source().bytes()));
    }

    private static Entry.FunctionVersion version(Fields f) {
        Entry.FunctionVersion version =
                new Entry.FunctionVersion(
                        f.text(63),
                        f.smallNumber(1, Integer.MAX_VALUE),
                        f.digest(),
                        size(f),
                        f.text(16),
                        new Limits(size(f), f.fuel(), Duration.ofMillis(f.number(1, 300_000))),
                        Grants.from(f.fields("Grants")),
                        f.digest(),
                        f.fuel(),
                        size(f),
                        f.smallNumber(1, 100),
                        f.digest());
        f.end();
        return version;
    }

    static Value purpose(Entry.Purpose purpose) {
        return switch (purpose) {
            case Entry.Purpose.Calls() -> Value.NULL;
            case Entry.Purpose.Sponsor(var function) -> Value.of(function.digest().bytes());
            case Entry.Purpose.Token(var token) -> Value.array(Value.of(token.bytes()));
        };
    }

    private static Entry.Purpose purpose(Fields f) {
        return f.optional(Fields::value)
                .map(EntryCodec::purpose)
                .orElseGet(Entry.Purpose.Calls::new);
    }

    private static Entry.Purpose purpose(Value value) {
        boolean token = value instanceof Value.Array;
        Fields f = Fields.of(token ? value : Value.array(value), "Purpose");
        Digest digest = f.digest();
        f.end();
        return token
                ? new Entry.Purpose.Token(digest)
                : new Entry.Purpose.Sponsor(new FunctionId(digest));
    }

    private static PublicKey key(Fields f) {
        return new PublicKey(f.exactBytes(PublicKey.LENGTH));
    }

    private static Signature signature(Fields f) {
        return new Signature(f.exactBytes(Signature.LENGTH));
    }

    private static ByteSize size(Fields f) {
        return new ByteSize(f.number(0, Long.MAX_VALUE));
    }

    private static Instant time(Fields f) {
        return Instant.ofEpochMilli(f.number(0, Receipt.AT_MAX));
    }
}
