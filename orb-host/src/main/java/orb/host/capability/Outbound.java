package orb.host.capability;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import orb.kernel.ErrorCode;
import orb.kernel.Header;
import orb.kernel.Response;
import orb.kernel.Result;
import orb.kernel.message.Grants;
import orb.kernel.port.HostCall;

/**
 * Sends the requests of functions: to what their grants cover, at addresses that this node allows,
 * within a time and a size.
 *
 * <p>Each is carried by a thread of a bounded pool, since looking up a name cannot be interrupted;
 * one too many is refused as busy. Thread-safe.
 */
final class Outbound implements AutoCloseable {
    private static final int AT_ONCE_MAX = 32;

    private final Egress egress;
    private final Resolver resolver;
    private final ThreadPoolExecutor threads;

    /** Finds the addresses of a name. */
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    Outbound(Egress egress, Resolver resolver) {
        this.egress = egress;
        this.resolver = resolver;
        threads =
                new ThreadPoolExecutor(
                        0,
                        AT_ONCE_MAX,
                        10,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        Thread.ofPlatform().daemon(true).name("orb-egress-", 0).factory());
    }

    /**
     * Sends a request and waits for its answer.
     *
     * @return BAD_HOST_CALL, EGRESS_REFUSED naming host and reason, EGRESS_FAILED or BUSY
     *     otherwise; texts hold nothing of this machine
     */
    Result<Response> send(HostCall.Fetch fetch, Grants grants, Duration time)
            throws InterruptedException {
        Target target;
        try {
            target = Target.parse(fetch.url());
        } catch (IllegalArgumentException e) {
            return Result.refused(ErrorCode.BAD_HOST_CALL, String.valueOf(e.getMessage()));
        }
        Optional<Header> hop =
                fetch.headers().stream().filter(h -> HttpExchange.isHop(h.name())).findFirst();
        if (hop.isPresent()) {
            return Result.refused(
                    ErrorCode.BAD_HOST_CALL, "the node sets the field " + hop.get().name());
        }
        if (target.grantedBy(grants).isEmpty()) {
            return refused(target, "is not among the origins that it was granted");
        }
        if (egress == Egress.NONE) {
            return refused(target, "cannot be reached: this node lets no function send requests");
        }
        return carried(target, fetch, time);
    }

    private Result<Response> carried(Target target, HostCall.Fetch fetch, Duration time)
            throws InterruptedException {
        try (HttpExchange exchange = new HttpExchange(System.nanoTime() + time.toNanos())) {
            Future<Result<Response>> answer;
            try {
                answer = threads.submit(() -> dialled(exchange, target, fetch));
            } catch (RejectedExecutionException e) {
                return Result.refused(
                        ErrorCode.BUSY, AT_ONCE_MAX + " requests of functions are under way");
            }
            return answer.get(time.toMillis() + 1, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return Result.refused(
                    ErrorCode.EGRESS_FAILED,
                    target.origin() + " gave no answer within " + time.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw new IllegalStateException("sending a request", e.getCause());
        }
    }

    private Result<Response> dialled(HttpExchange exchange, Target target, HostCall.Fetch fetch) {
        try {
            InetAddress[] found = resolver.resolve(target.host());
            for (InetAddress address : found) {
                if (egress.allows(address, target.isAddress())) {
                    return Result.ok(exchange.send(target, address, fetch));
                }
            }
            return refused(target, "has no address that this node lets functions reach");
        } catch (UnknownHostException e) {
            return failed(target, "there is no such host");
        } catch (IOException e) {
            return failed(target, String.valueOf(e.getMessage()));
        }
    }

    private static Result<Response> refused(Target target, String why) {
        return Result.refused(ErrorCode.EGRESS_REFUSED, target.origin() + " " + why);
    }

    private static Result<Response> failed(Target target, String why) {
        return Result.refused(ErrorCode.EGRESS_FAILED, target.origin() + ": " + why);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
