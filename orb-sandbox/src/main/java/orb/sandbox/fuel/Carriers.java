package orb.sandbox.fuel;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The globals by which pieces hand values back to the body that they were taken from.
 *
 * <p>What is in them means nothing but between a piece's end and the instructions behind its call.
 */
final class Carriers {
    private static final int RESULT = -1;

    private final int first;
    private final Map<Carrier, Integer> carriers = new LinkedHashMap<>();

    private record Carrier(int type, int number) {}

    /**
     * @param first index of the first global that is free
     */
    Carriers(int first) {
        this.first = first;
    }

    int count() {
        return carriers.size();
    }

    /** The global for the result of the whole function. */
    int result(int type) {
        return carrier(type, RESULT);
    }

    /** The global for so manieth value of a type. */
    int carrier(int type, int number) {
        return carriers.computeIfAbsent(new Carrier(type, number), made -> first + carriers.size());
    }

    /** Entries of the global section: mutable, zero. */
    WasmSink entries() {
        WasmSink out = new WasmSink(16);
        for (Carrier carrier : carriers.keySet()) {
            out.one(carrier.type).one(1);
            switch (carrier.type) {
                case Layout.I32 -> out.one(0x41).one(0);
                case Layout.I64 -> out.one(0x42).one(0);
                case Layout.F32 -> out.one(0x43).raw(new byte[4]);
                default -> out.one(0x44).raw(new byte[8]);
            }
            out.one(CodeScan.END);
        }
        return out;
    }
}
