package orb.host.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import orb.host.store.FileFault;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Header;
import orb.kernel.Limits;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Request;
import orb.kernel.Result;
import orb.kernel.message.Grants;

/**
 * What {@code orb.yaml} says of a function. Every key: docs/protocol/manifest.md.
 *
 * @param name the function's name among its owner's
 * @param version the owner's own word for it, such as 1.0.0
 * @param build a shell line that makes the artefact or the script
 * @param source a script's file, relative to the folder; else {@code artefact} is given
 * @param artefact a WebAssembly file, relative to the folder; else {@code source} is given
 * @param entry the entry shape that the owner expects: {@code wasi}, {@code handler}, {@code
 *     script}
 * @param limits what one invocation may use
 * @param grants what one invocation may ask of the node that runs it
 * @param plan the reward plan, if the owner has chosen
 * @param replicas seeders asked for
 * @param policy which hosts the owner accepts
 * @param triggers what starts the function
 * @param sample what the trial run is given
 */
public record Manifest(
        String name,
        String version,
        Optional<String> build,
        Optional<String> source,
        Optional<String> artefact,
        Optional<String> entry,
        Limits limits,
        Grants grants,
        Optional<String> plan,
        int replicas,
        Policy policy,
        List<String> triggers,
        Sample sample) {
    public static final String FILE = "orb.yaml";
    static final int FILE_MAX = 64 << 10;

    public Manifest {
        triggers = List.copyOf(triggers);
    }

    /**
     * Which hosts the owner accepts.
     *
     * @param regions where they may stand; empty for anywhere
     * @param assurance least level: {@code L0} or {@code L1}
     */
    public record Policy(List<String> regions, String assurance) {
        public static final Policy DEFAULT = new Policy(List.of(), "L0");

        public Policy {
            regions = List.copyOf(regions);
        }
    }

    /**
     * The input of the trial run, as written.
     *
     * @param body the body itself; else {@code bodyFile} or no body
     * @param bodyFile a file with the body, relative to the folder
     */
    public record Sample(
            String method,
            String path,
            String query,
            List<Header> headers,
            Optional<String> body,
            Optional<String> bodyFile) {
        public Sample {
            headers = List.copyOf(headers);
        }
    }

    /** Reads {@code orb.yaml} of the folder; MANIFEST_INVALID names file and line. */
    public static Result<Manifest> read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            if (Files.size(file) > FILE_MAX) {
                return Result.refused(
                        ErrorCode.MANIFEST_INVALID,
                        file + " has " + Files.size(file) + " bytes; at most " + FILE_MAX);
            }
            return parse(file.toString(), Bytes.wrap(Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.MANIFEST_INVALID,
                            "there is no " + file,
                            "orb new NAME makes a function's folder with one"));
        } catch (IOException e) {
            return Result.refused(FileFault.refusal(file, e));
        }
    }

    /** Reads the text of a manifest; {@code file} names it in refusals. */
    public static Result<Manifest> parse(String file, Bytes text) {
        return Result.catching(() -> new ManifestReader(file).read(text));
    }

    /**
     * The sample as a request, its body file read from the folder.
     *
     * @return MANIFEST_INVALID if the body file is missing or too large
     */
    public Result<Request> request(Path folder) {
        return Result.catching(() -> {
            Bytes body =
                    sample.bodyFile().isPresent()
                            ? FolderFiles.read(folder, sample.bodyFile().get(), Request.BODY_MAX)
                            : Bytes.utf8(sample.body().orElse(""));
            try {
                return new Request(
                        sample.method(), sample.path(), sample.query(), sample.headers(), body);
            } catch (IllegalArgumentException e) {
                throw new RefusedException(
                        ErrorCode.MANIFEST_INVALID,
                        folder.resolve(FILE) + ": sample: " + e.getMessage());
            }
        });
    }
}
