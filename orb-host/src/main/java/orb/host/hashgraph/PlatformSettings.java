package orb.host.hashgraph;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the platform is told to do otherwise than by its defaults, which are a public network's.
 *
 * @param folder where it keeps its files
 * @param values by the platform's own names
 */
record PlatformSettings(Path folder, Map<String, String> values) {
    static PlatformSettings of(Path folder, int roundsKept) {
        Map<String, String> values = new LinkedHashMap<>();
        durable(values);
        quick(values);
        small(values);
        silent(values, folder);
        values.put("consensus.roundsExpired", Integer.toString(roundsKept));
        return new PlatformSettings(folder, values);
    }

    /**
     * An event of ours is on the disk before anybody sees it: so all that the trackers ever agreed
     * on is on their disks together, even if all of them are killed at once.
     */
    private static void durable(Map<String, String> values) {
        values.put("event.preconsensus.inlinePcesSyncOption", "EVERY_SELF_EVENT");
        values.put("event.preconsensus.limitReplayFrequency", "false");
        values.put("event.preconsensus.copyRecentStreamToStateSnapshots", "false");
        values.put("state.saveStatePeriod", "60");
        values.put("state.signedStateDisk", "2");
    }

    private static void quick(Map<String, String> values) {
        values.put("platformStatus.observingStatusDelay", "1s");
        values.put("reconnect.minimumTimeBetweenReconnects", "2s");
        // at the bound the platform would end the process
        values.put("reconnect.maximumReconnectFailuresBeforeShutdown", "1000000000");
        values.put("socket.waitBetweenConnectionRetries", "100");
    }

    /** The state is one value; the defaults reserve memory for a billion. */
    private static void small(Map<String, String> values) {
        values.put("merkleDb.initialCapacity", "10000");
        values.put("merkleDb.maxNumOfKeys", "100000");
        values.put("merkleDb.hashStoreRamBufferSize", "10000");
        values.put("merkleDb.leafRecordCacheSize", "1024");
        values.put("merkleDb.compactionThreads", "1");
        values.put("virtualMap.numHashThreads", "1");
        values.put("virtualMap.numCleanerThreads", "1");
        values.put("merkleDb.numHalfDiskHashMapFlushThreads", "1");
        values.put("virtualMap.copyFlushCandidateThreshold", "1000000");
    }

    private static void silent(Map<String, String> values, Path folder) {
        values.put("prometheus.endpointEnabled", "false");
        values.put("metrics.disableMetricsOutput", "true");
        values.put("event.enableEventStreaming", "false");
        values.put("event.eventsLogDir", folder.resolve("events").toString());
        values.put("state.enableHashStreamLogging", "false");
        values.put("paths.settingsUsedDir", folder.toString());
    }
}
