package orb.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.sandbox.fuel.GasSchedule;

/**
 * The part of WASI preview 1 (snapshot_preview1) that a sandbox offers: standard streams,
 * arguments, environment, a fixed clock and seeded random bytes.
 *
 * <p>Files and directories do not exist: the calls that every wasi-libc program links are there and
 * answer {@code EBADF}. Sockets are not offered at all. Every pointer and length comes from the
 * guest: memory checks each access, and work is charged before it is done. The functions keep no
 * state, so one set serves all instances.
 */
final class Wasi {
    static final String MODULE = "wasi_snapshot_preview1";
    static final int SUCCESS = 0;
    static final int BADF = 8;
    static final int INVAL = 28;
    static final int NOTSUP = 58;
    static final int SPIPE = 70;

    /** As IOV_MAX of POSIX systems. */
    private static final int VECTORS_MAX = 1024;

    private static final int RIGHT_READ = 2;
    private static final int RIGHT_WRITE = 64;
    private static final int FDSTAT_BYTES = 24;
    private static final int FILESTAT_BYTES = 64;
    private static final Map<String, HostCall> CALLS = calls();

    private Wasi() {}

    /** What one call does with its arguments; returns the error number. */
    interface Body {
        int apply(FlatMemory memory, int[] arguments);
    }

    /**
     * A function that guests may import.
     *
     * @param signature its parameters, one letter each: i for i32, I for i64
     */
    record HostCall(String signature, boolean hasResult, Body body) {}

    /** What a kind of guest may import. */
    interface Surface {
        /** The function of this module and name, if it is offered. */
        Optional<HostCall> find(String module, String name);
    }

    /** The call of this name, if it is offered. */
    static Optional<HostCall> find(String module, String name) {
        return module.equals(MODULE) ? Optional.ofNullable(CALLS.get(name)) : Optional.empty();
    }

    private static Map<String, HostCall> calls() {
        Map<String, HostCall> calls = new TreeMap<>();
        offer(calls, "args_sizes_get", "ii", (m, a) -> sizes(m, a, arguments()));
        offer(calls, "args_get", "ii", (m, a) -> strings(m, a, arguments()));
        offer(calls, "environ_sizes_get", "ii", (m, a) -> sizes(m, a, environment(m)));
        offer(calls, "environ_get", "ii", (m, a) -> strings(m, a, environment(m)));
        offer(calls, "clock_res_get", "ii", (m, a) -> clock(m, a[0], a[1], 1));
        offer(
                calls,
                "clock_time_get",
                "iIi",
                (m, a) -> clock(m, a[0], a[2], m.invocation().nowNanos()));
        offer(calls, "random_get", "ii", Wasi::random);
        offer(calls, "sched_yield", "", (m, a) -> SUCCESS);
        offer(calls, "poll_oneoff", "iiii", (m, a) -> NOTSUP);
        offer(calls, "fd_read", "iiii", Wasi::read);
        offer(calls, "fd_write", "iiii", Wasi::write);
        offer(calls, "fd_close", "i", (m, a) -> isStream(a[0]) ? SUCCESS : BADF);
        offer(calls, "fd_fdstat_get", "ii", Wasi::fdstat);
        offer(calls, "fd_filestat_get", "ii", Wasi::filestat);
        offer(calls, "fd_seek", "iIii", (m, a) -> isStream(a[0]) ? SPIPE : BADF);
        offer(calls, "fd_tell", "ii", (m, a) -> isStream(a[0]) ? SPIPE : BADF);
        offer(calls, "fd_datasync", "i", (m, a) -> isStream(a[0]) ? INVAL : BADF);
        offer(calls, "fd_sync", "i", (m, a) -> isStream(a[0]) ? INVAL : BADF);
        offer(calls, "fd_fdstat_set_flags", "ii", (m, a) -> isStream(a[0]) ? NOTSUP : BADF);
        withoutFiles(calls);
        calls.put(
                "proc_exit",
                new HostCall(
                        "i",
                        false,
                        (m, a) -> {
                            throw Stop.exit(a[0]);
                        }));
        return calls;
    }

    /** What wasi-libc links in any case; there is no file for them to work on. */
    private static void withoutFiles(Map<String, HostCall> calls) {
        Map<String, String> signatures = new TreeMap<>();
        signatures.put("fd_advise", "iIIi");
        signatures.put("fd_allocate", "iII");
        signatures.put("fd_fdstat_set_rights", "iII");
        signatures.put("fd_filestat_set_size", "iI");
        signatures.put("fd_filestat_set_times", "iIIi");
        signatures.put("fd_pread", "iiiIi");
        signatures.put("fd_pwrite", "iiiIi");
        signatures.put("fd_prestat_get", "ii");
        signatures.put("fd_prestat_dir_name", "iii");
        signatures.put("fd_readdir", "iiiIi");
        signatures.put("fd_renumber", "ii");
        signatures.put("path_create_directory", "iii");
        signatures.put("path_filestat_get", "iiiii");
        signatures.put("path_filestat_set_times", "iiiiIIi");
        signatures.put("path_link", "iiiiiii");
        signatures.put("path_open", "iiiiiIIii");
        signatures.put("path_readlink", "iiiiii");
        signatures.put("path_remove_directory", "iii");
        signatures.put("path_rename", "iiiiii");
        signatures.put("path_symlink", "iiiii");
        signatures.put("path_unlink_file", "iii");
        signatures.forEach((name, signature) -> offer(calls, name, signature, (m, a) -> BADF));
    }

    private static void offer(
            Map<String, HostCall> calls, String name, String signature, Body body) {
        calls.put(name, new HostCall(signature, true, body));
    }

    private static boolean isStream(int descriptor) {
        return descriptor >= 0 && descriptor <= 2;
    }

    private static List<Bytes> arguments() {
        return List.of(Bytes.utf8("function"));
    }

    private static List<Bytes> environment(FlatMemory memory) {
        List<Bytes> environment = new ArrayList<>(memory.invocation().environment());
        long bytes = environment.stream().mapToLong(Bytes::length).sum();
        memory.invocation().charge(GasSchedule.moved(bytes));
        return environment;
    }

    private static int sizes(FlatMemory memory, int[] arguments, List<Bytes> strings) {
        memory.writeI32(arguments[0], strings.size());
        int bytes = strings.stream().mapToInt(text -> text.length() + 1).sum();
        memory.writeI32(arguments[1], bytes);
        return SUCCESS;
    }

    private static int strings(FlatMemory memory, int[] arguments, List<Bytes> strings) {
        int pointer = arguments[0];
        int address = arguments[1];
        for (Bytes text : strings) {
            memory.writeI32(pointer, address);
            memory.write(address, text.array(), 0, text.length());
            memory.writeByte(address + text.length(), (byte) 0);
            pointer += 4;
            address += text.length() + 1;
        }
        return SUCCESS;
    }

    private static int clock(FlatMemory memory, int clock, int address, long nanos) {
        if (clock < 0 || clock > 3) {
            return INVAL;
        }
        memory.writeLong(address, nanos);
        return SUCCESS;
    }

    private static int random(FlatMemory memory, int[] arguments) {
        Invocation invocation = memory.invocation();
        invocation.charge(GasSchedule.moved(Integer.toUnsignedLong(arguments[1]) * 8));
        int address = arguments[0];
        int length = arguments[1];
        memory.fill((byte) 0, address, address + length);
        for (int at = 0; at < length; at += 8) {
            long random = invocation.nextRandom();
            for (int i = 0; i < 8 && at + i < length; i++) {
                memory.writeByte(address + at + i, (byte) (random >>> (8 * i)));
            }
        }
        return SUCCESS;
    }

    private static int read(FlatMemory memory, int[] arguments) {
        if (arguments[0] != 0) {
            return BADF;
        }
        if (arguments[2] < 0 || arguments[2] > VECTORS_MAX) {
            return INVAL;
        }
        Invocation invocation = memory.invocation();
        int total = 0;
        for (int i = 0; i < arguments[2] && invocation.unread() > 0; i++) {
            int vector = arguments[1] + 8 * i;
            int length = memory.readInt(vector + 4);
            int count = length < 0 ? invocation.unread() : Math.min(length, invocation.unread());
            invocation.charge(1 + GasSchedule.moved(count));
            total += invocation.readInto(memory, memory.readInt(vector), count);
        }
        memory.writeI32(arguments[3], total);
        return SUCCESS;
    }

    private static int write(FlatMemory memory, int[] arguments) {
        int descriptor = arguments[0];
        if (descriptor != 1 && descriptor != 2) {
            return BADF;
        }
        if (arguments[2] < 0 || arguments[2] > VECTORS_MAX) {
            return INVAL;
        }
        Invocation invocation = memory.invocation();
        int total = 0;
        for (int i = 0; i < arguments[2]; i++) {
            int vector = arguments[1] + 8 * i;
            int length = memory.readInt(vector + 4);
            invocation.charge(1 + GasSchedule.moved(Integer.toUnsignedLong(length)));
            if (length < 0) {
                return INVAL;
            }
            if (descriptor == 1) {
                invocation.print(memory, memory.readInt(vector), length);
            } else {
                invocation.log(memory, memory.readInt(vector), length);
            }
            total += length;
        }
        memory.writeI32(arguments[3], total);
        return SUCCESS;
    }

    /** Not a terminal, so that the C library buffers its output. */
    private static int fdstat(FlatMemory memory, int[] arguments) {
        if (!isStream(arguments[0])) {
            return BADF;
        }
        memory.fill((byte) 0, arguments[1], arguments[1] + FDSTAT_BYTES);
        memory.writeLong(arguments[1] + 8, arguments[0] == 0 ? RIGHT_READ : RIGHT_WRITE);
        return SUCCESS;
    }

    private static int filestat(FlatMemory memory, int[] arguments) {
        if (!isStream(arguments[0])) {
            return BADF;
        }
        memory.fill((byte) 0, arguments[1], arguments[1] + FILESTAT_BYTES);
        return SUCCESS;
    }
}
