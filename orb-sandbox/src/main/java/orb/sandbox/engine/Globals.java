package orb.sandbox.engine;

import run.endive.runtime.GlobalFactory;
import run.endive.runtime.GlobalInstance;
import run.endive.wasm.types.MutabilityType;
import run.endive.wasm.types.ValType;
import run.endive.wasm.types.Value;

/**
 * Makes the globals of one instance, whose values lie beside its memory: compiled code finds them
 * there, and everything else by these objects. They are asked for in the order of their indices.
 */
public final class Globals implements GlobalFactory {
    private final long[] values;
    private int next;

    /**
     * @param memory of the instance
     */
    public Globals(LinearMemory memory) {
        this.values = memory.globals;
    }

    @Override
    public GlobalInstance create(long low, long high, ValType type, MutabilityType mutability) {
        return new Slot(values, next++, low, type, mutability);
    }

    private static final class Slot extends GlobalInstance {
        private final long[] values;
        private final int index;

        @SuppressWarnings("deprecation") // its builder makes none but its own class
        Slot(long[] values, int index, long value, ValType type, MutabilityType mutability) {
            super(value, 0, type, mutability);
            this.values = values;
            this.index = index;
            values[index] = value;
        }

        @Override
        public long getValue() {
            return values[index];
        }

        @Override
        public long getValueLow() {
            return values[index];
        }

        @Override
        public void setValue(long value) {
            values[index] = value;
        }

        @Override
        public void setValueLow(long value) {
            values[index] = value;
        }

        @Override
        public void setValue(Value value) {
            values[index] = value.raw();
        }
    }
}
