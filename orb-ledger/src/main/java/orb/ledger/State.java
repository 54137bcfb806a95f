package orb.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.Digest;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.Lane;
import orb.kernel.NodeId;
import orb.kernel.codec.Value;

/**
 * All tables of the ledger; the changes of one entry are committed together or not at all.
 *
 * <p>Every table is part of the root, the indexes by name too, so that a name can be proven. Not
 * thread-safe.
 */
final class State {
    private static final String ONLY = "only";

    final StateTable<AccountId, Account> accounts =
            new StateTable<>("account", id -> id.digest().bytes().array(), Account::toValue);
    final StateTable<AccountId, Registered.Owner> owners =
            new StateTable<>("owner", id -> id.digest().bytes().array(), Registered.Owner::toValue);
    final StateTable<String, AccountId> names =
            new StateTable<>("name", State::utf8, State::idValue);
    final StateTable<NodeId, Registered.Node> nodes =
            new StateTable<>("node", id -> id.digest().bytes().array(), Registered.Node::toValue);
    final StateTable<FunctionId, Registered.Function> functions =
            new StateTable<>(
                    "function", id -> id.digest().bytes().array(), Registered.Function::toValue);
    final StateTable<FunctionName, FunctionId> functionNames =
            new StateTable<>(
                    "function-name",
                    name -> utf8(name.toString()),
                    id -> Value.of(id.digest().bytes()));
    final StateTable<Digest, Registered.Channel> channels =
            new StateTable<>("channel", id -> id.bytes().array(), Registered.Channel::toValue);
    final StateTable<Lane, Registered.Payout> payouts =
            new StateTable<>("payout", Registered::laneBytes, Registered.Payout::toValue);
    final StateTable<Long, Transfer> pending =
            new StateTable<>("pending", State::longBytes, State::pendingValue);
    private final StateTable<String, Registered.Counters> counters =
            new StateTable<>("counters", State::utf8, Registered.Counters::toValue);

    private final List<StateTable<?, ?>> all =
            List.of(
                    accounts,
                    owners,
                    names,
                    nodes,
                    functions,
                    functionNames,
                    channels,
                    payouts,
                    pending,
                    counters);
    private final StateTree tree = new StateTree();

    Account account(AccountId id) {
        return accounts.get(id).orElseGet(() -> Account.empty(id));
    }

    Registered.Counters counters() {
        return counters.get(ONLY).orElse(Registered.Counters.ZERO);
    }

    void counters(Registered.Counters now) {
        counters.put(ONLY, now);
    }

    Optional<Registered.Function> function(FunctionName name) {
        return functionNames.get(name).flatMap(functions::get);
    }

    void commit() {
        all.forEach(StateTable::commit);
    }

    void rollback() {
        all.forEach(StateTable::rollback);
    }

    /** The root over all records as they were after the last commit. */
    Digest root() {
        all.forEach(table -> table.hashInto(tree));
        return tree.root();
    }

    private static Value idValue(AccountId id) {
        return Value.of(id.digest().bytes());
    }

    private static Value pendingValue(Transfer transfer) {
        return Value.array(
                idValue(transfer.debit()),
                idValue(transfer.credit()),
                Value.of(transfer.amount().micro()));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] longBytes(Long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }
}
