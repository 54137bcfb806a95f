package orb.host.process;

import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.RefusedException;

/** Programs that a process can be started from, told by their first bytes. */
public enum ProgramKind {
    /** An executable of Linux. */
    ELF,
    /** A text whose first line, {@code #!}, names its interpreter. */
    SCRIPT,
    /** A Java archive with a main class. */
    JAR;

    private static final int HEADER_LENGTH = 20;
    private static final int WIDTH = 4;
    private static final int MACHINE = 18;
    private static final int BITS_64 = 2;

    /** What an artefact is; nothing for a module, a script of the engine, or neither. */
    public static Optional<ProgramKind> of(Bytes artefact) {
        if (starts(artefact, 0x7f, 'E', 'L', 'F')) {
            return Optional.of(ELF);
        }
        if (starts(artefact, '#', '!')) {
            return Optional.of(SCRIPT);
        }
        return starts(artefact, 'P', 'K', 3, 4) ? Optional.of(JAR) : Optional.empty();
    }

    private static boolean starts(Bytes artefact, int... first) {
        if (artefact.length() < first.length) {
            return false;
        }
        for (int i = 0; i < first.length; i++) {
            if ((artefact.at(i) & 0xff) != first[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Checks what can be checked without running it.
     *
     * @param architecture of this machine, as {@code os.arch} has it
     * @throws RefusedException if it is an executable of other machines
     */
    void check(Bytes artefact, String architecture) {
        if (this != ELF) {
            return;
        }
        int machine = artefact.length() < HEADER_LENGTH ? 0 : artefact.at(MACHINE) & 0xff;
        String made =
                switch (machine) {
                    case 62 -> "amd64";
                    case 183 -> "aarch64";
                    default -> "machine " + machine;
                };
        if (!made.equals(architecture) || artefact.at(WIDTH) != BITS_64) {
            throw new RefusedException(
                    ErrorCode.NOT_WASM,
                    "the program is made for " + made + ", and this machine is " + architecture);
        }
    }
}
