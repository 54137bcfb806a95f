package orb.host.build;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import orb.kernel.Bytes;
import orb.kernel.Header;
import orb.kernel.Limits;
import orb.kernel.Request;
import orb.kernel.Result;

/** What orb.yaml says of a function. */
public record Manifest(
        String name,
        String version,
        Optional<String> build,
        Optional<String> source,
        Optional<String> artefact,
        Optional<String> entry,
        Limits limits,
        Optional<String> plan,
        int replicas,
        Policy policy,
        List<String> triggers,
        Sample sample) {
    public static final String FILE = "orb.yaml";

    /** Which hosts the owner accepts. */
    public record Policy(List<String> regions, String assurance, boolean egress) {}

    /** The input of the trial run, as written. */
    public record Sample(
            String method,
            String path,
            String query,
            List<Header> headers,
            Optional<String> body,
            Optional<String> bodyFile) {}

    /** Reads orb.yaml of the folder; MANIFEST_INVALID names file and line. */
    public static Result<Manifest> read(Path folder) { throw new UnsupportedOperationException("not yet written"); }

    /** Reads the text of a manifest; file is for messages. */
    public static Result<Manifest> parse(String file, Bytes text) { throw new UnsupportedOperationException("not yet written"); }

    /** The sample as a request, its body file read from the folder. */
    public Result<Request> request(Path folder) { throw new UnsupportedOperationException("not yet written"); }
}
