package orb.host.walls;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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

    /** FIONBIO and FIOCLEX, of programs that wait for more than one thing. */
    private static final int NOT_BLOCKING = 0x5421;

    private static final int CLOSES = 0x5451;

    /** Pipes, duplicates, forks, events, timers, groups of processes, keys of memory. */
    private static final List<Integer> X86_PROCESSES =
            List.of(
                    22, 293, 32, 33, 292, 436, 57, 58, 247, // pipe dup close_range fork waitid
                    213, 291, 232, 233, 281, 284, 290, 283, 286, 287, 23, 270, // epoll select
                    62, 200, 109, 111, 112, 121, 124, 34, 36, 37, 38, // kill groups alarm
                    115, 118, 120, 125, 80, 81, 95, 221, // who am I, chdir umask fadvise
                    127, 128, 130, 282, 289, 329, 330, 331); // signals, keys of memory

    private static final List<Integer> ARM_PROCESSES =
            List.of(
                    59, 23, 24, 436, 95, 20, 21, 22, 19, 85, 86, 87, 72, // pipe dup epoll select
                    129, 130, 154, 155, 156, 157, 102, 103, // kill groups alarm
                    158, 148, 150, 90, 49, 50, 166, 223, // who am I, chdir umask fadvise
                    136, 137, 133, 74, 288, 289, 290); // signals, keys of memory

    /** PR_SET_NAME, PR_GET_NAME, PR_SET_VMA: names of threads and of memory. */
    private static final List<Integer> NAMES = List.of(15, 16, 0x5356_4d41);

    /** Bits of an argument, and what they must be. */
    record Masked(int number, int argument, int mask, int value) {}

    /** An argument, and what it may be. */
    record Chosen(int number, int argument, List<Integer> values) {}

    /** The table of this machine's architecture, empty where there is none. */
    static Optional<SystemCalls> of(String architecture, Contained.Calls calls) {
        boolean forks = calls == Contained.Calls.PROCESSES;
        return switch (architecture) {
            case "amd64", "x86_64" -> Optional.of(forks ? x86().with(X86_PROCESSES, 56) : x86());
            case "aarch64" -> Optional.of(forks ? arm().with(ARM_PROCESSES, 220) : arm());
            default -> Optional.empty();
        };
    }

    /** The same with more calls, and with new processes in the namespaces that there are. */
    private SystemCalls with(List<Integer> more, int clone) {
        return new SystemCalls(
                architecture,
                Stream.concat(allowed.stream(), more.stream()).toList(),
                Stream.concat(
                                Stream.of(new Masked(clone, 0, NAMESPACES, 0)),
                                masked.stream().filter(each -> each.number != clone))
                        .toList(),
                chosen.stream()
                        .map(each -> each.values.contains(BYTES_WAITING) ? waiting(each) : each)
                        .toList(),
                unknown);
    }

    private static Chosen waiting(Chosen ioctl) {
        return new Chosen(
                ioctl.number, ioctl.argument, List.of(BYTES_WAITING, NOT_BLOCKING, CLOSES));
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
