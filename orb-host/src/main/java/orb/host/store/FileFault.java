package orb.host.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;

/** Says what a failed read or write of a file means to the one who runs this peer. */
public final class FileFault {
    private FileFault() {}

    /** DISK_FULL where the system said so, else STORE_UNUSABLE; both name the file. */
    public static Refusal refusal(Path file, IOException failure) {
        String said = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        String where = said.contains(file.toString()) ? said : file + ": " + said;
        return isDiskFull(failure)
                ? diskFull(where)
                : new Refusal(
                        ErrorCode.STORE_UNUSABLE,
                        where + " (" + failure.getClass().getSimpleName() + ")",
                        "check that the folder exists, can be written and is on a healthy disk");
    }

    static Refusal diskFull(String said) {
        return new Refusal(
                ErrorCode.DISK_FULL, said, "free some space; writing goes on by itself then");
    }

    /** Java has no errno; the texts of ENOSPC and EDQUOT are what the system library says. */
    private static boolean isDiskFull(IOException failure) {
        String said = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return said.contains("no space left") || said.contains("quota exceeded");
    }
}
