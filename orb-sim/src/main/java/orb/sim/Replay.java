package orb.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import orb.kernel.Digest;
import orb.kernel.Lane;
import orb.kernel.Result;
import orb.ledger.Entry;
import orb.ledger.Genesis;
import orb.ledger.Ledger;
import orb.ledger.Registered;
import orb.ledger.SignedEntry;

/**
 * The log, applied once more by a ledger of its own: what the swarm's books say, whatever its
 * tracker believes.
 *
 * <p>After each entry the whole books are checked; the first that are wrong end the replay.
 */
final class Replay {
    private final Ledger ledger;
    private final List<Placed> entries = new ArrayList<>();
    private final NavigableSet<Lane> lanes = new TreeSet<>();
    private final NavigableMap<Digest, Registered.Channel> channels = new TreeMap<>();
    private Optional<String> fault = Optional.empty();

    /** An entry of the log, and what it did or why it did nothing. */
    record Placed(SignedEntry.Checked entry, Result<Ledger.Applied> result) {
        /** The entry, if it was carried out. */
        Optional<Entry> carriedOut() {
            return result.isOk() && entry.result() instanceof Result.Ok<SignedEntry>(var signed)
                    ? Optional.of(signed.entry())
                    : Optional.empty();
        }
    }

    private Replay(Genesis genesis) {
        ledger = new Ledger(genesis);
    }

    static Replay of(Genesis genesis, List<SimDisk.LoggedEntry> log) {
        Replay replay = new Replay(genesis);
        for (SimDisk.LoggedEntry logged : log) {
            replay.place(logged);
            if (replay.fault.isPresent()) {
                break;
            }
        }
        return replay;
    }

    private void place(SimDisk.LoggedEntry logged) {
        long index = entries.size();
        SignedEntry.Checked entry = SignedEntry.check(logged.entry());
        try {
            Placed placed = new Placed(entry, ledger.apply(index, logged.at(), entry));
            entries.add(placed);
            placed.carriedOut().ifPresent(what -> note(what, entry.digest()));
            ledger.check();
        } catch (IllegalStateException | IllegalArgumentException e) {
            fault = Optional.of("after entry " + index + ": " + e.getMessage());
        }
    }

    private void note(Entry entry, Digest digest) {
        switch (entry) {
            case Entry.Settle settle -> lanes.add(settle.voucher().voucher().lane());
            case Entry.LockEscrow _ -> note(digest);
            case Entry.TopUpEscrow topUp -> note(topUp.channel());
            case Entry.CloseEscrow(var channel) -> {
                channels.remove(channel);
                lanes.removeIf(lane -> lane.channel().equals(channel));
            }
            case Entry.OpenAccount _,
                    Entry.RegisterNode _,
                    Entry.DeployFunction _,
                    Entry.ReleaseEscrow _,
                    Entry.Send _ -> {}
        }
    }

    private void note(Digest channel) {
        ledger.channel(channel).ifPresent(open -> channels.put(channel, open));
    }

    /** What is wrong with the books, if anything. */
    Optional<String> fault() {
        return fault;
    }

    Ledger ledger() {
        return ledger;
    }

    /** All entries in their order. */
    List<Placed> entries() {
        return List.copyOf(entries);
    }

    /** Lanes of open channels that were paid, with what they were paid. */
    NavigableMap<Lane, Registered.Payout> payouts() {
        NavigableMap<Lane, Registered.Payout> paid = new TreeMap<>();
        for (Lane lane : lanes) {
            ledger.payout(lane).ifPresent(payout -> paid.put(lane, payout));
        }
        return paid;
    }

    /** Channels that were opened and not closed, as they were after their last entry. */
    Map<Digest, Registered.Channel> channels() {
        return new TreeMap<>(channels);
    }
}
