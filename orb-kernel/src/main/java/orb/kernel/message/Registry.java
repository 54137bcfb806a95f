package orb.kernel.message;

import static orb.kernel.Require.require;

import java.util.List;
import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Request;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/** What only trackers answer: the registry and the ledger. */
public sealed interface Registry extends Message {
    /** An artefact is at most this long. */
    int ARTEFACT_MAX = 16 << 20;

    /** A signed entry is at most this long. */
    int ENTRY_MAX = 16 << 10;

    /** At most this many rows in one answer. */
    int ROWS_MAX = 500;

    /** A signed entry for the log; {@link Submitted} answers once it is applied. */
    record Submit(Bytes entry) implements Registry {}

    /** The entry's place in the log. */
    record Submitted(long index) implements Registry {}

    /**
     * A deploy: the signed entry, the executable and the sample that its complexity was measured
     * with; {@link Deployed} answers after the tracker's own run.
     */
    record Deploy(Bytes entry, Bytes artefact, Request sample) implements Registry {}

    /** The function is in the registry and this is its path on every tracker. */
    record Deployed(FunctionId function, String url, long index) implements Registry {}

    /** Asks for one function; {@link Functions} answers with one or none. */
    record FindFunction(FunctionName name) implements Registry {}

    /** Asks for functions whose name or owner contains a text, sorted by name. */
    record Search(String text, int offset, int limit) implements Registry {}

    /** Functions, with the number of live seeders of each. */
    record Functions(List<Listed> functions) implements Registry {
        public Functions {
            functions = List.copyOf(functions);
        }
    }

    /**
     * A function as a tracker sees it.
     *
     * @param seeders how many of its seeders are alive
     * @param calls how many were settled, the same at every tracker with the same log
     */
    record Listed(FunctionFacts facts, int seeders, long calls) {}

    /** Asks for an account; {@link Account} answers. */
    record FindAccount(AccountId account) implements Registry {}

    /**
     * An account as the ledger has it.
     *
     * @param known whether the ledger has it at all
     * @param name its registered name, a label; anything where the ledger does not have it
     * @param balance what it may spend
     * @param pending what is set aside by pending transfers
     * @param escrow what lies in its channels
     * @param nonce highest nonce used
     * @param channels its open channels
     */
    record Account(
            boolean known,
            String name,
            Credits balance,
            Credits pending,
            Credits escrow,
            long nonce,
            List<ChannelView> channels)
            implements Registry {
        public Account {
            require(!known || FunctionName.isLabel(name), "an account has no such name: %s", name);
            channels = List.copyOf(channels);
        }
    }

    /**
     * A payment channel.
     *
     * @param id digest of the entry that opened it
     * @param purpose {@code calls}, {@code sponsor <function id>} or {@code token}
     * @param locked what was set aside
     * @param paid what hosts were paid of it
     * @param hub the tracker that routes its calls
     */
    record ChannelView(Digest id, String purpose, Credits locked, Credits paid, NodeId hub) {}

    /** Asks for an account's movements, newest first, before an index. */
    record FindHistory(AccountId account, long before, int limit) implements Registry {}

    /** Movements of an account. */
    record History(List<Row> rows) implements Registry {
        public History {
            rows = List.copyOf(rows);
        }
    }

    /**
     * One movement.
     *
     * @param index the entry's place in the log
     * @param atMillis epoch milliseconds
     * @param kind grant, deploy, seed, consume, own, hub, lock, refund, send
     * @param micro micro-credits, negative for what was paid
     * @param other the counterparty, for people
     * @param evidence digest of the entry or receipt that caused it
     */
    record Row(long index, long atMillis, String kind, long micro, String other, Digest evidence) {}

    /** Asks for the signed entry at an index; {@link Entry} answers. */
    record FindEntry(long index) implements Registry {}

    /** A signed entry, empty if the log has none there. */
    record Entry(Optional<Bytes> entry, long atMillis) implements Registry {}

    /**
     * Asks for the signed entry that opened a channel; {@link Entry} answers, empty if no open
     * channel has this id. The id is the entry's digest, so a host need not believe the tracker to
     * learn whose signatures on vouchers count.
     */
    record FindChannel(Digest channel) implements Registry {}

    /** Encodes a listed function. */
    static Value listed(Listed listed) {
        return Value.array(
                listed.facts().toValue(), Value.of(listed.seeders()), Value.of(listed.calls()));
    }

    /** Decodes a listed function. */
    static Listed listed(Value value) {
        Fields f = Fields.of(value, "Listed");
        Listed listed =
                new Listed(
                        FunctionFacts.from(f.value()),
                        f.smallNumber(0, 1 << 20),
                        f.number(0, Long.MAX_VALUE));
        f.end();
        return listed;
    }

    /** Encodes a channel. */
    static Value channel(ChannelView view) {
        return Value.array(
                Value.of(view.id().bytes()),
                Value.of(view.purpose()),
                Value.of(view.locked().micro()),
                Value.of(view.paid().micro()),
                Value.of(view.hub().digest().bytes()));
    }

    /** Decodes a channel. */
    static ChannelView channel(Value value) {
        Fields f = Fields.of(value, "ChannelView");
        ChannelView view =
                new ChannelView(
                        f.digest(), f.text(80), f.credits(), f.credits(), new NodeId(f.digest()));
        f.end();
        return view;
    }

    /** Encodes a movement. */
    static Value row(Row row) {
        return Value.array(
                Value.of(row.index()),
                Value.of(row.atMillis()),
                Value.of(row.kind()),
                Value.of(row.micro()),
                Value.of(row.other()),
                Value.of(row.evidence().bytes()));
    }

    /** Decodes a movement. */
    static Row row(Value value) {
        Fields f = Fields.of(value, "Row");
        Row row =
                new Row(
                        f.number(0, Long.MAX_VALUE),
                        f.number(0, Long.MAX_VALUE),
                        f.text(16),
                        f.number(Long.MIN_VALUE, Long.MAX_VALUE),
                        f.text(100),
                        f.digest());
        f.end();
        return row;
    }
}
