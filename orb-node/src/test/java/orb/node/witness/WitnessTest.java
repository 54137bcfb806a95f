package orb.node.witness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import orb.ledger.MerkleTree;
import orb.ledger.proof.Checkpoint;
import orb.ledger.proof.FraudProof;
import orb.ledger.proof.LogRoster;
import orb.ledger.proof.TileTree;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A node that is shown one history stays quiet, and one that is shown two notices it. */
final class WitnessTest implements Means {
    private static final Digest NETWORK = Digest.of(Bytes.utf8("network"));

    private final Map<NodeId, Teller> tellers = new LinkedHashMap<>();
    private final NavigableMap<Bytes, Bytes> disk = new TreeMap<>();
    private final List<NodeId> forked = new ArrayList<>();
    private final List<Witnessing.Fraud> shown = new ArrayList<>();
    private Witness witness = new Witness(this, NETWORK);

    /** A tracker that says of its log what it likes. */
    private static final class Teller {
        private final KeyPair key;
        private TileTree tree = new TileTree();
        private Digest state = Digest.ZERO;

        Teller(String name) {
            key = KeyPair.ofSeed(Digest.of(Bytes.utf8(name)).bytes().array());
        }

        Teller grow(int size, String what) {
            for (long i = tree.size(); i < size; i++) {
                tree.append(MerkleTree.leafHash(Bytes.utf8(what + i)));
            }
            return this;
        }

        Bytes note() {
            Checkpoint now =
                    new Checkpoint(NETWORK, tree.size(), tree.head(tree.size()).root(), state);
            return new LogRoster(NETWORK, List.of(key.publicKey())).sign(key, now, 1).encoded();
        }
    }

    private Teller teller(String name) {
        Teller teller = new Teller(name);
        tellers.put(NodeId.of(teller.key.publicKey()), teller);
        return teller;
    }

    private void round() {
        for (int i = 0; i < 5; i++) {
            witness.beat();
        }
    }

    @Override
    public List<NodeId> trackers() {
        return List.copyOf(tellers.keySet());
    }

    @Override
    public Optional<PublicKey> keyOf(NodeId peer) {
        return Optional.ofNullable(tellers.get(peer)).map(teller -> teller.key.publicKey());
    }

    @Override
    public List<PublicKey> trackerKeys() {
        return tellers.values().stream().map(teller -> teller.key.publicKey()).toList();
    }

    @Override
    public void ask(NodeId tracker, Witnessing question, Consumer<Message> then) {
        if (question instanceof Witnessing.Fraud fraud) {
            shown.add(fraud);
            return;
        }
        long older = ((Witnessing.FindCheckpoint) question).older();
        TileTree tree = tellers.get(tracker).tree;
        then.accept(
                new Witnessing.Checkpoint(
                        tellers.get(tracker).note(),
                        older > 0 && older <= tree.size()
                                ? tree.at(tree.size()).consistency(older)
                                : List.of()));
    }

    @Override
    public void save(Bytes key, Bytes value) {
        disk.put(key, value);
    }

    @Override
    public void tell(String kind, String subject, String detail) {}

    @Override
    public void forked(NodeId tracker, String why) {
        forked.add(tracker);
    }

    @Test
    @Tag("E10")
    void trackersThatGrowOneLogAreBelievedWhoeverIsAhead() {
        Teller one = teller("one").grow(10, "e");
        Teller other = teller("other").grow(7, "e");
        round();
        other.grow(400, "e");
        round();
        one.grow(300, "e");
        round();
        assertThat(forked).isEmpty();
        assertThat(witness.newest().orElseThrow().size()).isEqualTo(400);
    }

    @Test
    @Tag("E10")
    void aTrackerWhoseLogDoesNotGoOnFromWhatWasSeenIsNoticedAlsoAfterARestart() {
        Teller one = teller("one").grow(10, "e");
        round();
        witness = new Witness(this, NETWORK);
        witness.start(disk);
        assertThat(witness.newest().orElseThrow().size()).isEqualTo(10);
        one.tree = new TileTree();
        one.grow(12, "another");
        round();
        assertThat(forked).containsExactly(NodeId.of(one.key.publicKey()));
        assertThat(witness.newest().orElseThrow().size()).as("the fork is not kept").isEqualTo(10);
        round();
        assertThat(forked).as("noted once").hasSize(1);
    }

    @Test
    void aShorterLogIsHeldToTheLongerOneThatAnotherShowed() {
        teller("long").grow(20, "e");
        round();
        Teller forker = teller("short").grow(9, "another");
        round();
        assertThat(forked).containsExactly(NodeId.of(forker.key.publicKey()));
    }

    @Test
    @Tag("E10")
    void twoCheckpointsOfOneSizeAreShownToAllTrackersAsAProof() {
        Teller liar = teller("liar").grow(10, "e");
        teller("honest").grow(10, "e");
        round();
        liar.state = Digest.of(Bytes.utf8("a credit that nobody gave"));
        round();
        assertThat(forked).containsExactly(NodeId.of(liar.key.publicKey()));
        assertThat(shown)
                .hasSize(2)
                .allSatisfy(fraud ->
                        assertThat(
                                        new FraudProof(fraud.first(), fraud.second())
                                                .verify(new LogRoster(NETWORK, trackerKeys()))
                                                .orThrow())
                                .isEqualTo(liar.key.publicKey()));

        Witness elsewhere = new Witness(this, NETWORK);
        assertThat(elsewhere.accused(shown.getFirst())).isEqualTo(new Message.Done());
        assertThat(forked).hasSize(2);
        Witnessing.Fraud nothing =
                new Witnessing.Fraud(shown.getFirst().first(), shown.getFirst().first());
        assertThat(elsewhere.accused(nothing)).isInstanceOf(Message.Refused.class);
    }

    @Test
    void whatAnotherKeySignedIsNotTaken() {
        Teller one = teller("one").grow(10, "e");
        Teller stranger = new Teller("stranger");
        tellers.put(NodeId.of(one.key.publicKey()), one);
        Map<NodeId, Teller> honest = new LinkedHashMap<>(tellers);
        stranger.grow(50, "x");
        NodeId id = honest.keySet().iterator().next();
        Witness fresh =
                new Witness(
                        new Means() {
                            @Override
                            public List<NodeId> trackers() {
                                return List.of(id);
                            }

                            @Override
                            public Optional<PublicKey> keyOf(NodeId peer) {
                                return Optional.of(one.key.publicKey());
                            }

                            @Override
                            public List<PublicKey> trackerKeys() {
                                return List.of(one.key.publicKey());
                            }

                            @Override
                            public void ask(NodeId peer, Witnessing what, Consumer<Message> then) {
                                then.accept(new Witnessing.Checkpoint(stranger.note(), List.of()));
                                then.accept(new Message.Done());
                            }

                            @Override
                            public void save(Bytes key, Bytes value) {
                                throw new AssertionError("kept what nobody signed");
                            }

                            @Override
                            public void tell(String kind, String subject, String detail) {}

                            @Override
                            public void forked(NodeId tracker, String why) {
                                throw new AssertionError("accused by a stranger's words");
                            }
                        },
                        NETWORK);
        fresh.beat();
        assertThat(fresh.newest()).isEmpty();
    }
}
