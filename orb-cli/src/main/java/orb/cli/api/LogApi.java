package orb.cli.api;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import orb.host.gateway.CallReply;
import orb.host.gateway.Pages;
import orb.host.web.Exchange;
import orb.host.web.Route;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Header;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Response;
import orb.kernel.Result;
import orb.kernel.port.Event;
import orb.ledger.Genesis;
import orb.ledger.proof.EntryBundle;
import orb.ledger.proof.LogLeaf;
import orb.ledger.proof.LogRoster;
import orb.ledger.proof.TilePath;
import orb.tracker.TrackerCommand;
import orb.tracker.TrackerReply;

/**
 * The log's static files below {@code /log}, in the layout of C2SP tlog-tiles: on the tracker's API
 * without a token, and beside its functions for everyone. Thread-safe.
 */
public final class LogApi implements Pages {
    /** More are not read at once; the next is refused. */
    private static final int READERS_MAX = 32;

    private static final String PREFIX = "/log/";
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String BYTES = "application/octet-stream";

    private final Asker tracker;
    private final Reader entries;
    private final Semaphore readers = new Semaphore(READERS_MAX);

    /** Reads entries of the log that is on the disk. */
    @FunctionalInterface
    public interface Reader {
        /** Entries from this index on; fewer than asked for at the end of the log. */
        List<Event.Ordered> read(long from, int countMax);
    }

    private record Page(String type, Bytes content) {}

    public LogApi(Asker tracker, Reader entries) {
        this.tracker = tracker;
        this.entries = entries;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/log/checkpoint", x -> answer(x, "checkpoint")).opened(),
                Route.get("/log/genesis", x -> answer(x, "genesis")).opened(),
                Route.get("/log/keys", x -> answer(x, "keys")).opened(),
                Route.get("/log/tile/{+path}", x -> answer(x, "tile" + x.rest("path"))).opened());
    }

    private void answer(Exchange exchange, String path) {
        read(path)
                .ifPresentOrElse(
                        page -> exchange.bytes(200, page.type(), page.content()),
                        () -> exchange.bytes(404, TEXT, absent()));
    }

    /** The same files for everyone, at a tracker's gateway. */
    @Override
    public boolean serve(String target, CallReply reply) {
        if (!target.startsWith(PREFIX)) {
            return Pages.HEALTH.serve(target, reply);
        }
        if (!readers.tryAcquire()) {
            reply.refuse(
                    new Refusal(
                            ErrorCode.BUSY,
                            READERS_MAX + " files of the log are being read",
                            "try again in a moment"));
            return true;
        }
        Thread.startVirtualThread(() -> {
            try {
                reply.send(
                        read(target.substring(PREFIX.length()))
                                .map(page -> response(200, page))
                                .orElseGet(() -> response(404, new Page(TEXT, absent()))));
            } catch (RefusedException e) {
                reply.refuse(e.refusal());
            } finally {
                readers.release();
            }
        });
        return true;
    }

    private static Response response(int status, Page page) {
        return new Response(
                status, List.of(new Header("content-type", page.type())), page.content());
    }

    private static Bytes absent() {
        return Bytes.utf8("the log has no such file\n");
    }

    /** A file below {@code /log/}; empty if there is none of this name now. */
    private Optional<Page> read(String path) {
        return switch (path) {
            case "checkpoint" -> log().note().map(note -> new Page(TEXT, note));
            case "genesis" -> Optional.of(new Page(BYTES, log().genesis()));
            case "keys" -> Optional.of(new Page(TEXT, keys(log())));
            default ->
                    TilePath.parse(path) instanceof Result.Ok<TilePath>(var tile)
                            ? tile(tile).map(content -> new Page(BYTES, content))
                            : Optional.empty();
        };
    }

    private Optional<Bytes> tile(TilePath path) {
        if (path.level() == TilePath.ENTRIES) {
            List<Bytes> leaves =
                    entries.read(path.first(), path.width()).stream()
                            .map(each -> new LogLeaf(each.time(), each.entry()).encoded())
                            .toList();
            return leaves.size() == path.width()
                    ? Optional.of(EntryBundle.of(leaves))
                    : Optional.empty();
        }
        return ask(
                        new TrackerCommand.FindTile(path.level(), path.index(), path.width()),
                        TrackerReply.Tile.class)
                .hashes();
    }

    private TrackerReply.Log log() {
        return ask(new TrackerCommand.FindLog(), TrackerReply.Log.class);
    }

    private <T extends TrackerReply> T ask(TrackerCommand command, Class<T> kind) {
        return kind.cast(tracker.ask(command).orThrow());
    }

    /** The trackers' keys as cosigners, one a line. */
    private static Bytes keys(TrackerReply.Log log) {
        LogRoster roster =
                new LogRoster(Genesis.decode(log.genesis()).orThrow().network(), log.roster());
        return Bytes.utf8(
                roster.keys().stream()
                        .map(key -> roster.cosigner(key).vkey() + "\n")
                        .collect(joining()));
    }
}
