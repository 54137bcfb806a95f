package orb.tracker.log;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.Message;
import orb.kernel.message.Witnessing;
import orb.ledger.Entry;
import orb.ledger.Genesis;
import orb.ledger.Ledger;
import orb.ledger.SignedEntry;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.LogRoster;

/** Trackers of one swarm, each with its own copy of the log, who talk to each other at once. */
final class Council {
    static final Genesis GENESIS = Genesis.standard("council");

    final List<Seat> seats = new ArrayList<>();
    final LogRoster roster;
    Instant now = Instant.parse("2030-01-01T00:00:00Z");
    private final List<Logged> log = new ArrayList<>();
    private final ArrayDeque<Runnable> mail = new ArrayDeque<>();

    private record Logged(Instant time, Bytes entry) {}

    Council(int trackers) {
        List<PublicKey> keys = new ArrayList<>();
        for (int i = 0; i < trackers; i++) {
            keys.add(key(i).publicKey());
        }
        roster = new LogRoster(GENESIS.network(), keys);
        for (int i = 0; i < trackers; i++) {
            seats.add(new Seat(key(i)));
        }
    }

    static KeyPair key(int tracker) {
        return KeyPair.ofSeed(Digest.of(Bytes.utf8("tracker " + tracker)).bytes().array());
    }

    /** One tracker. */
    final class Seat implements Means {
        final KeyPair key;
        final NodeId id;
        final NavigableMap<Bytes, Bytes> disk = new TreeMap<>();
        final List<String> told = new ArrayList<>();
        final List<NodeId> forked = new ArrayList<>();
        final List<Witnessing> toNodes = new ArrayList<>();
        boolean isReachable = true;
        Ledger ledger = new Ledger(GENESIS);
        Checkpoints log;

        Seat(KeyPair key) {
            this.key = key;
            id = NodeId.of(key.publicKey());
            log = new Checkpoints(this, key, roster, ledger);
            log.start(disk);
        }

        /** Applies what is ordered and not here yet, up to so many entries. */
        void catchUp(int size) {
            while (ledger.next() < size) {
                Logged next = Council.this.log.get((int) ledger.next());
                log.ordering(next.time(), next.entry());
                ledger.apply(ledger.next(), next.time(), next.entry()).orThrow();
            }
        }

        /** Dies and starts again with the first entries of the log. */
        void restart(int size) {
            ledger = new Ledger(GENESIS);
            log = new Checkpoints(this, key, roster, ledger);
            catchUp(size);
            log.start(disk);
        }

        Message answer(NodeId asker, Witnessing question) {
            return switch (question) {
                case Witnessing.Offer(var note) -> log.offered(asker, note);
                case Witnessing.Fraud fraud -> log.accused(fraud);
                default -> throw new AssertionError("no tracker asks " + question);
            };
        }

        /** What its own execution gives. */
        Checkpoint ledgerHead() {
            return new Checkpoint(
                    GENESIS.network(), ledger.next(), ledger.logRoot(), ledger.stateRoot());
        }

        Optional<Checkpoint> finals() {
            return log.finalNote().map(note -> roster.checkFinal(note).orThrow().checkpoint());
        }

        @Override
        public Instant now() {
            return now;
        }

        @Override
        public List<NodeId> fellows() {
            return seats.stream()
                    .filter(seat -> seat != this && seat.isReachable && isReachable)
                    .map(seat -> seat.id)
                    .toList();
        }

        @Override
        public List<NodeId> nodes() {
            return List.of(new NodeId(Digest.ZERO));
        }

        @Override
        public void ask(NodeId peer, Witnessing question, Consumer<Message> then) {
            Optional<Seat> seat = seats.stream().filter(each -> each.id.equals(peer)).findFirst();
            if (seat.isEmpty()) {
                toNodes.add(question);
                return;
            }
            mail.add(() -> {
                Message answer = seat.get().answer(id, question);
                if (!(answer instanceof Message.Refused)) {
                    then.accept(answer);
                }
            });
        }

        @Override
        public void save(Bytes name, Bytes value) {
            disk.put(name, value);
        }

        @Override
        public void tell(String kind, String subject, String detail) {
            told.add(kind);
        }

        @Override
        public void forked(NodeId tracker, String why) {
            forked.add(tracker);
        }
    }

    /** So many people open accounts, one every so often. */
    void order(int entries, Duration apart) {
        for (int i = 0; i < entries; i++) {
            now = now.plus(apart);
            String name = "person-" + log.size();
            KeyPair person = KeyPair.ofSeed(Digest.of(Bytes.utf8(name)).bytes().array());
            SignedEntry entry =
                    SignedEntry.sign(
                            person,
                            GENESIS.network(),
                            1,
                            now.plusSeconds(60),
                            new Entry.OpenAccount(name));
            log.add(new Logged(now, entry.encoded()));
        }
    }

    int size() {
        return log.size();
    }

    void catchUp() {
        seats.forEach(seat -> seat.catchUp(log.size()));
    }

    /** Time passes, everybody ticks, and all that is said arrives. */
    void pass(int seconds) {
        for (int i = 0; i < 2 * seconds; i++) {
            now = now.plusMillis(500);
            seats.forEach(seat -> seat.log.tick());
            deliver();
        }
    }

    void deliver() {
        while (!mail.isEmpty()) {
            mail.poll().run();
        }
    }
}
