package orb.host.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import orb.host.walls.Cgroup;
import orb.host.walls.Share;
import orb.host.walls.Walls;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.Response;
import orb.kernel.TrapCode;
import orb.kernel.cgi.Cgi;

/** Runs programs as processes behind all walls, each in a control group of its own. */
final class WalledProcess implements Driver {
    private static final int LOGS_MAX = 64 << 10;
    private static final long LOOK_MILLIS = 10;
    private static final int END_SECONDS = 10;
    private static final int LAST_WORDS = 500;
    private static final String TOO_MUCH = "more than 16 MiB of output";

    private final Walls walls;
    private final Share share;

    /** Walls that were found complete, for {@link NativeCommand#trial}. */
    WalledProcess(Walls walls, Share share) {
        this.walls = walls;
        this.share = share;
    }

    @Override
    public Ended run(Program program, Request request, Limits limits)
            throws IOException, InterruptedException {
        long asked = System.nanoTime();
        Walls.Start start =
                walls.around(
                                NativeCommand.of(
                                        program.kind(), program.file(), request, limits, share))
                        .start();
        Cgroup group = start.group().orElseThrow(() -> new IOException("no control group"));
        try (group) {
            Process process = start.builder().start();
            try {
                return new Watched(process, group, limits, asked).end(request);
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        }
    }

    /** One process under way. */
    private static final class Watched {
        private final Process process;
        private final Cgroup group;
        private final Limits limits;
        private final long asked;
        private final long started = System.nanoTime();
        private final Kept output = new Kept(Response.BODY_MAX, true);
        private final Kept logs = new Kept(LOGS_MAX, false);
        private Optional<Outcome> stopped = Optional.empty();

        Watched(Process process, Cgroup group, Limits limits, long asked) {
            this.process = process;
            this.group = group;
            this.limits = limits;
            this.asked = asked;
        }

        Ended end(Request request) throws InterruptedException {
            Thread in = Thread.startVirtualThread(() -> feed(request.body()));
            Thread out = Thread.startVirtualThread(() -> output.read(process.getInputStream()));
            Thread err = Thread.startVirtualThread(() -> logs.read(process.getErrorStream()));
            while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS) && stopped.isEmpty()) {
                stopped = excess();
            }
            if (stopped.isPresent()) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                process.waitFor(END_SECONDS, TimeUnit.SECONDS);
            }
            long ended = System.nanoTime();
            for (Thread each : new Thread[] {in, out, err}) {
                each.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
            }
            long cpu = cpuNanos(ended);
            Outcome outcome = stopped.orElseGet(() -> outcome(new Fuel(cpu)));
            OptionalLong peak = group.peakBytes();
            return new Ended(
                    outcome,
                    logs.bytes(),
                    started - asked,
                    ended - started,
                    cpu,
                    new ByteSize(Math.min(peak.orElse(0), limits.memory().bytes())));
        }

        /** What was counted, or where nothing counts the time that it took. */
        private long cpuNanos(long now) {
            return Math.clamp(group.cpuNanos().orElse(now - started), 1, limits.fuel().units());
        }

        private Optional<Outcome> excess() {
            long now = System.nanoTime();
            if (group.cpuNanos().orElse(0) > limits.fuel().units()) {
                return Optional.of(new Outcome.OutOfFuel(limits.fuel()));
            }
            if (output.isFull()) {
                return Optional.of(trap(TrapCode.BAD_OUTPUT, TOO_MUCH, now));
            }
            return now - started > limits.wall().toNanos()
                    ? Optional.of(trap(TrapCode.DEADLINE, "it took longer than its limit", now))
                    : Optional.empty();
        }

        private Outcome trap(TrapCode code, String detail, long now) {
            return new Outcome.Trapped(code, detail, new Fuel(cpuNanos(now)));
        }

        private Outcome outcome(Fuel used) {
            if (group.ranOutOfMemory()) {
                return new Outcome.Trapped(TrapCode.OUT_OF_MEMORY, "it was ended for it", used);
            }
            if (group.cpuNanos().orElse(0) > limits.fuel().units()) {
                return new Outcome.OutOfFuel(limits.fuel());
            }
            if (output.isFull()) {
                return new Outcome.Trapped(TrapCode.BAD_OUTPUT, TOO_MUCH, used);
            }
            int status = process.exitValue();
            if (status != 0) {
                return new Outcome.Trapped(TrapCode.EXIT, "status " + status + lastWords(), used);
            }
            return Cgi.response(output.bytes())
                    .<Outcome>map(response -> new Outcome.Completed(response, used))
                    .orElseGet(() ->
                            new Outcome.Trapped(
                                    TrapCode.BAD_OUTPUT, "the headers are no response's", used));
        }

        private String lastWords() {
            Bytes all = logs.bytes();
            String last = all.slice(Math.max(0, all.length() - LAST_WORDS), all.length()).utf8();
            return last.isBlank() ? "" : ": " + last.strip();
        }

        /** A program need not read its input. */
        private void feed(Bytes body) {
            try (OutputStream to = process.getOutputStream()) {
                to.write(body.array());
            } catch (IOException e) {
                logs.note(e);
            }
        }
    }

    /** What a stream brings, up to a number of bytes. */
    private static final class Kept {
        private final byte[] buffer = new byte[8192];
        private final int most;
        private final boolean stops;

        // guarded by this
        private byte[] kept = new byte[0];
        private int length;
        private boolean isFull;

        /**
         * @param stops whether what comes after is not read, so that its writer waits
         */
        Kept(int most, boolean stops) {
            this.most = most;
            this.stops = stops;
        }

        void read(InputStream from) {
            try (from) {
                for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
                    keep(read);
                    if (stops && isFull()) {
                        return;
                    }
                }
            } catch (IOException e) {
                note(e); // it was ended: what came is what there is
            }
        }

        private synchronized void keep(int read) {
            int taken = Math.min(read, most - length);
            if (length + taken > kept.length) {
                int room = Math.min(most, Math.max(length + taken, 2 * kept.length));
                kept = Arrays.copyOf(kept, room);
            }
            System.arraycopy(buffer, 0, kept, length, taken);
            length += taken;
            isFull |= taken < read;
        }

        synchronized boolean isFull() {
            return isFull;
        }

        synchronized Bytes bytes() {
            return Bytes.wrap(Arrays.copyOf(kept, length));
        }

        void note(IOException e) {
            System.getLogger(WalledProcess.class.getName())
                    .log(System.Logger.Level.DEBUG, "a program's stream", e);
        }
    }
}
