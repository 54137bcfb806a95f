package orb.sandbox;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import run.endive.runtime.Instance;
import run.endive.runtime.TableInstance;
import run.endive.runtime.TrapException;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.types.Table;
import run.endive.wasm.types.TableLimits;
import run.endive.wasm.types.Value;

/**
 * A table that starts as a view of the module's image and is copied when it is first written.
 *
 * <p>The engine's own table would note its growth in the module, where the next instance finds it:
 * a state that leaks from one caller to the next. This one keeps its limits to itself. Only
 * functions of the same instance, and null, can stand in it, because nothing else is ever offered
 * to a guest. Belongs to one instance and its thread.
 */
final class FlatTable extends TableInstance {
    private final int max;
    private int[] entries;
    private boolean isShared = true;

    /**
     * @param table the type, for the engine's questions
     * @param image function index or null for each element; not written
     */
    FlatTable(Table table, int[] image, int max) {
        super(
                new Table(table.elementType(), new TableLimits(0, max), table.initialize()),
                Value.REF_NULL_VALUE);
        this.max = max;
        this.entries = image;
    }

    /** A copy of what stands in it now. */
    int[] content() {
        return entries.clone();
    }

    @Override
    public int size() {
        return entries.length;
    }

    @Override
    public int grow(int more, int value, Instance instance) {
        int before = entries.length;
        if (more < 0 || more > max - before) {
            return -1;
        }
        entries = Arrays.copyOf(entries, before + more);
        isShared = false;
        Arrays.fill(entries, before, before + more, value);
        return before;
    }

    @Override
    public int growWithRef(int more, @Nullable Object value, Instance instance) {
        return grow(more, Value.REF_NULL_VALUE, instance);
    }

    @Override
    public int ref(int index) {
        if (index < 0 || index >= entries.length) {
            throw new WasmEngineException("undefined element");
        }
        return entries[index];
    }

    @Override
    public int requiredRef(int index) {
        int ref = ref(index);
        if (ref == Value.REF_NULL_VALUE) {
            throw new WasmEngineException("uninitialized element " + index);
        }
        return ref;
    }

    @Override
    @SuppressWarnings("NullAway") // the engine's word for a null reference is null
    public @Nullable Object objRef(int index) {
        if (index < 0 || index >= entries.length) {
            throw new TrapException("out of bounds table access");
        }
        return null;
    }

    @Override
    public void setRef(int index, int value, @Nullable Instance instance) {
        if (index < 0 || index >= entries.length) {
            throw new TrapException("out of bounds table access");
        }
        if (isShared) {
            entries = entries.clone();
            isShared = false;
        }
        entries[index] = value;
    }

    @Override
    public void setObjRef(int index, @Nullable Object ref, @Nullable Instance instance) {
        setRef(index, Value.REF_NULL_VALUE, instance);
    }

    /** Null stands for the instance that asks. */
    @Override
    @SuppressWarnings("NullAway")
    public @Nullable Instance instance(int index) {
        return null;
    }

    @Override
    public void reset() {
        entries = new int[entries.length];
        isShared = false;
        Arrays.fill(entries, Value.REF_NULL_VALUE);
    }
}
