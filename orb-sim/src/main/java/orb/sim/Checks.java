package orb.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Digest;
import orb.kernel.Lane;
import orb.kernel.Receipt;
import orb.kernel.Result;
import orb.kernel.message.Calling;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.ledger.Ledger;
import orb.ledger.Registered;

/**
 * Watches a run and says what must never be: credits made or lost, an acknowledged entry gone, a
 * call charged twice or beyond its receipt, a command without an answer.
 */
public final class Checks {
    private final SimSwarm swarm;
    private final NavigableMap<Long, Digest> acknowledged = new TreeMap<>();
    private final NavigableMap<Lane, NavigableMap<Long, Receipt>> receipts = new TreeMap<>();

    /** Starts to watch a swarm that has not started. */
    public Checks(SimSwarm swarm) {
        this.swarm = swarm;
        swarm.network().watch(this::answered);
    }

    private void answered(SimPeer asker, SimPeer answerer, Message question, Message answer) {
        if (question instanceof Registry.Submit(var entry)
                && answer instanceof Registry.Submitted(var index)) {
            acknowledged.put(index, Digest.of(entry));
        }
        if (question instanceof Registry.Deploy deploy
                && answer instanceof Registry.Deployed deployed) {
            acknowledged.put(deployed.index(), Digest.of(deploy.entry()));
        }
        if (answer instanceof Calling.Invoked invoked
                && answerer != swarm.trackerPeer()
                && Receipt.decode(invoked.receipt()) instanceof Result.Ok<Receipt>(var receipt)) {
            receipts.computeIfAbsent(receipt.lane(), lane -> new TreeMap<>())
                    .putIfAbsent(receipt.sequence(), receipt);
        }
    }

    /** Everything that went wrong; empty is the only good answer. */
    public List<String> violations() {
        List<String> found = new ArrayList<>();
        List<SimDisk.LoggedEntry> log = swarm.trackerPeer().disk.log();
        acknowledged.forEach(
                (index, entry) -> {
                    boolean there =
                            index < log.size()
                                    && Digest.of(log.get(index.intValue()).entry()).equals(entry);
                    if (!there) {
                        found.add("acknowledged entry " + index + " " + entry + " is gone");
                    }
                });
        Ledger replayed = replayed(log, found);
        charged(replayed, found);
        for (Person person : swarm.people()) {
            person.unanswered()
                    .forEach(what -> found.add(person.name() + " got no answer to " + what));
        }
        return found;
    }

    /** A second ledger from the log alone; its own checks run after each entry. */
    private Ledger replayed(List<SimDisk.LoggedEntry> log, List<String> found) {
        Ledger ledger = new Ledger(swarm.genesis());
        long index = 0;
        for (SimDisk.LoggedEntry logged : log) {
            ledger.apply(index++, logged.at(), logged.entry());
            try {
                ledger.check();
            } catch (RuntimeException e) {
                found.add("after entry " + (index - 1) + ": " + e.getMessage());
                return ledger;
            }
        }
        return ledger;
    }

    /** Each settled lane pays the receipts up to its mark, each call once over all lanes. */
    private void charged(Ledger ledger, List<String> found) {
        NavigableMap<Digest, Lane> paid = new TreeMap<>();
        receipts.forEach(
                (lane, chain) -> {
                    Optional<Registered.Payout> payout = ledger.payout(lane);
                    if (payout.isEmpty()) {
                        return;
                    }
                    long calls = payout.get().calls();
                    Receipt last = chain.get(calls);
                    if (last != null && !last.amount().equals(payout.get().paid())) {
                        found.add(
                                "lane " + lane + " was paid " + payout.get().paid()
                                        + " where receipt " + calls + " says " + last.amount());
                    }
                    for (Receipt receipt : chain.headMap(calls, true).values()) {
                        Lane before = paid.put(receipt.call(), lane);
                        if (before != null && !receipt.price().isZero()) {
                            found.add("call " + receipt.call() + " was charged twice");
                        }
                    }
                });
    }

    /** Calls that completed, for knowing that a run did something. */
    public long completed() {
        return swarm.people().stream().mapToLong(Person::completed).sum();
    }

    /** Answers that are not what the function gives. */
    public List<String> wrongAnswers() {
        List<String> wrong = new ArrayList<>();
        for (Person person : swarm.people()) {
            person.wrong().forEach(w -> wrong.add(person.name() + " got " + w.answer()));
        }
        return wrong;
    }
}
