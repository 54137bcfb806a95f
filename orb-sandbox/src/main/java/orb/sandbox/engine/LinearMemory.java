package orb.sandbox.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import run.endive.runtime.Memory;
import run.endive.runtime.WasmInterruptedException;

/**
 * What compiled code reads and writes: linear memory in one array of exactly its size, so that the
 * JVM's own bounds check is the guest's, and the globals beside it.
 *
 * <p>Two to three times as fast as the engine's paged memory. An access outside throws {@link
 * IndexOutOfBoundsException} as it is: a handler in each accessor would be inlined thousands of
 * times into a large body, and the JVM would give up compiling that body. Belongs to one instance
 * and its thread.
 */
@SuppressWarnings("removal") // the interface still demands its old methods for threads
public abstract class LinearMemory implements Memory {
    static final VarHandle SHORT = view(short[].class);
    static final VarHandle INT = view(int[].class);
    static final VarHandle LONG = view(long[].class);
    static final VarHandle FLOAT = view(float[].class);
    static final VarHandle DOUBLE = view(double[].class);

    final long[] globals;
    private final int initialPages;
    private final int pagesMax;
    byte[] bytes;
    private boolean refusedGrowth;

    /**
     * @param start what the memory starts with; zeros follow
     * @param room what it lies in, of the size that it starts with; every byte is written here
     * @param pagesMax its size at most
     * @param globals how many there are
     */
    protected LinearMemory(StartingContent start, byte[] room, int pagesMax, int globals) {
        this.initialPages = room.length >>> 16;
        this.pagesMax = pagesMax;
        this.globals = new long[globals];
        this.bytes = room;
        start.layOut(room);
    }

    private static VarHandle view(Class<?> array) {
        return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN)
                .withInvokeExactBehavior();
    }

    /** Whether the guest asked for more than it may have. */
    public boolean refusedGrowth() {
        return refusedGrowth;
    }

    /** The content up to its last byte that is not zero. */
    public byte[] image() {
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == 0) {
            length--;
        }
        return Arrays.copyOf(bytes, length);
    }

    /** Copies bytes out of the memory into an array. */
    public void copyOut(int address, byte[] target, int at, int length) {
        System.arraycopy(bytes, address, target, at, length);
    }

    @Override
    public int pages() {
        return bytes.length >>> 16;
    }

    /**
     * {@inheritDoc}
     *
     * @param more pages; the meter asks for none, once in each slice of fuel, to be stopped here
     *     when the invocation's time is up
     */
    @Override
    public int grow(int more) {
        int before = pages();
        if (more == 0 && Thread.currentThread().isInterrupted()) {
            throw new WasmInterruptedException("the time is up");
        }
        if (more < 0 || more > pagesMax - before) {
            refusedGrowth = true;
            return -1;
        }
        if (more > 0) {
            bytes = Arrays.copyOf(bytes, (before + more) << 16);
        }
        return before;
    }

    @Override
    public int initialPages() {
        return initialPages;
    }

    @Override
    public int maximumPages() {
        return pagesMax;
    }

    @Override
    public boolean shared() {
        return false;
    }

    @Override
    public Object lock(int address) {
        throw new UnsupportedOperationException("admission refuses threads");
    }

    @Override
    public int waitOn(int address, int expected, long timeout) {
        throw new UnsupportedOperationException("admission refuses threads");
    }

    @Override
    public int waitOn(int address, long expected, long timeout) {
        throw new UnsupportedOperationException("admission refuses threads");
    }

    @Override
    public int notify(int address, int waiters) {
        throw new UnsupportedOperationException("admission refuses threads");
    }

    /** Nothing to do: the constructor laid the image out. */
    @Override
    public void zero() {
        Objects.requireNonNull(bytes);
    }

    @Override
    public void write(int address, byte[] data, int from, int length) {
        System.arraycopy(data, from, bytes, address, length);
    }

    @Override
    public byte[] readBytes(int address, int length) {
        Objects.checkFromIndexSize(address, length, bytes.length);
        return Arrays.copyOfRange(bytes, address, address + length);
    }

    @Override
    public void fill(byte value, int from, int to) {
        Objects.checkFromToIndex(from, to, bytes.length);
        Arrays.fill(bytes, from, to, value);
    }

    @Override
    public void copy(int to, int from, int length) {
        System.arraycopy(bytes, from, bytes, to, length);
    }

    @Override
    public byte read(int address) {
        return bytes[address];
    }

    @Override
    public void writeByte(int address, byte value) {
        bytes[address] = value;
    }

    @Override
    public short readShort(int address) {
        return (short) SHORT.get(bytes, address);
    }

    @Override
    public long readU16(int address) {
        return readShort(address) & 0xffff;
    }

    @Override
    public void writeShort(int address, short value) {
        SHORT.set(bytes, address, value);
    }

    @Override
    public int readInt(int address) {
        return (int) INT.get(bytes, address);
    }

    @Override
    public void writeI32(int address, int value) {
        INT.set(bytes, address, value);
    }

    @Override
    public long readLong(int address) {
        return (long) LONG.get(bytes, address);
    }

    @Override
    public void writeLong(int address, long value) {
        LONG.set(bytes, address, value);
    }

    @Override
    public long readF32(int address) {
        return readInt(address);
    }

    @Override
    public float readFloat(int address) {
        return (float) FLOAT.get(bytes, address);
    }

    @Override
    public void writeF32(int address, float value) {
        FLOAT.set(bytes, address, value);
    }

    @Override
    public long readF64(int address) {
        return readLong(address);
    }

    @Override
    public double readDouble(int address) {
        return (double) DOUBLE.get(bytes, address);
    }

    @Override
    public void writeF64(int address, double value) {
        DOUBLE.set(bytes, address, value);
    }
}
