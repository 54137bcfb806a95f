package orb.cli.api;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import orb.host.web.Exchange;
import orb.host.web.Route;
import orb.kernel.port.Notice;

/**
 * What happens, as server-sent events: the last of the past, then what comes. A follower that reads
 * too slowly misses events rather than holding anybody up. Thread-safe.
 */
public final class EventsApi {
    private static final int PAST_MAX = 500;
    private static final int BEHIND_MAX = 1_000;
    private static final int FOLLOWERS_MAX = 64;
    private static final long BEAT_SECONDS = 10;

    private final Deque<Notice> past = new ArrayDeque<>();
    private final List<BlockingQueue<Notice>> followers = new CopyOnWriteArrayList<>();

    public List<Route> routes() {
        return List.of(Route.get("/v1/events", this::events));
    }

    /** Hears of a notice. */
    public void tell(Notice notice) {
        synchronized (past) {
            past.addLast(notice);
            if (past.size() > PAST_MAX) {
                past.removeFirst();
            }
            followers.forEach(follower -> follower.offer(notice));
        }
    }

    private void events(Exchange exchange) throws IOException {
        boolean follow = !exchange.query("follow").orElse("").equals("false");
        BlockingQueue<Notice> coming = new ArrayBlockingQueue<>(BEHIND_MAX);
        List<Notice> before;
        synchronized (past) {
            before = new ArrayList<>(past);
            if (follow && followers.size() < FOLLOWERS_MAX) {
                followers.add(coming);
            }
        }
        try (Exchange.Lines lines = exchange.events()) {
            for (Notice notice : before) {
                lines.send(Views.notice(notice));
            }
            while (follow && followers.contains(coming)) {
                Notice notice = coming.poll(BEAT_SECONDS, TimeUnit.SECONDS);
                if (notice == null) {
                    lines.beat();
                } else {
                    lines.send(Views.notice(notice));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            followers.remove(coming);
        }
    }
}
