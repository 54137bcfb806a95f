package orb.host.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import orb.host.store.FileFault;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/** Files that a manifest names, kept inside the function's folder. */
final class FolderFiles {
    private FolderFiles() {}

    /** Whether a name may stand in a manifest: relative, with slashes, without "..". */
    static boolean isInside(String name) {
        if (name.isEmpty() || name.length() > 255 || name.startsWith("/") || name.contains("\\")) {
            return false;
        }
        for (String part : name.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..") || part.indexOf(0) >= 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * The content of a file in the folder, not through a link that leads out of it.
     *
     * @throws RefusedException with MANIFEST_INVALID if it is missing, outside or too large
     */
    static Bytes read(Path folder, String name, int bytesMax) {
        Path file = folder.resolve(name);
        try {
            if (!file.toRealPath().startsWith(folder.toRealPath())) {
                throw invalid(file + " is a link that leads out of the folder", "copy the file");
            }
            if (!Files.isRegularFile(file)) {
                throw invalid(file + " is not a file", "name a file in " + Manifest.FILE);
            }
            long size = Files.size(file);
            if (size > bytesMax) {
                throw invalid(
                        file + " has " + size + " bytes; at most " + bytesMax, "make it smaller");
            }
            return Bytes.wrap(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw invalid(
                    "there is no " + file, "check the names in " + folder.resolve(Manifest.FILE));
        } catch (IOException e) {
            throw new RefusedException(FileFault.refusal(file, e));
        }
    }

    private static RefusedException invalid(String what, String next) {
        return new RefusedException(new Refusal(ErrorCode.MANIFEST_INVALID, what, next));
    }
}
