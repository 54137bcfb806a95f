package orb.host.capability;

import orb.kernel.ByteSize;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.message.Grants;
import orb.kernel.port.Denial;
import orb.kernel.port.HostCall;

/** What is not granted, and how that is said: the same words in a trial and in a call. */
final class Denials {
    private Denials() {}

    /** Whether grants name the kind of call at all, and the secret; origins are looked at later. */
    static boolean isGranted(Grants grants, HostCall call) {
        return switch (call) {
            case HostCall.KvGet _, HostCall.KvSet _, HostCall.KvDelete _ -> grants.kv().bytes() > 0;
            case HostCall.Fetch _ -> !grants.http().isEmpty();
            case HostCall.Secret(var name) -> grants.secrets().contains(name);
        };
    }

    /** What the call would have reached. */
    static Denial.Kind kind(HostCall call) {
        return switch (call) {
            case HostCall.KvGet _, HostCall.KvSet _, HostCall.KvDelete _, HostCall.Secret _ ->
                    Denial.Kind.CAPABILITY;
            case HostCall.Fetch _ -> Denial.Kind.EGRESS;
        };
    }

    static Refusal refusal(HostCall call) {
        return new Refusal(
                ErrorCode.NOT_GRANTED,
                "the function was not granted " + named(call),
                "name it under capabilities in orb.yaml");
    }

    private static String named(HostCall call) {
        return switch (call) {
            case HostCall.KvGet _, HostCall.KvSet _, HostCall.KvDelete _ -> "a key-value space";
            case HostCall.Fetch _ -> "any request over HTTP";
            case HostCall.Secret(var name) ->
                    Grants.isSecretName(name) ? "the secret " + name : "a secret of such a name";
        };
    }

    static Refusal full(long wanted, ByteSize quota) {
        return new Refusal(
                ErrorCode.KV_FULL,
                "the space would hold " + wanted + " bytes, and " + quota.bytes() + " are granted",
                "delete keys, or raise kv.quota in orb.yaml");
    }
}
