package orb.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import orb.kernel.AccountId;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.NodeId;
import orb.kernel.Result;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.ledger.Account;
import orb.ledger.Entry;
import orb.ledger.Ledger;
import orb.ledger.Registered;
import orb.ledger.Transfer;

/**
 * Holds the trackers to their log: what one acknowledged is there and was carried out, no credit is
 * made or lost, every identity has its grant once, each has the beginning of the one log, and its
 * state is what follows from it.
 */
final class LedgerChecker implements Checker {
    private final Supplier<List<Copy>> copies;
    private final NavigableMap<Long, Digest> acknowledged = new TreeMap<>();

    /** What one tracker has of the ledger. */
    record Copy(String tracker, List<SimDisk.LoggedEntry> log, Digest stateRoot) {}

    /** Asks at the end what each tracker has. */
    LedgerChecker(Supplier<List<Copy>> copies) {
        this.copies = copies;
    }

    @Override
    public void said(Said said) {
        Message question = said.question();
        if (question instanceof Registry.Submit(var entry)
                && said.answer() instanceof Registry.Submitted(var index)) {
            acknowledged.put(index, Digest.of(entry));
        }
        if (question instanceof Registry.Deploy deploy
                && said.answer() instanceof Registry.Deployed deployed) {
            acknowledged.put(deployed.index(), Digest.of(deploy.entry()));
        }
    }

    @Override
    public List<String> violations(Replay replay) {
        List<String> found = new ArrayList<>();
        replay.fault().ifPresent(found::add);
        acknowledged.forEach((index, entry) -> kept(replay, index, entry, found));
        grants(replay, found);
        replay.channels().values().forEach(channel -> conserved(replay, channel, found));
        if (replay.fault().isEmpty()) {
            copies.get().forEach(copy -> follows(copy, replay, found));
        }
        return found;
    }

    /** What a tracker believes is what its log says, and its log is that of all. */
    private static void follows(Copy copy, Replay all, List<String> found) {
        List<Replay.Placed> entries = all.entries();
        boolean isBeginning = copy.log.size() <= entries.size();
        for (int i = 0; isBeginning && i < copy.log.size(); i++) {
            isBeginning =
                    Digest.of(copy.log.get(i).entry()).equals(entries.get(i).entry().digest());
        }
        if (!isBeginning) {
            found.add("the log of " + copy.tracker + " is not the beginning of the one log");
            return;
        }
        boolean isWhole = copy.log.size() == entries.size();
        Ledger ledger =
                isWhole ? all.ledger() : Replay.of(all.ledger().genesis(), copy.log).ledger();
        if (!copy.stateRoot.equals(ledger.stateRoot())) {
            found.add(
                    "the state root of "
                            + copy.tracker
                            + " is "
                            + copy.stateRoot
                            + ", and its log gives "
                            + ledger.stateRoot());
        }
    }

    private static void kept(Replay replay, long index, Digest entry, List<String> found) {
        List<Replay.Placed> log = replay.entries();
        if (index >= log.size() || !log.get((int) index).entry().digest().equals(entry)) {
            found.add("acknowledged entry " + index + " " + entry + " is gone");
        } else if (log.get((int) index).result()
                instanceof Result.Refused<Ledger.Applied>(var refusal)) {
            found.add("acknowledged entry " + index + " was not carried out: " + refusal);
        }
    }

    /** No node and no account brings more than one grant, and nothing else makes credits. */
    private static void grants(Replay replay, List<String> found) {
        Ledger ledger = replay.ledger();
        NavigableSet<NodeId> nodes = new TreeSet<>();
        NavigableSet<AccountId> accounts = new TreeSet<>();
        Credits granted = Credits.ZERO;
        for (Replay.Placed placed : replay.entries()) {
            if (!(placed.result() instanceof Result.Ok<Ledger.Applied>(var applied))) {
                continue;
            }
            for (Transfer transfer : applied.transfers()) {
                if (transfer.cause().rule() == Transfer.Rule.GRANT) {
                    granted = granted.plus(transfer.amount());
                    boolean isFirst = accounts.add(transfer.credit());
                    if (placed.carriedOut().orElseThrow() instanceof Entry.RegisterNode node) {
                        isFirst &= nodes.add(NodeId.of(node.binding().node()));
                    }
                    if (!isFirst || !transfer.amount().equals(ledger.genesis().grant())) {
                        found.add("entry " + applied.index() + " grants once more: " + transfer);
                    }
                }
            }
        }
        Credits issued = ledger.account(Account.ISSUER).balance();
        if (!issued.plus(granted).isZero()) {
            found.add("the issuer stands at " + issued + " and has granted " + granted);
        }
    }

    /** What was set aside is what was paid and what is left. */
    private static void conserved(Replay replay, Registered.Channel channel, List<String> found) {
        Credits paid =
                replay.payouts().entrySet().stream()
                        .filter(lane -> lane.getKey().channel().equals(channel.id()))
                        .map(lane -> lane.getValue().paid())
                        .reduce(Credits.ZERO, Credits::plus);
        Credits left = replay.ledger().escrow(channel.id());
        if (left.isNegative() || !left.plus(paid).equals(channel.locked())) {
            found.add(
                    String.format(
                            "of %s in channel %s %s were paid and %s are left",
                            channel.locked(), channel.id(), paid, left));
        }
    }
}
