package orb.host.build;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/**
 * A tar file in exactly one form: the ustar headers of POSIX.1-1988, plain files alone, sorted by
 * name, mode 0644, no owner, time 0, two zero blocks at the end and nothing after them. The reader
 * takes that form and no other, so a set of files is one sequence of bytes.
 */
final class Tar {
    private static final int BLOCK = 512;
    private static final int NAME_MAX = 100;
    private static final int CHECKSUM_AT = 148;

    private Tar() {}

    /** The tar of these files; names are ASCII of at most 100 characters. */
    static Bytes write(NavigableMap<String, Bytes> files) {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        for (Map.Entry<String, Bytes> file : files.entrySet()) {
            tar.writeBytes(header(file.getKey(), file.getValue().length()));
            tar.writeBytes(file.getValue().array());
            tar.writeBytes(new byte[padding(file.getValue().length())]);
        }
        tar.writeBytes(new byte[2 * BLOCK]);
        return Bytes.wrap(tar.toByteArray());
    }

    /**
     * The files of a tar.
     *
     * @throws RefusedException with PACKAGE_DAMAGED for any other form, more than {@code filesMax}
     *     files or a file beyond the end
     */
    static NavigableMap<String, Bytes> read(Bytes tar, int filesMax) {
        NavigableMap<String, Bytes> files = new TreeMap<>();
        byte[] array = tar.array();
        int at = 0;
        String last = "";
        while (at + BLOCK <= array.length && array[at] != 0) {
            String name = name(array, at);
            int size = size(array, at);
            if (!Arrays.equals(header(name, size), 0, BLOCK, array, at, at + BLOCK)) {
                throw damaged("the tar header of \"" + printable(name) + "\" at byte " + at);
            }
            if (name.compareTo(last) <= 0 || files.size() >= filesMax) {
                throw damaged("\"" + printable(name) + "\" is out of order or one file too many");
            }
            at += BLOCK;
            if (size > array.length - at - padding(size)) {
                throw damaged("\"" + printable(name) + "\" is cut off");
            }
            files.put(name, Bytes.wrap(Arrays.copyOfRange(array, at, at + size)));
            requireZeros(array, at + size, padding(size), name);
            at += size + padding(size);
            last = name;
        }
        if (array.length - at != 2 * BLOCK) {
            throw damaged("the end of the tar at byte " + at);
        }
        requireZeros(array, at, 2 * BLOCK, "the end");
        return files;
    }

    private static byte[] header(String name, int size) {
        byte[] header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, "0000644\0");
        put(header, 108, "0000000\0");
        put(header, 116, "0000000\0");
        put(header, 124, String.format("%011o\0", size));
        put(header, 136, "00000000000\0");
        put(header, CHECKSUM_AT, "        ");
        put(header, 156, "0");
        put(header, 257, "ustar\00000");
        put(header, 329, "0000000\0");
        put(header, 337, "0000000\0");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, CHECKSUM_AT, String.format("%06o\0 ", sum));
        return header;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, header, at, ascii.length);
    }

    private static String name(byte[] array, int at) {
        int length = 0;
        while (length < NAME_MAX && array[at + length] != 0) {
            if (array[at + length] <= ' ') {
                throw damaged("a file name at byte " + at);
            }
            length++;
        }
        return new String(array, at, length, StandardCharsets.US_ASCII);
    }

    private static int size(byte[] array, int at) {
        long size = 0;
        for (int i = at + 124; i < at + 135; i++) {
            if (array[i] < '0' || array[i] > '7') {
                throw damaged("a file size at byte " + at);
            }
            size = size << 3 | array[i] - '0';
        }
        if (size > Integer.MAX_VALUE - BLOCK) {
            throw damaged("a file size at byte " + at);
        }
        return (int) size;
    }

    private static void requireZeros(byte[] array, int from, int count, String where) {
        for (int i = from; i < from + count; i++) {
            if (array[i] != 0) {
                throw damaged("the padding after " + printable(where) + " at byte " + i);
            }
        }
    }

    private static int padding(int size) {
        return -size & (BLOCK - 1);
    }

    private static String printable(String name) {
        return name.replaceAll("[^!-~]", "?");
    }

    static RefusedException damaged(String what) {
        return new RefusedException(ErrorCode.PACKAGE_DAMAGED, "the package is damaged: " + what);
    }
}
