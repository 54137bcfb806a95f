package orb.host.worker;

import java.util.List;
import java.util.Optional;

/**
 * The system calls that a JVM needs which only computes, by number, for one architecture.
 *
 * <p>What is not here fails with EPERM: sockets, new processes, mounts, tracing, keys, BPF,
 * performance counters, other processes' memory, new namespaces, files that are made or changed.
 * The numbers are those of the kernel's own tables (syscall_64.tbl, asm-generic/unistd.h).
 *
 * @param architecture AUDIT_ARCH of linux/audit.h
 * @param allowed with any arguments
 * @param masked allowed if masked bits of an argument have a value
 * @param chosen allowed with some values of an argument
 * @param unknown fail with ENOSYS, so that libc falls back
 */
record SystemCalls(
        int architecture,
        List<Integer> allowed,
        List<Masked> masked,
        List<Chosen> chosen,
        List<Integer> unknown) {
    /** CLONE_THREAD, and the flags of new namespaces, of which a new thread sets none. */
    private static final int THREAD = 0x0001_0000;

    private static final int NAMESPACES = 0x7e02_0080;

    /** FIONREAD, as in {@code InputStream.available}. */
    private static final int BYTES_WAITING = 0x541b;

    /** PR_SET_NAME, PR_GET_NAME, PR_SET_VMA: names of threads and of memory. */
    private static final List<Integer> NAMES = List.of(15, 16, 0x5356_4d41);

    /** Bits of an argument, and what they must be. */
    record Masked(int number, int argument, int mask, int value) {}

    /** An argument, and what it may be. */
    record Chosen(int number, int argument, List<Integer> values) {}

    /** The table of this machine's architecture, empty where there is none. */
    static Optional<SystemCalls> of(String architecture) {
        return switch (architecture) {
            case "amd64", "x86_64" -> Optional.of(x86());
            case "aarch64" -> Optional.of(arm());
            default -> Optional.empty();
        };
    }

    private static SystemCalls x86() {
        return new SystemCalls(
                0xc000_003e,
                List.of(
                        202, 0, 1, 28, 24, 228, 35,
                        230, // futex read write madvise yield clock sleep
                        3, 4, 5, 6, 8, 9, 10, 11, 12, // close stat fstat lstat lseek memory
                        13, 14, 15, 131, // signals
                        2, 257, 17, 19, 20, 21, 269, 439, // open openat pread readv writev access
                        262, 332, 89, 267, 79, 217, 137, 138,
                        72, // stat readlink getcwd dents fcntl
                        25, 27, 7, 271, // mremap mincore poll ppoll
                        39, 110, 186, 102, 104, 107, 108, 63, // who am I, uname
                        97, 98, 99, 100, 204, 229, 309, // limits usage times affinity clock getcpu
                        143, 145, 146, 147, // scheduling, read only
                        158, 218, 273, 334, 324, // arch_prctl threads rseq membarrier
                        318, 234, 60, 231, 61, 59), // getrandom tgkill exit wait4 execve
                List.of(new Masked(56, 0, THREAD | NAMESPACES, THREAD), new Masked(302, 2, -1, 0)),
                List.of(new Chosen(16, 1, List.of(BYTES_WAITING)), new Chosen(157, 0, NAMES)),
                List.of(435));
    }

    private static SystemCalls arm() {
        return new SystemCalls(
                0xc000_00b7,
                List.of(
                        98, 63, 64, 233, 124, 113, 101, 115, // futex read write madvise yield clock
                        57, 80, 79, 62, 222, 226, 215, 214, // close fstat fstatat lseek memory
                        134, 135, 139, 132, // signals
                        56, 67, 65, 66, 48, 439, // openat pread readv writev faccessat
                        291, 78, 17, 61, 43, 44, 25, // statx readlinkat getcwd dents statfs fcntl
                        216, 232, 73, // mremap mincore ppoll
                        172, 173, 178, 174, 176, 175, 177, 160, // who am I, uname
                        163, 165, 179, 153, 123, 114, 168, // limits usage times affinity clock
                        120, 121, 125, 126, // scheduling, read only
                        96, 99, 293, 283, // threads rseq membarrier
                        278, 131, 93, 94, 260, 221), // getrandom tgkill exit wait4 execve
                List.of(new Masked(220, 0, THREAD | NAMESPACES, THREAD), new Masked(261, 2, -1, 0)),
                List.of(new Chosen(29, 1, List.of(BYTES_WAITING)), new Chosen(167, 0, NAMES)),
                List.of(435));
    }
}
