package orb.host.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import orb.host.process.ProgramKind;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Registry;

/**
 * Builds a function's folder with the owner's own compiler, on the owner's own machine, with the
 * owner's rights: a build line is as trusted as a Makefile. Variables whose names start with {@code
 * ORB_} are kept from it, since they may hold a passphrase or a token. Thread-safe for different
 * folders.
 */
public final class Builder {
    private static final int OUTPUT_MAX = 64 << 10;
    private static final int TAIL_MAX = 2_000;

    private final Duration timeout;

    /**
     * @param timeout for the build line; it and all that it started are ended then
     */
    public Builder(Duration timeout) {
        this.timeout = timeout;
    }

    /**
     * Runs the build line if there is one, notes the source's digest and reads what was made.
     *
     * @return MANIFEST_INVALID if the file is missing afterwards or larger than an artefact may be;
     *     TOOL_MISSING naming the package to install; BUILD_FAILED with the end of the output;
     *     SCRIPT_REFUSED
     */
    public Result<Built> build(Path folder, Manifest manifest) {
        return Result.catching(
                        () -> {
                            manifest.build().ifPresent(line -> run(folder, line));
                            return manifest;
                        })
                .then(built -> asBuilt(folder, built));
    }

    /**
     * As {@link #build}, but takes what an earlier build left, such as the modules that ship with
     * the examples; nothing says that it is what the source would give today.
     */
    public Result<Built> asBuilt(Path folder, Manifest manifest) {
        return Result.catching(() -> {
            Digest source = SourceHash.of(folder, manifest).orThrow();
            if (manifest.artefact().isPresent()) {
                Bytes made =
                        FolderFiles.read(folder, manifest.artefact().get(), Registry.ARTEFACT_MAX);
                return manifest.entry().filter(FunctionFacts.PROGRAM::equals).isPresent()
                        ? new Built.Program(source, program(made))
                        : new Built.Wasm(source, made);
            }
            String name = manifest.source().orElseThrow();
            Bytes text = FolderFiles.read(folder, name, ScriptNames.SOURCE_MAX);
            return new Built.Script(
                    source,
                    ScriptNames.shorten(folder.resolve(name).toString(), text.utf8()).orThrow());
        });
    }

    private static Bytes program(Bytes made) {
        if (ProgramKind.of(made).isEmpty()) {
            throw new RefusedException(
                    new Refusal(
                            ErrorCode.BUILD_FAILED,
                            "the artefact is no program",
                            "entry: process takes an executable of Linux, a text that starts with"
                                    + " #!, or a Java archive"));
        }
        return made;
    }

    private void run(Path folder, String line) {
        ProcessBuilder builder =
                new ProcessBuilder("/bin/sh", "-c", line)
                        .directory(folder.toFile())
                        .redirectErrorStream(true);
        removeSecrets(builder.environment());
        Optional<Refusal> missing =
                Toolchain.missingProgram(
                        line, builder.environment().getOrDefault("PATH", "/usr/bin:/bin"));
        if (missing.isPresent()) {
            throw new RefusedException(missing.get());
        }
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            Tail tail = new Tail(process.getInputStream());
            Thread reader = Thread.ofVirtual().start(tail::read);
            boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                end(process);
            }
            reader.join(Duration.ofSeconds(1)); // a grandchild may hold the pipe open
            judge(line, ended ? process.exitValue() : -1, ended, tail.text());
        } catch (IOException e) {
            throw failed("the build line could not be started: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("the build was interrupted: " + line);
        }
    }

    static void removeSecrets(Map<String, String> environment) {
        environment.keySet().removeIf(name -> name.startsWith("ORB_"));
    }

    private void judge(String line, int exit, boolean ended, String output) {
        if (!ended) {
            throw failed(
                    "`"
                            + line
                            + "` did not end within "
                            + timeout.toSeconds()
                            + " s\n"
                            + cut(output));
        }
        if (exit != 0) {
            Optional<Refusal> missing = Toolchain.missingPart(output);
            throw missing.isPresent()
                    ? new RefusedException(missing.get())
                    : failed("`" + line + "` ended with " + exit + "\n" + cut(output));
        }
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static RefusedException failed(String what) {
        return new RefusedException(
                new Refusal(
                        ErrorCode.BUILD_FAILED,
                        what.strip(),
                        "run the line yourself in the function's folder"));
    }

    private static String cut(String output) {
        return output.length() <= TAIL_MAX
                ? output
                : "...\n" + output.substring(output.length() - TAIL_MAX);
    }

    /** Reads all and keeps the end. */
    private static final class Tail {
        private final InputStream in;
        private final byte[] ring = new byte[OUTPUT_MAX];
        private long total;

        private Tail(InputStream in) {
            this.in = in;
        }

        private void read() {
            byte[] buffer = new byte[8 << 10];
            try (in) {
                int read = in.read(buffer);
                while (read >= 0) {
                    keep(buffer, read);
                    read = in.read(buffer);
                }
            } catch (IOException e) {
                keep(new byte[0], 0); // the process was ended: what was read is what there is
            }
        }

        private synchronized void keep(byte[] buffer, int length) {
            for (int i = 0; i < length; i++) {
                ring[(int) (total++ % OUTPUT_MAX)] = buffer[i];
            }
        }

        private synchronized String text() {
            int length = (int) Math.min(total, OUTPUT_MAX);
            byte[] bytes = new byte[length];
            for (int i = 0; i < length; i++) {
                bytes[i] = ring[(int) ((total - length + i) % OUTPUT_MAX)];
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
