package orb.node.admission;

import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.message.FunctionFacts;
import orb.kernel.port.ModuleFacts;

/** A function that this node serves, or is about to; changed by the node's seeds alone. */
public final class Seed {
    private FunctionFacts facts;
    private Optional<ModuleFacts> module = Optional.empty();

    public Seed(FunctionFacts facts) {
        this.facts = facts;
    }

    /** What the registry says of the version that is served, or wanted if none is served. */
    public FunctionFacts facts() {
        return facts;
    }

    /** What admission found; empty until the executable is here, verified and prepared. */
    public Optional<ModuleFacts> module() {
        return module;
    }

    public boolean isServing() {
        return module.isPresent();
    }

    /** Version of the schedule that counts its fuel; 0 before it is admitted. */
    public int gasSchedule() {
        return module.map(ModuleFacts::gasSchedule).orElse(0);
    }

    public void serves(FunctionFacts version, ModuleFacts admitted) {
        facts = version;
        module = Optional.of(admitted);
    }

    public void stops() {
        module = Optional.empty();
    }

    /** The row of {@code Table.SEEDS}. */
    public static Bytes encode(FunctionFacts facts) {
        return Cbor.encode(Value.array(facts.toValue()));
    }

    public static FunctionFacts decode(Bytes row) {
        Fields f = Fields.of(Cbor.decodeOrThrow(row, DecodeLimits.ENTRY), "Seed");
        FunctionFacts facts = FunctionFacts.from(f.value());
        f.end();
        return facts;
    }
}
