package orb.host.capability;

import java.util.Map;
import java.util.TreeMap;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.message.Grants;
import orb.kernel.port.HostCall;
import orb.kernel.port.HostCalls;
import orb.kernel.port.HostReply;

/**
 * What a trial run may ask for: the same answers wherever the trial is run, so that the fuel it
 * takes is the same too. The key-value space begins empty and lasts for the run; no request leaves;
 * no secret is there. Used by one thread at a time.
 */
public final class TrialCalls implements HostCalls {
    private final Grants grants;
    private final Map<Bytes, Bytes> space = new TreeMap<>();
    private long used;

    public TrialCalls(Grants grants) {
        this.grants = grants;
    }

    @Override
    public HostReply call(HostCall call) {
        if (!Denials.isGranted(grants, call)) {
            return new HostReply.Refused(Denials.refusal(call));
        }
        return switch (call) {
            case HostCall.KvGet(var key) ->
                    space.containsKey(key)
                            ? new HostReply.Found(space.getOrDefault(key, Bytes.EMPTY))
                            : new HostReply.Missing();
            case HostCall.KvSet(var key, var value) -> set(key, value);
            case HostCall.KvDelete(var key) -> delete(key);
            case HostCall.Fetch _ ->
                    refused(ErrorCode.EGRESS_FAILED, "no request leaves a trial run");
            case HostCall.Secret _ ->
                    refused(ErrorCode.NO_SECRET, "no secret is released to a trial run");
        };
    }

    private HostReply set(Bytes key, Bytes value) {
        long before = space.containsKey(key) ? size(key) : 0;
        long after = used - before + key.length() + value.length();
        if (after > grants.kv().bytes()) {
            return new HostReply.Refused(Denials.full(after, grants.kv()));
        }
        used = after;
        space.put(key, value);
        return new HostReply.Done();
    }

    private HostReply delete(Bytes key) {
        if (!space.containsKey(key)) {
            return new HostReply.Missing();
        }
        used -= size(key);
        space.remove(key);
        return new HostReply.Done();
    }

    private long size(Bytes key) {
        return (long) key.length() + space.getOrDefault(key, Bytes.EMPTY).length();
    }

    private static HostReply refused(ErrorCode code, String what) {
        return new HostReply.Refused(new Refusal(code, what));
    }
}
