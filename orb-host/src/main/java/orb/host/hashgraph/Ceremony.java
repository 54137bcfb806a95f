package orb.host.hashgraph;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import orb.host.store.DataFolder;
import orb.host.store.EntryLog;
import orb.host.store.FileFault;
import orb.host.store.LogTail;
import orb.host.wallet.MachineKey;
import orb.kernel.Address;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;

/**
 * How trackers come to a common {@link Roster}: each writes its {@link TrackerKeys}, all files are
 * brought together, and one roster is made of them, by anyone and with the same bytes.
 */
public final class Ceremony {
    private static final int ROSTER_FILE_MAX = 256 << 10;

    private Ceremony() {}

    /**
     * What the tracker with this data folder tells the others; makes its keys if it has none.
     *
     * @param folder not in use by a process
     * @param gossip where it will listen for events
     * @param log where it will listen for trackers that fetch entries
     */
    public static Result<TrackerKeys> keys(Path folder, Address gossip, Address log) {
        SecureRandom chance = new SecureRandom();
        return DataFolder.open(folder)
                .then(data -> {
                    try (data) {
                        KeyPair key = MachineKey.openOrCreate(data.machineKey(), chance).orThrow();
                        return GossipKeys.openOrCreate(data, NodeId.of(key.publicKey()), chance)
                                .map(own -> TrackerKeys.sign(key, gossip, log, own.certificate()));
                    } catch (orb.kernel.RefusedException e) {
                        return Result.refused(e.refusal());
                    }
                });
    }

    /** The end of the log in a stopped tracker's data folder, for a roster that goes on from it. */
    public static Result<LogTail> tail(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Result.refused(
                    new Refusal(
                            ErrorCode.BAD_ARGUMENT,
                            "there is no data folder " + folder,
                            "name the folder of a tracker that is stopped"));
        }
        return DataFolder.open(folder)
                .then(data -> {
                    try (data) {
                        return EntryLog.open(data)
                                .map(log -> {
                                    try (log) {
                                        return log.tail();
                                    }
                                });
                    }
                });
    }

    /** Reads files that {@link TrackerKeys#encoded} filled; a refusal names the file. */
    public static Result<List<TrackerKeys>> readKeys(List<Path> files) {
        List<TrackerKeys> read = new ArrayList<>();
        for (Path file : files) {
            switch (read(file, TrackerKeys.FILE_MAX, TrackerKeys::decode)) {
                case Result.Ok(var keys) -> read.add(keys);
                case Result.Refused(var refusal) -> {
                    return Result.refused(refusal);
                }
            }
        }
        return Result.ok(List.copyOf(read));
    }

    /** Reads a file that {@link Roster#encoded} filled; a refusal names the file. */
    public static Result<Roster> readRoster(Path file) {
        return read(file, ROSTER_FILE_MAX, Roster::decode);
    }

    private static <T> Result<T> read(Path file, int bytesMax, Function<Bytes, Result<T>> decode) {
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(bytesMax + 1);
        } catch (IOException e) {
            return Result.refused(FileFault.refusal(file, e));
        }
        return switch (decode.apply(Bytes.wrap(bytes))) {
            case Result.Ok<T> ok -> ok;
            case Result.Refused<T>(var refusal) ->
                    Result.refused(
                            new Refusal(
                                    refusal.code(),
                                    file + ": " + refusal.what(),
                                    "get the file again from the one who made it"));
        };
    }
}
