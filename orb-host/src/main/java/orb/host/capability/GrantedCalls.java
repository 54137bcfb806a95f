package orb.host.capability;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Response;
import orb.kernel.Result;
import orb.kernel.message.Grants;
import orb.kernel.port.Denial;
import orb.kernel.port.HostCall;
import orb.kernel.port.HostCalls;
import orb.kernel.port.HostReply;
import orb.kernel.port.RunFacts;

/**
 * What one call of a function may ask of this node. The grants are those of the version that the
 * owner signed, and the spaces those of the function that the role named: nothing that the run says
 * chooses either. Used by one thread at a time; {@link #denied} by any.
 */
final class GrantedCalls implements HostCalls {
    private static final Duration REQUEST_MAX = Duration.ofSeconds(30);

    private final Grants grants;
    private final Means means;
    private final Duration requestMax;
    private final List<Denial> denied = new CopyOnWriteArrayList<>();

    /**
     * What a node has for a function.
     *
     * @param space its key-value space, or why this node has none
     * @param secrets what its owner keeps here for it, or why nothing
     * @param outbound sends its requests
     */
    record Means(Result<Space> space, Result<Space> secrets, Outbound outbound) {}

    /**
     * @param wall the run's limit, which no request outlasts
     */
    GrantedCalls(Grants grants, Means means, Duration wall) {
        this.grants = grants;
        this.means = means;
        this.requestMax = wall.compareTo(REQUEST_MAX) < 0 ? wall : REQUEST_MAX;
    }

    @Override
    public HostReply call(HostCall call) throws InterruptedException {
        if (!Denials.isGranted(grants, call)) {
            return deny(Denials.kind(call), Denials.refusal(call));
        }
        return switch (call) {
            case HostCall.KvGet(var key) ->
                    replied(
                            means.space.then(space -> space.get(key)),
                            found ->
                                    found.<HostReply>map(HostReply.Found::new)
                                            .orElseGet(HostReply.Missing::new));
            case HostCall.KvSet(var key, var value) ->
                    replied(
                            means.space.then(space -> space.set(key, value, grants.kv().bytes())),
                            this::kept);
            case HostCall.KvDelete(var key) ->
                    replied(
                            means.space.then(space -> space.delete(key)),
                            was -> was ? new HostReply.Done() : new HostReply.Missing());
            case HostCall.Fetch fetch -> fetched(fetch);
            case HostCall.Secret(var name) ->
                    replied(
                            means.secrets.then(secrets -> secrets.get(Bytes.utf8(name))),
                            found ->
                                    found.<HostReply>map(HostReply.Found::new)
                                            .orElseGet(() -> absent(name)));
        };
    }

    private HostReply kept(Optional<Long> beyond) {
        return beyond.<HostReply>map(
                        wanted -> new HostReply.Refused(Denials.full(wanted, grants.kv())))
                .orElseGet(HostReply.Done::new);
    }

    private static HostReply absent(String name) {
        return new HostReply.Refused(
                new Refusal(
                        ErrorCode.NO_SECRET,
                        "this node does not hold the secret " + name,
                        "on its owner's node: orb secret set OWNER/NAME " + name));
    }

    private HostReply fetched(HostCall.Fetch fetch) throws InterruptedException {
        Result<Response> answer = means.outbound.send(fetch, grants, requestMax);
        return switch (answer) {
            case Result.Ok<Response>(var response) -> new HostReply.Answered(response);
            case Result.Refused<Response>(var refusal)
                    when refusal.code() == ErrorCode.EGRESS_REFUSED ->
                    deny(Denial.Kind.EGRESS, refusal);
            case Result.Refused<Response>(var refusal) -> new HostReply.Refused(refusal);
        };
    }

    private HostReply deny(Denial.Kind kind, Refusal refusal) {
        Denial denial = new Denial(kind, refusal.code().code() + ": " + refusal.what());
        if (denied.size() < RunFacts.DENIED_MAX && !denied.contains(denial)) {
            denied.add(denial);
        }
        return new HostReply.Refused(refusal);
    }

    /** What a disk says of itself is for the node's owner, not for functions. */
    private static <T> HostReply replied(Result<T> result, Function<T, HostReply> reply) {
        return switch (result) {
            case Result.Ok<T>(var value) -> reply.apply(value);
            case Result.Refused<T>(var refusal) -> {
                Granting.LOG.log(System.Logger.Level.WARNING, refusal.toString());
                yield new HostReply.Refused(
                        new Refusal(refusal.code(), "this node's store cannot be used"));
            }
        };
    }

    @Override
    public List<Denial> denied() {
        return List.copyOf(denied);
    }
}
