package orb.host.walls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The filter's verdicts, found by running its program as the kernel does. */
class FilterTest {
    private static final int X86 = 0xc000_003e;
    private static final int ALLOWED = 0x7fff_0000;
    private static final int KILLED = 0x8000_0000;
    private static final int EPERM = 0x0005_0001;
    private static final int ENOSYS = 0x0005_0026;

    private static int verdict(int architecture, int number, long... arguments) {
        return verdict(Contained.Calls.COMPUTING, architecture, number, arguments);
    }

    private static int verdict(
            Contained.Calls calls, int architecture, int number, long... arguments) {
        byte[] program = Filter.of(SystemCalls.of("amd64", calls).orElseThrow()).array();
        ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.nativeOrder());
        ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(number).putInt(architecture).putLong(0);
        for (long argument : arguments) {
            data.putLong(argument);
        }
        int accumulator = 0;
        for (int at = 0; ; at++) {
            int what = code.getShort(8 * at);
            int yes = code.get(8 * at + 2) & 0xff;
            int no = code.get(8 * at + 3) & 0xff;
            int operand = code.getInt(8 * at + 4);
            switch (what) {
                case 0x20 -> accumulator = data.getInt(operand);
                case 0x54 -> accumulator &= operand;
                case 0x15 -> at += accumulator == operand ? yes : no;
                case 0x35 -> at += Integer.compareUnsigned(accumulator, operand) >= 0 ? yes : no;
                case 0x06 -> {
                    return operand;
                }
                default -> throw new AssertionError("instruction " + what);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 202, 228, 257, 318})
    void whatAJvmNeedsIsAllowed(int number) {
        assertThat(verdict(X86, number)).isEqualTo(ALLOWED);
    }

    @ParameterizedTest
    @CsvSource({
        "41,socket",
        "42,connect",
        "53,socketpair",
        "57,fork",
        "58,vfork",
        "62,kill",
        "83,mkdir",
        "87,unlink",
        "101,ptrace",
        "155,pivot_root",
        "161,chroot",
        "165,mount",
        "175,init_module",
        "246,kexec_load",
        "250,keyctl",
        "272,unshare",
        "298,perf_event_open",
        "304,open_by_handle_at",
        "308,setns",
        "310,process_vm_readv",
        "319,memfd_create",
        "321,bpf",
        "322,execveat",
        "323,userfaultfd",
        "425,io_uring_setup",
        "442,mount_setattr"
    })
    @Tag("H4")
    void whatReachesBeyondTheProcessIsDenied(int number, String name) {
        assertThat(verdict(X86, number)).as(name).isEqualTo(EPERM);
    }

    @ParameterizedTest
    @ValueSource(ints = {22, 57, 58, 232, 291, 293, 33, 62})
    void aProcessMayStartOthersAndWait(int number) {
        assertThat(verdict(Contained.Calls.PROCESSES, X86, number)).isEqualTo(ALLOWED);
        assertThat(verdict(Contained.Calls.PROCESSES, X86, 56, 0x11)).isEqualTo(ALLOWED);
    }

    @ParameterizedTest
    @ValueSource(ints = {41, 42, 53, 83, 87, 101, 155, 161, 165, 272, 308, 310, 321, 425, 442})
    @Tag("H4")
    void aProcessReachesNothingOutsideEither(int number) {
        assertThat(verdict(Contained.Calls.PROCESSES, X86, number)).isEqualTo(EPERM);
        assertThat(verdict(Contained.Calls.PROCESSES, X86, 56, 0x1000_0011)).isEqualTo(EPERM);
    }

    @Test
    @Tag("H4")
    void threadsAreAllowedAndProcessesAndNamespacesAreNot() {
        assertThat(verdict(X86, 56, 0x3d0f00)).as("a thread").isEqualTo(ALLOWED);
        assertThat(verdict(X86, 56, 0x11)).as("fork").isEqualTo(EPERM);
        assertThat(verdict(X86, 56, 0x4111)).as("spawn").isEqualTo(EPERM);
        assertThat(verdict(X86, 56, 0x3d0f00 | 0x1000_0000)).as("new users").isEqualTo(EPERM);
        assertThat(verdict(X86, 56, 0x3d0f00 | 0x0200_0000)).as("new cgroup").isEqualTo(EPERM);
    }

    @Test
    void libcFallsBackFromWhatCannotBeJudged() {
        assertThat(verdict(X86, 435)).as("clone3").isEqualTo(ENOSYS);
    }

    @Test
    void argumentsDecideWhereACallHasManyMeanings() {
        assertThat(verdict(X86, 16, 0, 0x541b)).as("bytes waiting").isEqualTo(ALLOWED);
        assertThat(verdict(X86, 16, 0, 0x5412)).as("typing for others").isEqualTo(EPERM);
        assertThat(verdict(X86, 157, 15)).as("name of a thread").isEqualTo(ALLOWED);
        assertThat(verdict(X86, 157, 4)).as("dumpable").isEqualTo(EPERM);
        assertThat(verdict(X86, 302, 0, 7, 0)).as("reading a limit").isEqualTo(ALLOWED);
        assertThat(verdict(X86, 302, 0, 7, 0x7000)).as("setting a limit").isEqualTo(EPERM);
    }

    @Test
    @Tag("H4")
    void anotherWayOfCallingTheKernelEndsTheProcess() {
        assertThat(verdict(0x4000_0003, 1)).as("32 bits").isEqualTo(KILLED);
        assertThat(verdict(X86, 0x4000_0000)).as("x32").isEqualTo(KILLED);
    }
}
