package orb.sandbox.engine;

import run.endive.runtime.Memory;

/**
 * What compiled code calls to reach its memory and globals: {@link Rewiring} puts these methods in
 * the place of those that the engine's compiler adds to each module, by their names.
 *
 * <p>They are inlined thousands of times into one method, so each is a load or a store and a bounds
 * check, without a choice between kinds of memory. A trap is the JVM's own exception.
 */
public final class Accessors {
    private Accessors() {}

    /**
     * The address of an access. A base from 2^31 on is no place in any memory, and adding to it
     * could wrap around; offsets are below 2^31, see the meter. An offset is a constant where this
     * is inlined.
     */
    private static int address(int base, int offset) {
        return offset == 0 || base < 0 ? base : base + offset;
    }

    private static byte[] bytes(Memory memory) {
        return ((LinearMemory) memory).bytes;
    }

    public static byte memoryReadByte(int base, int offset, Memory memory) {
        return bytes(memory)[address(base, offset)];
    }

    public static short memoryReadShort(int base, int offset, Memory memory) {
        return Raw.readShort(bytes(memory), address(base, offset));
    }

    public static int memoryReadInt(int base, int offset, Memory memory) {
        return Raw.readInt(bytes(memory), address(base, offset));
    }

    public static long memoryReadLong(int base, int offset, Memory memory) {
        return Raw.readLong(bytes(memory), address(base, offset));
    }

    public static float memoryReadFloat(int base, int offset, Memory memory) {
        return Raw.readFloat(bytes(memory), address(base, offset));
    }

    public static double memoryReadDouble(int base, int offset, Memory memory) {
        return Raw.readDouble(bytes(memory), address(base, offset));
    }

    public static void memoryWriteByte(int base, byte value, int offset, Memory memory) {
        bytes(memory)[address(base, offset)] = value;
    }

    public static void memoryWriteShort(int base, short value, int offset, Memory memory) {
        Raw.writeShort(bytes(memory), address(base, offset), value);
    }

    public static void memoryWriteInt(int base, int value, int offset, Memory memory) {
        Raw.writeInt(bytes(memory), address(base, offset), value);
    }

    public static void memoryWriteLong(int base, long value, int offset, Memory memory) {
        Raw.writeLong(bytes(memory), address(base, offset), value);
    }

    public static void memoryWriteFloat(int base, float value, int offset, Memory memory) {
        Raw.writeFloat(bytes(memory), address(base, offset), value);
    }

    public static void memoryWriteDouble(int base, double value, int offset, Memory memory) {
        Raw.writeDouble(bytes(memory), address(base, offset), value);
    }

    public static long readGlobal(int index, Memory memory) {
        return ((LinearMemory) memory).globals[index];
    }

    public static void writeGlobal(long value, int index, Memory memory) {
        ((LinearMemory) memory).globals[index] = value;
    }
}
