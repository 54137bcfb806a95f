package orb.tracker;

import java.time.Duration;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.FunctionId;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Message;
import orb.kernel.message.Seeding;
import orb.kernel.port.Table;

/**
 * Tells every node of every function, once, in the order of the log.
 *
 * <p>For each node one number is kept in {@link Table#NOTICES}: the place in the log of the newest
 * function that it was told of and answered. A node that was away is told on its return of all that
 * came after its number, so nothing has to be stored for each notice. One notice is under way to a
 * node at a time; one that was lost or refused is told again with its next beat.
 */
final class Offers {
    private final Turn turn;
    private final Questions questions;
    private final Duration timeout;
    private final int noticesMax;
    private final NavigableMap<Long, FunctionId> byIndex = new TreeMap<>();
    private final Map<FunctionId, Long> newest = new TreeMap<>();
    private final NavigableMap<NodeId, Long> told = new TreeMap<>();
    private final int toldMax;
    private final Lookup lookup;

    Offers(Turn turn, Questions questions, TrackerConfig config, Lookup lookup) {
        this.turn = turn;
        this.questions = questions;
        this.lookup = lookup;
        timeout = config.waits().answer();
        noticesMax = config.bounds().noticesMax();
        toldMax = config.bounds().peersMax();
    }

    /** Takes up what each node was told of; a damaged row means that it is told again. */
    void start(NavigableMap<Bytes, Bytes> kept) {
        kept.forEach((node, row) -> {
            try {
                Fields f = Fields.of(Cbor.decodeOrThrow(row, DecodeLimits.ENTRY), "told");
                long index = f.number(0, Long.MAX_VALUE);
                f.end();
                told.put(new NodeId(new Digest(node)), index);
            } catch (RefusedException | IllegalArgumentException e) {
                turn.tell("store.damaged", "NOTICES", String.valueOf(e.getMessage()));
            }
        });
    }

    /** A version has its place in the log. */
    void deployed(long index, FunctionId function) {
        Long before = newest.put(function, index);
        if (before != null) {
            byIndex.remove(before);
        }
        byIndex.put(index, function);
    }

    /** A node came or came back: it is told of what it does not know, the newest ones at most. */
    void joined(Member member) {
        if (member.isBeingTold) {
            return; // said Hello again on the same link
        }
        member.told = told.getOrDefault(member.id(), -1L);
        NavigableMap<Long, FunctionId> unknown = byIndex.tailMap(member.told, false);
        if (unknown.size() > noticesMax) {
            int skipped = unknown.size() - noticesMax;
            member.told =
                    unknown.keySet().stream().skip(skipped - 1).findFirst().orElse(member.told);
        }
        tellNext(member);
    }

    /** Tells the node of the next function that it does not know, if none is under way. */
    void tellNext(Member member) {
        Map.Entry<Long, FunctionId> next = byIndex.higherEntry(member.told);
        if (next == null || member.isBeingTold || !Members.isNode(member)) {
            return;
        }
        lookup.facts(next.getValue()).ifPresent(facts -> tell(member, next.getKey(), facts));
    }

    private void tell(Member member, long index, FunctionFacts facts) {
        member.isBeingTold = true;
        turn.tell("seed.available", facts.name().toString(), "told " + member.id());
        questions.ask(
                member.id(),
                new Seeding.Available(facts),
                timeout,
                new Questions.Ending() {
                    @Override
                    public void answered(Message message) {
                        boolean seeds = message instanceof Seeding.Acknowledged ack && ack.seeds();
                        String reason =
                                message instanceof Seeding.Acknowledged(_, var why)
                                        ? why
                                        : "answered with another message";
                        acknowledged(
                                member,
                                index,
                                seeds ? "seed.ack" : "seed.declined",
                                facts,
                                seeds ? "" : ": " + reason);
                    }

                    @Override
                    public void refused(Refusal refusal) {
                        member.isBeingTold = false; // it did not decide: it may be just joining
                    }

                    @Override
                    public void lost(Refusal refusal) {
                        member.isBeingTold = false; // it is told again at its next beat or Hello
                    }
                });
    }

    private void acknowledged(
            Member member, long index, String kind, FunctionFacts facts, String detail) {
        if (member.isGone) {
            return; // told again when it returns
        }
        member.isBeingTold = false;
        member.told = index;
        keep(member.id(), index);
        turn.tell(kind, facts.name().toString(), member.id() + detail);
        tellNext(member);
    }

    private void keep(NodeId node, long index) {
        if (told.size() >= toldMax && !told.containsKey(node)) {
            NodeId other = told.firstKey(); // is told anew if it ever returns
            told.remove(other);
            turn.erase(Table.NOTICES, other.digest().bytes());
        }
        told.put(node, index);
        turn.save(Table.NOTICES, node.digest().bytes(), Cbor.encode(Value.array(Value.of(index))));
    }
}
