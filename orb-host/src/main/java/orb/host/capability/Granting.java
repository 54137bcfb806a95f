package orb.host.capability;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import orb.host.store.DataFolder;
import orb.host.store.SpaceFile;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.message.Grants;
import orb.kernel.port.Effect;
import orb.kernel.port.HostCall;
import orb.kernel.port.HostCalls;
import orb.kernel.port.Rights;

/**
 * What a node grants to runs: key-value spaces, requests, secrets; docs/protocol/capabilities.md.
 *
 * <p>A damaged or unusable store does not keep the node from starting: the functions that need it
 * are told at each call, with its code. Thread-safe.
 */
public final class Granting implements AutoCloseable {
    static final Logger LOG = System.getLogger(Granting.class.getName());

    private final Result<SpaceFile> file;
    private final Result<StorageKey> key;
    private final SecureRandom chance;
    private final Outbound outbound;

    private Granting(
            Result<SpaceFile> file, Result<StorageKey> key, SecureRandom chance, Outbound out) {
        this.file = file;
        this.key = key;
        this.chance = chance;
        this.outbound = out;
    }

    /** Opens the store of a data folder. */
    public static Granting open(DataFolder folder, Egress egress, SecureRandom chance) {
        return open(folder, new Outbound(egress, InetAddress::getAllByName), chance);
    }

    static Granting open(DataFolder folder, Outbound outbound, SecureRandom chance) {
        Result<SpaceFile> file = SpaceFile.open(folder);
        Result<StorageKey> key =
                StorageKey.openOrCreate(folder.path().resolve("storage.key"), chance);
        for (Result<?> each : List.of(file, key)) {
            if (each instanceof Result.Refused<?>(var refusal)) {
                LOG.log(Level.WARNING, refusal + "; functions cannot use their spaces");
            }
        }
        return new Granting(file, key, chance, outbound);
    }

    /** A run's way to what it is granted. */
    public HostCalls line(Effect.Run run) {
        return switch (run.rights()) {
            case Rights.Trial(var grants) -> new TrialCalls(grants);
            case Rights.Call(_, var grants) when grants.isNone() ->
                    new GrantedCalls(grants, nothing(), run.limits().wall());
            case Rights.Call(var function, var grants) ->
                    new GrantedCalls(
                            grants,
                            new GrantedCalls.Means(space(function), secrets(function), outbound),
                            run.limits().wall());
        };
    }

    /** The way of a run on a peer that makes trials alone. */
    public static HostCalls trial(Effect.Run run) {
        return new TrialCalls(run.rights().grants());
    }

    /** For the many that are granted nothing: no key is derived for them. */
    private GrantedCalls.Means nothing() {
        Result<Space> none = Result.refused(ErrorCode.NOT_GRANTED, "nothing was granted");
        return new GrantedCalls.Means(none, none, outbound);
    }

    private Result<Space> space(FunctionId function) {
        return file.then(open -> key.map(k -> Space.ofFunction(open, function, k, chance)));
    }

    private Result<Space> secrets(FunctionId function) {
        return file.then(open -> key.map(k -> Space.ofSecrets(open, function, k, chance)));
    }

    /**
     * Keeps a secret for a function of this node's owner.
     *
     * @param value 1..{@link HostCall#VALUE_MAX} bytes
     * @return BAD_ARGUMENT for a malformed name or value or for one too many
     */
    public Result<String> keepSecret(FunctionId function, String name, Bytes value) {
        if (!Grants.isSecretName(name)) {
            return Result.refused(
                    ErrorCode.BAD_ARGUMENT,
                    "a secret's name is 1..64 of A-Z, 0-9 and _, a letter first, not " + name);
        }
        if (value.isEmpty() || value.length() > HostCall.VALUE_MAX) {
            return Result.refused(
                    ErrorCode.BAD_ARGUMENT,
                    "a secret has 1.." + HostCall.VALUE_MAX + " bytes, not " + value.length());
        }
        return secretNames(function)
                .then(names ->
                        names.size() >= Grants.SECRETS_MAX && !names.contains(name)
                                ? Result.refused(
                                        ErrorCode.BAD_ARGUMENT,
                                        "a function has at most " + Grants.SECRETS_MAX + " secrets")
                                : secrets(function)
                                        .then(space ->
                                                space.set(Bytes.utf8(name), value, Long.MAX_VALUE))
                                        .map(_ -> name));
    }

    /** Keeps a secret no longer; NO_SECRET if it is not there. */
    public Result<String> forgetSecret(FunctionId function, String name) {
        return secrets(function)
                .then(space -> space.delete(Bytes.utf8(name)))
                .then(was ->
                        was
                                ? Result.ok(name)
                                : Result.refused(
                                        new Refusal(
                                                ErrorCode.NO_SECRET,
                                                "this node holds no secret " + name,
                                                "orb secret ls shows what it holds")));
    }

    /** Names of what is kept for a function; values are never told. */
    public Result<List<String>> secretNames(FunctionId function) {
        return secrets(function)
                .then(space -> space.all(Grants.SECRETS_MAX))
                .map(pairs -> pairs.stream().map(pair -> pair.name().utf8()).sorted().toList());
    }

    @Override
    public void close() {
        outbound.close();
        Optional.of(file).filter(Result::isOk).ifPresent(open -> open.orThrow().close());
    }
}
