package orb.kernel.message;

import static orb.kernel.Require.require;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;

/**
 * A threat that a peer noticed, however often: one kind, about one function, from one source.
 *
 * @param kind what was noticed
 * @param function which one it has to do with, where that is known
 * @param peer who did it, where that was another peer
 * @param detail the last time's words, at most {@link #DETAIL_MAX} characters; they hold nothing of
 *     a call's input or output
 * @param count how often, at least 1
 * @param firstMillis epoch milliseconds of the first time
 * @param lastMillis epoch milliseconds of the last time
 */
public record Incident(
        Kind kind,
        Optional<FunctionName> function,
        Optional<NodeId> peer,
        String detail,
        long count,
        long firstMillis,
        long lastMillis) {
    private static final int FUNCTION_MAX = 127;
    public static final int DETAIL_MAX = 200;

    /** How many times in a row within {@link #REPEAT_WITHIN} are an incident of some kinds. */
    private static final int REPEATED = 3;

    /** Times further apart than this are not a repetition. */
    public static final Duration REPEAT_WITHIN = Duration.ofHours(1);

    /** What can be noticed. The order is that of the numbers on the wire: only ever appended to. */
    public enum Kind {
        /** A run asked for a key-value space or a secret that was not granted. */
        CAPABILITY_DENIED(1),
        /** A run tried to reach an address that was not granted. */
        EGRESS_DENIED(1),
        /** An artefact is not what its digest names: on this disk, or as a peer sent it. */
        ARTEFACT_CHANGED(1),
        /** Compiled code on this disk is not what this peer put there. */
        CODE_CHANGED(1),
        /** Runs used up their fuel, several times. */
        FUEL_LIMIT(REPEATED),
        /** Runs reached their memory limit, several times. */
        MEMORY_LIMIT(REPEATED),
        /** Runs reached the function's own wall time, several times. */
        TIME_LIMIT(REPEATED),
        /** Its runs ended their worker, several times with no completed run between. */
        WORKER_LOST(1),
        /** A worker that ran it said what a worker may not, and was ended. */
        WORKER_VIOLATION(1),
        /** A host's answer or receipt could not be right. */
        FALSE_ANSWER(1),
        /** A tracker signed another history of the ledger than the one that is. */
        LEDGER_FORKED(1);

        private final int raisedAt;

        Kind(int raisedAt) {
            this.raisedAt = raisedAt;
        }

        /** From which time on it is an incident; fewer happen to everybody. */
        public int raisedAt() {
            return raisedAt;
        }

        /** The word for people and programs, such as {@code egress_denied}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What makes two happenings the same incident. */
    public record Name(Kind kind, Optional<FunctionName> function, Optional<NodeId> peer) {
        /** A name's fields, by which an incident is kept. */
        public Value toValue() {
            return Value.array(kindValue(), functionValue(), peerValue());
        }

        private Value kindValue() {
            return Value.of(kind.ordinal());
        }

        private Value functionValue() {
            return Value.of(function.map(FunctionName::toString).orElse(""));
        }

        private Value peerValue() {
            return peer.map(id -> Value.of(id.digest().bytes())).orElse(Value.NULL);
        }
    }

    public Incident {
        require(detail.length() <= DETAIL_MAX, "a detail has at most %d characters", DETAIL_MAX);
        require(count >= 1, "it happened at least once, not %d times", count);
        require(firstMillis >= 0, "times are at least 0, not %d", firstMillis);
        require(lastMillis >= firstMillis, "last %d is before %d", lastMillis, firstMillis);
    }

    /** One that happened now for the first time; what is too long is cut. */
    public static Incident first(
            Kind kind,
            Optional<FunctionName> function,
            Optional<NodeId> peer,
            String detail,
            Instant now) {
        long millis = Math.max(0, now.toEpochMilli());
        return new Incident(kind, function, peer, cut(detail), 1, millis, millis);
    }

    /** The same once more. */
    public Incident again(String newest, Instant now) {
        return new Incident(
                kind,
                function,
                peer,
                cut(newest),
                Math.max(count, count + 1), // stays at the most there is
                firstMillis,
                Math.max(lastMillis, now.toEpochMilli()));
    }

    /** Whether it has happened often enough to be told. */
    public boolean isRaised() {
        return count >= kind.raisedAt;
    }

    /** When it happened last. */
    public Instant last() {
        return Instant.ofEpochMilli(lastMillis);
    }

    /** Name of the function's owner, empty where it is not known. */
    public String owner() {
        return function.map(FunctionName::owner).orElse("");
    }

    private static String cut(String text) {
        return text.length() > DETAIL_MAX ? text.substring(0, DETAIL_MAX) : text;
    }

    public Name name() {
        return new Name(kind, function, peer);
    }

    /** Its fields in the order of {@code docs/protocol/messages.md}. */
    public Value toValue() {
        Name name = name();
        return Value.array(
                name.kindValue(),
                name.functionValue(),
                name.peerValue(),
                Value.of(detail),
                Value.of(count),
                Value.of(firstMillis),
                Value.of(lastMillis));
    }

    private static Optional<FunctionName> function(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(FunctionName.parse(text));
    }

    /** Reads what {@link #toValue} gave, strictly. */
    public static Incident from(Value value) {
        Fields f = Fields.of(value, "Incident");
        Incident incident =
                new Incident(
                        Kind.values()[f.smallNumber(0, Kind.values().length - 1)],
                        function(f.text(FUNCTION_MAX)),
                        f.optional(Fields::digest).map(NodeId::new),
                        f.text(DETAIL_MAX),
                        f.number(1, Long.MAX_VALUE),
                        f.number(0, Long.MAX_VALUE),
                        f.number(0, Long.MAX_VALUE));
        f.end();
        return incident;
    }
}
