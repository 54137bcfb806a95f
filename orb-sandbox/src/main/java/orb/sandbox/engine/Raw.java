package orb.sandbox.engine;

import java.lang.reflect.Field;
import java.util.Objects;
import sun.misc.Unsafe;

/**
 * Numbers in arrays of bytes, at any address, little endian as the processor has them.
 *
 * <p>A {@link java.lang.invoke.VarHandle} does the same by the same instructions, but the JVM takes
 * in ten methods for each access before it sees that, and in a body with a hundred accesses it
 * gives up half way: such bodies ran at half to a quarter of this speed. Every access is checked
 * against the array's length here, in one place, before it is made.
 *
 * <p>Each method throws {@link IndexOutOfBoundsException} for a number that is not wholly within
 * its array.
 */
@SuppressWarnings("removal") // until the JVM takes VarHandles in as cheaply
final class Raw {
    private static final Unsafe UNSAFE = unsafe();
    private static final long BASE = Unsafe.ARRAY_BYTE_BASE_OFFSET;

    private Raw() {}

    private static Unsafe unsafe() {
        try {
            Field field = Unsafe.class.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            return (Unsafe) field.get(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM is not one that Orb runs on", e);
        }
    }

    /** Where in the array a number of so many bytes is; it lies within. */
    private static long at(byte[] bytes, int address, int width) {
        return BASE + Objects.checkIndex(address, bytes.length - width + 1);
    }

    static short readShort(byte[] bytes, int address) {
        return UNSAFE.getShort(bytes, at(bytes, address, Short.BYTES));
    }

    static void writeShort(byte[] bytes, int address, short value) {
        UNSAFE.putShort(bytes, at(bytes, address, Short.BYTES), value);
    }

    static int readInt(byte[] bytes, int address) {
        return UNSAFE.getInt(bytes, at(bytes, address, Integer.BYTES));
    }

    static void writeInt(byte[] bytes, int address, int value) {
        UNSAFE.putInt(bytes, at(bytes, address, Integer.BYTES), value);
    }

    static long readLong(byte[] bytes, int address) {
        return UNSAFE.getLong(bytes, at(bytes, address, Long.BYTES));
    }

    static void writeLong(byte[] bytes, int address, long value) {
        UNSAFE.putLong(bytes, at(bytes, address, Long.BYTES), value);
    }

    static float readFloat(byte[] bytes, int address) {
        return UNSAFE.getFloat(bytes, at(bytes, address, Float.BYTES));
    }

    static void writeFloat(byte[] bytes, int address, float value) {
        UNSAFE.putFloat(bytes, at(bytes, address, Float.BYTES), value);
    }

    static double readDouble(byte[] bytes, int address) {
        return UNSAFE.getDouble(bytes, at(bytes, address, Double.BYTES));
    }

    static void writeDouble(byte[] bytes, int address, double value) {
        UNSAFE.putDouble(bytes, at(bytes, address, Double.BYTES), value);
    }
}
