package orb.cli.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import orb.cli.client.Api;
import orb.cli.client.Output;
import orb.cli.proof.ProofReport;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;

/**
 * {@code orb demo}: the whole story on real input, in a swarm of its own. Each chapter checks what
 * it shows; one that does not hold ends the demo with a failure.
 */
public final class Demo {
    private static final Duration WAIT_MAX = Duration.ofSeconds(60);

    private final Output out;
    private int chapter;

    public Demo(Output out) {
        this.out = out;
    }

    /** Tells the story; true if every chapter held. */
    public boolean run() throws IOException {
        Path folder = Files.createTempDirectory("orb-demo");
        LocalSwarm swarm = new LocalSwarm(folder, Ports.free());
        try (AtEnd end = new AtEnd("orb-demo-end", swarm::erase)) {
            return tells(swarm, end);
        }
    }

    private boolean tells(LocalSwarm swarm, AtEnd end) throws IOException {
        try {
            tell(swarm);
            out.line("");
            out.line("That was Orb. Your own swarm: orb up");
            return true;
        } catch (RefusedException e) {
            if (!end.hasBegun()) {
                out.say("the story broke in chapter " + chapter + ": " + e.refusal());
                out.say("logs are in " + swarm.folder() + " until this ends");
            }
            return false;
        } finally {
            if (!end.hasBegun()) {
                swarm.erase();
            }
        }
    }

    private void tell(LocalSwarm swarm) throws IOException {
        chapter("A swarm starts: a tracker and the nodes of alice, bob and carol.");
        swarm.start(step -> out.line("   " + step));
        deployed(swarm.node("alice").api());
        byte[] text = Files.readAllBytes(Samples.folder("wordcount").resolve("text.txt"));
        Api.Raw counted = called(swarm, text);
        sponsored(swarm);
        proved(swarm.node("carol").api(), counted);

        chapter("The epoch ends; credits moved from Carol to the host, Alice and the tracker.");
        Wait.orRefuse("the settlement", WAIT_MAX, () -> has(swarm.node("alice").api(), "own"));
        wallets(swarm);
        hostLost(swarm, counted.header("x-orb-served-by"), text);
    }

    private void deployed(Api alice) throws IOException {
        chapter("Alice deploys a word counter (C) that callers pay for, and a thumbnailer.");
        deploy(alice, new Samples.Plan("wordcount", "wordcount", "metered", 0));
        deploy(alice, new Samples.Plan("thumbnail", "thumbnail", "sponsored", 5));
        Wait.orRefuse("other nodes to seed both", WAIT_MAX, () -> seeders(alice, "wordcount") >= 2);
        Wait.orRefuse("other nodes to seed both", WAIT_MAX, () -> seeders(alice, "thumbnail") >= 2);
        out.line("   seeders of wordcount: " + seeders(alice, "wordcount"));
    }

    private Api.Raw called(LocalSwarm swarm, byte[] text) throws IOException {
        chapter("Carol calls it with a real text, through her node, which need not host it.");
        Api.Raw counted = invoke(swarm.node("carol").api(), "wordcount", text);
        out.line("   " + brief(counted.body()));
        String host = counted.header("x-orb-served-by");
        out.line(
                "   served by "
                        + name(swarm, host)
                        + " ("
                        + host.substring(0, 8)
                        + "), fuel "
                        + counted.header("x-orb-fuel"));
        return counted;
    }

    private void sponsored(LocalSwarm swarm) throws IOException {
        chapter("Anyone calls the thumbnailer by its URL; Alice sponsors it.");
        byte[] photo = Files.readAllBytes(Samples.folder("thumbnail").resolve("photo.png"));
        String gateway = swarm.tracker().control().orElseThrow().gateway();
        Api.Raw thumbnail =
                new Api(gateway, "")
                        .raw("POST", "/f/alice/thumbnail?w=96", "image/png", photo, Map.of());
        require(thumbnail.status() == 200, "the thumbnailer answered " + thumbnail.status());
        out.line(
                "   "
                        + photo.length
                        + " bytes of PNG in, "
                        + thumbnail.body().length
                        + " bytes out");
    }

    private void proved(Api carol, Api.Raw counted) throws IOException {
        chapter("Carol has a receipt; its proof verifies with no network.");
        Bytes proof = proof(carol, counted.header("x-orb-call"));
        JsonNode report = ProofReport.of(proof);
        out.line(
                "   price "
                        + report.path("price").asText()
                        + ", fuel "
                        + report.path("fuel").asText()
                        + ", signed by "
                        + report.path("host").asText().substring(0, 8));
        String host = counted.header("x-orb-served-by");
        require(report.path("host").asText().equals(host), "another host signed the receipt");

        chapter("One byte of the receipt is flipped; the verification says what is wrong.");
        out.line("   " + refusedAfterFlip(proof));
    }

    private void hostLost(LocalSwarm swarm, String host, byte[] text) throws IOException {
        chapter("The host that served her is killed; her next call is served by another.");
        String killed = name(swarm, host);
        require(LocalSwarm.OWNERS.contains(killed), "the host is not one of the three nodes");
        Api caller = swarm.node(killed.equals("carol") ? "bob" : "carol").api();
        swarm.node(killed).kill();
        Api.Raw again = invoke(caller, "wordcount", text);
        require(
                !again.header("x-orb-served-by").equals(host),
                "the killed host cannot have served");
        out.line(
                "   killed "
                        + killed
                        + "; served by "
                        + name(swarm, again.header("x-orb-served-by")));
    }

    private void chapter(String title) {
        chapter++;
        out.line("");
        out.line(chapter + ". " + title);
    }

    private void deploy(Api api, Samples.Plan plan) throws IOException {
        JsonNode deployed = Samples.deploy(api, plan, stage -> {});
        out.line(
                "   "
                        + plan.name()
                        + ": complexity "
                        + deployed.path("complexity").asText()
                        + " fuel, cost "
                        + deployed.path("cost").asText()
                        + " credits, "
                        + deployed.path("url").asText());
    }

    private static int seeders(Api api, String function) throws IOException {
        return api.get("/v1/functions/alice/" + function).path("seeders").asInt();
    }

    private static Api.Raw invoke(Api api, String function, byte[] body) throws IOException {
        Api.Raw raw =
                api.raw(
                        "POST",
                        "/v1/invoke/alice/" + function,
                        "application/octet-stream",
                        body,
                        Map.of());
        require(
                raw.status() == 200,
                function + " answered " + raw.status() + " " + brief(raw.body()));
        return raw;
    }

    private static Bytes proof(Api api, String call) throws IOException {
        return Bytes.wrap(
                HexFormat.of()
                        .parseHex(api.get("/v1/calls/" + call + "/proof").path("proof").asText()));
    }

    /** Flips each byte of the proof in turn; every one has to be noticed. */
    private static String refusedAfterFlip(Bytes proof) {
        String shown = "";
        for (int i = 0; i < proof.length(); i++) {
            byte[] forged = proof.toArray();
            forged[i] ^= 1;
            try {
                ProofReport.of(Bytes.wrap(forged));
            } catch (RefusedException e) {
                if (e.refusal().code() == ErrorCode.PROOF_REFUSED) {
                    shown = "byte " + i + ": " + e.refusal();
                }
                continue;
            }
            throw new RefusedException(ErrorCode.PROOF_REFUSED, "flipping byte " + i + " passed");
        }
        return "all " + proof.length() + " bytes tried, every flip refused; the last: " + shown;
    }

    private void wallets(LocalSwarm swarm) throws IOException {
        for (String owner : LocalSwarm.OWNERS) {
            JsonNode rows = swarm.node(owner).api().get("/v1/wallet/history?limit=20");
            for (JsonNode row : rows) {
                String kind = row.path("kind").asText();
                if (!kind.equals("grant") && !kind.equals("lock")) {
                    out.line(
                            String.format(
                                    "   %-6s %-8s %12s  %s",
                                    owner,
                                    kind,
                                    row.path(kind.equals("consume") ? "allocated" : "amount")
                                            .asText(),
                                    row.path("entry").asText()));
                }
            }
        }
    }

    private static boolean has(Api api, String kind) throws IOException {
        for (JsonNode row : api.get("/v1/wallet/history?limit=50")) {
            if (row.path("kind").asText().equals(kind)) {
                return true;
            }
        }
        return false;
    }

    private static String name(LocalSwarm swarm, String id) throws IOException {
        for (Peer peer : swarm.peers()) {
            if (peer.control().isPresent() && peer.control().get().id().equals(id)) {
                return peer.name();
            }
        }
        return id.substring(0, 8);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new RefusedException(new Refusal(ErrorCode.INTERNAL, otherwise));
        }
    }

    private static String brief(byte[] body) {
        String text = new String(body, java.nio.charset.StandardCharsets.UTF_8);
        return text.length() > 160 ? text.substring(0, 160) + "..." : text;
    }
}
