package orb.sandbox;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.TrapCode;
import orb.kernel.cgi.Cgi;
import orb.kernel.port.HostCalls;
import orb.sandbox.capability.Capabilities;

/**
 * What one running instance can reach: its input, its output, its clock, its chance, its gas.
 *
 * <p>Belongs to one invocation and its thread.
 */
final class Invocation {
    private static final byte[] NOTHING = {};

    final Request request;
    final RunInputs inputs;
    private final Capabilities capabilities;
    private Optional<Live> live = Optional.empty();
    private int read;
    private byte[] output = NOTHING;
    private int outputLength;
    private byte[] logs = NOTHING;
    private int logsLength;
    private long chance;
    private boolean isPersonal;

    Invocation(Request request, RunInputs inputs) {
        this(request, inputs, HostCalls.NONE);
    }

    Invocation(Request request, RunInputs inputs, HostCalls calls) {
        this.request = request;
        this.inputs = inputs;
        this.chance = inputs.seed();
        this.capabilities = new Capabilities(calls);
    }

    void connect(Live instance) {
        live = Optional.of(instance);
    }

    /** The instance that runs it. */
    Live live() {
        return live.orElseThrow();
    }

    /** Takes work done by the host from the gas; stops the guest when none is left. */
    void charge(long units) {
        if (live().takeGas(units) < 0) {
            throw Stop.trap(TrapCode.ENGINE, "out of fuel");
        }
    }

    /**
     * Whether the guest has asked for anything, or given anything out, that belongs to this
     * invocation: until then it has done what it would do in any other.
     */
    boolean isPersonal() {
        return isPersonal;
    }

    /** What the guest may ask of its node. */
    Capabilities capabilities() {
        isPersonal = true;
        return capabilities;
    }

    /** Bytes of the body that were not read yet. */
    int unread() {
        isPersonal = true;
        return request.body().length() - read;
    }

    int readInto(FlatMemory memory, int address, int length) {
        int count = Math.min(length, unread());
        memory.write(address, request.body().array(), read, count);
        read += count;
        return count;
    }

    void print(FlatMemory memory, int address, int length) {
        isPersonal = true;
        if (length > Response.BODY_MAX - outputLength || length < 0) {
            throw Stop.trap(
                    TrapCode.BAD_OUTPUT,
                    "the output is larger than " + Response.BODY_MAX + " bytes");
        }
        output = room(output, outputLength + length);
        memory.copyOut(address, output, outputLength, length);
        outputLength += length;
    }

    /** Keeps what fits; the rest of a log is dropped, the guest goes on. */
    void log(FlatMemory memory, int address, int length) {
        isPersonal = true;
        int kept = Math.min(length, Run.LOGS_MAX - logsLength);
        if (length < 0) {
            throw Stop.trap(TrapCode.OUT_OF_BOUNDS, "a log of more than 2 GiB");
        }
        logs = room(logs, logsLength + kept);
        memory.copyOut(address, logs, logsLength, kept);
        logsLength += kept;
    }

    Bytes output() {
        return Bytes.wrap(Arrays.copyOf(output, outputLength));
    }

    Bytes logs() {
        return Bytes.wrap(Arrays.copyOf(logs, logsLength));
    }

    /** SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
    long nextRandom() {
        isPersonal = true;
        chance += 0x9e37_79b9_7f4a_7c15L;
        long mixed = (chance ^ (chance >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d0_49bb_1331_11ebL;
        return mixed ^ (mixed >>> 31);
    }

    long nowNanos() {
        isPersonal = true;
        return inputs.now().getEpochSecond() * 1_000_000_000L + inputs.now().getNano();
    }

    /** Its variables as {@code NAME=value}. */
    List<Bytes> environment() {
        isPersonal = true;
        return Cgi.environment(request).entrySet().stream()
                .map(each -> Bytes.utf8(each.getKey() + "=" + each.getValue()))
                .toList();
    }

    private static byte[] room(byte[] buffer, int length) {
        return length <= buffer.length
                ? buffer
                : Arrays.copyOf(buffer, Math.max(length, Math.max(256, buffer.length * 2)));
    }
}
