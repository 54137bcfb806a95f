package orb.host.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Archives that would harm who unpacks them. A package is never unpacked to a disk: it is read into
 * memory in one strict form, and everything else is refused with {@code ORB-0114}.
 */
@Tag("K3")
class PackageTricksTest {
    private static final int BLOCK = 512;
    private static final Bytes CONTENT = Bytes.utf8("content");

    /** A header of ustar whose checksum is right, whatever else is wrong with it. */
    private static byte[] header(String name, char type, String size, String link) {
        byte[] header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, "0000644\0");
        put(header, 108, "0000000\0");
        put(header, 116, "0000000\0");
        put(header, 124, size);
        put(header, 136, "00000000000\0");
        put(header, 148, "        ");
        put(header, 156, String.valueOf(type));
        put(header, 157, link);
        put(header, 257, "ustar\00000");
        put(header, 329, "0000000\0");
        put(header, 337, "0000000\0");
        int sum = 0;
        for (byte each : header) {
            sum += each & 0xff;
        }
        put(header, 148, String.format("%06o\0 ", sum));
        return header;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private static String octal(long size) {
        return String.format("%011o\0", size);
    }

    private static Bytes tar(List<byte[]> headers) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] header : headers) {
            out.writeBytes(header);
            out.writeBytes(Arrays.copyOf(CONTENT.array(), BLOCK));
        }
        out.writeBytes(new byte[2 * BLOCK]);
        return Bytes.wrap(out.toByteArray());
    }

    private static void refused(Bytes file) {
        assertThat(FunctionPackage.read(file))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused ->
                                assertThat(refused.refusal().code())
                                        .isEqualTo(ErrorCode.PACKAGE_DAMAGED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../escape",
                "blobs/../../escape",
                "/etc/passwd",
                "..\\escape",
                "C:\\escape",
                "blobs//twice",
                "./index.json",
                "a\nb"
            })
    void aNameThatLeavesTheFolderIsRefused(String name) {
        refused(tar(List.of(header(name, '0', octal(CONTENT.length()), ""))));
    }

    /** Hard link, symbolic link, devices, folder, pipe, and the extensions of GNU and pax. */
    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4", "5", "6", "7", "S", "L", "K", "x", "g", "V", "M"})
    void whatIsNoPlainFileIsRefused(char type) {
        refused(tar(List.of(header("index.json", type, octal(0), "/etc/passwd"))));
        refused(tar(List.of(header("index.json", type, octal(CONTENT.length()), "oci-layout"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "77777777777\0",
                "17777777777\0",
                "00000001000\0",
                "-0000000001\0",
                "0x000000007\0",
                "           \0",
                "\u0080\0\0\0\0\0\0\u00ff\u00ff\u00ff\u00ff\u00ff",
                "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00f8"
            })
    void aSizeThatLiesIsRefusedAndTakesNoMemory(String size) {
        refused(tar(List.of(header("index.json", '0', size, ""))));
    }

    @Test
    void aNameThatComesTwiceIsRefused() {
        byte[] once = header("index.json", '0', octal(CONTENT.length()), "");
        refused(tar(List.of(once, once)));
        byte[] later = header("oci-layout", '0', octal(CONTENT.length()), "");
        refused(tar(List.of(later, once)));
    }

    @Test
    void manyFilesAreRefusedAtTheFirstTooMany() {
        List<byte[]> headers = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            headers.add(header("f%05d".formatted(i), '0', octal(CONTENT.length()), ""));
        }
        refused(tar(headers));
    }

    @Test
    void anArchiveOfAnotherKindIsRefused() {
        refused(Bytes.hex("504b0304140000000800").concat(Bytes.wrap(new byte[2 * BLOCK]))); // zip
        refused(Bytes.hex("1f8b0800000000000003").concat(Bytes.wrap(new byte[2 * BLOCK]))); // gzip
        refused(Bytes.hex("28b52ffd").concat(Bytes.wrap(new byte[2 * BLOCK]))); // zstd
    }
}
