package orb.host.hashgraph;

import com.hedera.hapi.node.base.SemanticVersion;
import com.hedera.hapi.node.state.primitives.ProtoBytes;
import com.hedera.hapi.platform.event.StateSignatureTransaction;
import com.hedera.pbj.runtime.ParseException;
import com.swirlds.platform.builder.ExecutionLayer;
import com.swirlds.platform.state.ConsensusStateEventHandler;
import com.swirlds.platform.system.InitTrigger;
import com.swirlds.platform.system.Platform;
import com.swirlds.state.State;
import com.swirlds.state.lifecycle.StateDefinition;
import com.swirlds.state.lifecycle.StateMetadata;
import com.swirlds.state.spi.CommittableWritableStates;
import com.swirlds.state.spi.WritableStates;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import orb.host.store.EntryLog;
import orb.host.store.LogTail;
import orb.kernel.Bytes;
import org.hiero.consensus.model.event.Event;
import org.hiero.consensus.model.event.PlatformEvent;
import org.hiero.consensus.model.hashgraph.Round;
import org.hiero.consensus.model.status.PlatformStatus;
import org.hiero.consensus.model.transaction.ScopedSystemTransaction;
import org.hiero.consensus.model.transaction.TimestampedTransaction;
import org.hiero.consensus.model.transaction.Transaction;
import org.hiero.consensus.transaction.TransactionLimits;

/**
 * What Orb is to the platform: a state of one value, the tail of the log, and transactions of one
 * byte that says what follows, and that.
 *
 * <p>The tail is in the state because the trackers sign the state: so they find at once when two of
 * them disagree on the order, and one that was away learns from the others' state how long the log
 * is and what its last link must be. Thread-safe.
 */
final class PlatformApp implements ExecutionLayer, ConsensusStateEventHandler {
    static final String SERVICE = "OrbLog";

    private static final int TAIL_ID = 65_000;
    private static final byte ENTRY = 0;
    private static final byte STATE_SIGNATURE = 1;
    private static final int EVENT_BYTES_MAX = 245_760;
    private static final int SIGNATURES_MAX = 1_000;

    private final Proposals proposals;
    private final Rounds rounds;
    private final LogTail since;
    private final InstantSource clock;
    private final ArrayDeque<com.hedera.pbj.runtime.io.buffer.Bytes> signatures =
            new ArrayDeque<>();

    private volatile long round;

    /**
     * @param since the log when the roster began: what a new state says
     */
    PlatformApp(Proposals proposals, Rounds rounds, LogTail since, InstantSource clock) {
        this.proposals = proposals;
        this.rounds = rounds;
        this.since = since;
        this.clock = clock;
    }

    /** Makes room for the tail in a state; must be done for every new or loaded one. */
    static void register(State state) {
        state.initializeState(
                new StateMetadata<>(
                        SERVICE, StateDefinition.singleton(TAIL_ID, "TAIL", ProtoBytes.PROTOBUF)));
    }

    long round() {
        return round;
    }

    void begin(State state) {
        register(state);
        write(state, since);
    }

    private static void write(State state, LogTail tail) {
        WritableStates states = state.getWritableStates(SERVICE);
        states.<ProtoBytes>getSingleton(TAIL_ID).put(new ProtoBytes(wrap(tail.encoded().array())));
        ((CommittableWritableStates) states).commit();
    }

    private static LogTail read(State state) {
        ProtoBytes value = state.getReadableStates(SERVICE).<ProtoBytes>getSingleton(TAIL_ID).get();
        if (value == null) {
            throw new IllegalStateException("a state without the tail of the log");
        }
        return LogTail.decode(Bytes.wrap(value.value().toByteArray()));
    }

    private static com.hedera.pbj.runtime.io.buffer.Bytes wrap(byte[] bytes) {
        return com.hedera.pbj.runtime.io.buffer.Bytes.wrap(bytes);
    }

    @Override
    public void onStateInitialized(
            State state, Platform platform, InitTrigger trigger, SemanticVersion previous) {
        register(state);
        rounds.resume(read(state));
    }

    @Override
    public void onHandleConsensusRound(
            Round round,
            State state,
            Consumer<ScopedSystemTransaction<StateSignatureTransaction>> system) {
        List<EntryLog.Timed> entries = new ArrayList<>();
        round.forEachEventTransaction((event, transaction) -> {
            byte[] bytes = transaction.getApplicationTransaction().toByteArray();
            if (bytes.length > 1 && bytes[0] == ENTRY) {
                long at = transaction.getConsensusTimestamp().toEpochMilli();
                entries.add(
                        new EntryLog.Timed(
                                at,
                                Bytes.wrap(java.util.Arrays.copyOfRange(bytes, 1, bytes.length))));
            } else {
                signature(event, transaction, system);
            }
        });
        this.round = round.getRoundNum();
        if (!entries.isEmpty()) {
            write(state, rounds.agreed(read(state), entries));
        }
    }

    @Override
    public void onPreHandle(
            Event event,
            State state,
            Consumer<ScopedSystemTransaction<StateSignatureTransaction>> system) {
        event.transactionIterator()
                .forEachRemaining(transaction -> signature(event, transaction, system));
    }

    /** What is neither an entry nor a well-formed signature is nothing, on every tracker. */
    private static void signature(
            Event event,
            Transaction transaction,
            Consumer<ScopedSystemTransaction<StateSignatureTransaction>> system) {
        com.hedera.pbj.runtime.io.buffer.Bytes bytes = transaction.getApplicationTransaction();
        if (bytes.length() < 2 || bytes.getByte(0) != STATE_SIGNATURE) {
            return;
        }
        try {
            system.accept(
                    new ScopedSystemTransaction<>(
                            event.getCreatorId(),
                            event.getBirthRound(),
                            StateSignatureTransaction.PROTOBUF.parse(
                                    bytes.slice(1, bytes.length() - 1))));
        } catch (ParseException e) {
            HieroPlatform.LOG.log(
                    System.Logger.Level.WARNING,
                    "tracker {0} sent a malformed state signature",
                    event.getCreatorId());
        }
    }

    @Override
    public boolean onSealConsensusRound(Round round, State state) {
        return true;
    }

    @Override
    public void onNewRecoveredState(State state) {
        register(state);
    }

    /** The event of ours that holds these can no longer be ordered. */
    void stale(PlatformEvent event) {
        List<Bytes> entries = new ArrayList<>();
        event.transactionIterator()
                .forEachRemaining(transaction -> {
                    byte[] bytes = transaction.getApplicationTransaction().toByteArray();
                    if (bytes.length > 1 && bytes[0] == ENTRY) {
                        entries.add(
                                Bytes.wrap(java.util.Arrays.copyOfRange(bytes, 1, bytes.length)));
                    }
                });
        proposals.stale(entries, System.nanoTime());
    }

    @Override
    public synchronized void submitStateSignature(StateSignatureTransaction transaction) {
        if (signatures.size() == SIGNATURES_MAX) {
            signatures.remove(); // the oldest is worth the least
        }
        byte[] bytes = StateSignatureTransaction.PROTOBUF.toBytes(transaction).toByteArray();
        signatures.add(wrap(prefixed(STATE_SIGNATURE, bytes)));
    }

    private static byte[] prefixed(byte kind, byte[] bytes) {
        byte[] whole = new byte[bytes.length + 1];
        whole[0] = kind;
        System.arraycopy(bytes, 0, whole, 1, bytes.length);
        return whole;
    }

    @Override
    public synchronized boolean hasBufferedSignatureTransactions() {
        return !signatures.isEmpty();
    }

    @Override
    public synchronized List<TimestampedTransaction> getTransactionsForEvent() {
        Instant now = clock.instant();
        List<TimestampedTransaction> taken = new ArrayList<>();
        int room = EVENT_BYTES_MAX;
        while (!signatures.isEmpty() && signatures.element().length() <= room) {
            var bytes = signatures.remove();
            room -= (int) bytes.length();
            taken.add(new TimestampedTransaction(bytes, now));
        }
        proposals
                .take(room)
                .forEach(entry ->
                        taken.add(
                                new TimestampedTransaction(
                                        wrap(prefixed(ENTRY, entry.array())), now)));
        return taken;
    }

    @Override
    public TransactionLimits getTransactionLimits() {
        return new TransactionLimits(Roster.ENTRY_MAX + 1, EVENT_BYTES_MAX);
    }

    @Override
    public void newPlatformStatus(PlatformStatus status) {
        rounds.status(status.name(), status == PlatformStatus.ACTIVE);
        if (status == PlatformStatus.CATASTROPHIC_FAILURE) {
            rounds.failed("the trackers have signed different states of the log");
        }
    }

    @Override
    public void reportUnhealthyDuration(Duration duration) {
        // what is too much waits in Proposals, whose bound and patience refuse it
    }
}
