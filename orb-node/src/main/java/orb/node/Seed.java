package orb.node;

import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.FunctionName;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Fields;
import orb.kernel.codec.Value;
import orb.kernel.message.FunctionFacts;
import orb.kernel.port.ModuleFacts;

/** A function that this node serves, or is about to; changed by {@link Seeds} alone. */
final class Seed {
    private FunctionFacts facts;
    private Optional<ModuleFacts> module = Optional.empty();

    Seed(FunctionFacts facts) {
        this.facts = facts;
    }

    FunctionName name() {
        return facts.name();
    }

    /** What the registry says of the version that is served, or wanted if none is served. */
    FunctionFacts facts() {
        return facts;
    }

    /** What admission found; empty until the executable is here, verified and prepared. */
    Optional<ModuleFacts> module() {
        return module;
    }

    boolean isServing() {
        return module.isPresent();
    }

    /** Version of the schedule that counts its fuel; 0 before it is admitted. */
    int gasSchedule() {
        return module.map(ModuleFacts::gasSchedule).orElse(0);
    }

    void serves(FunctionFacts version, ModuleFacts admitted) {
        facts = version;
        module = Optional.of(admitted);
    }

    /** The row of {@code Table.SEEDS}. */
    static Bytes encode(FunctionFacts facts) {
        return Cbor.encode(Value.array(facts.toValue()));
    }

    static FunctionFacts decode(Bytes row) {
        Fields f = Fields.of(Cbor.decodeOrThrow(row, DecodeLimits.ENTRY), "Seed");
        FunctionFacts facts = FunctionFacts.from(f.value());
        f.end();
        return facts;
    }
}
