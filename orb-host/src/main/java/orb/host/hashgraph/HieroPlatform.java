package orb.host.hashgraph;

import com.hedera.hapi.node.base.SemanticVersion;
import com.hedera.hapi.node.base.ServiceEndpoint;
import com.hedera.hapi.node.state.roster.RosterEntry;
import com.swirlds.base.time.Time;
import com.swirlds.common.context.PlatformContext;
import com.swirlds.config.api.Configuration;
import com.swirlds.config.api.ConfigurationBuilder;
import com.swirlds.metrics.api.Metrics;
import com.swirlds.platform.builder.PlatformBuilder;
import com.swirlds.platform.builder.internal.StaticPlatformBuilder;
import com.swirlds.platform.state.service.schemas.V0540RosterBaseSchema;
import com.swirlds.platform.state.signed.StartupStateUtils;
import com.swirlds.platform.system.Platform;
import com.swirlds.platform.util.BootstrapUtils;
import com.swirlds.state.State;
import com.swirlds.state.lifecycle.Schema;
import com.swirlds.state.lifecycle.StateDefinition;
import com.swirlds.state.lifecycle.StateMetadata;
import com.swirlds.state.merkle.VirtualMapStateLifecycleManager;
import com.swirlds.state.spi.CommittableWritableStates;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import orb.kernel.Address;
import orb.kernel.NodeId;
import org.hiero.base.file.FileSystemManager;
import org.hiero.consensus.io.SimpleRecycleBin;
import org.hiero.consensus.model.hashgraph.GenesisSnapshotFactory;
import org.hiero.consensus.platformstate.PlatformStateService;
import org.hiero.consensus.platformstate.PlatformStateUtils;
import org.hiero.consensus.platformstate.V0540PlatformStateSchema;
import org.hiero.consensus.roster.RosterHistory;
import org.hiero.consensus.roster.RosterStateId;
import org.hiero.consensus.roster.WritableRosterStore;

/**
 * Hiero's hashgraph platform in this process, made from a {@link Roster}.
 *
 * <p>All that Orb knows of the platform's insides is in this class, {@link PlatformApp}, {@link
 * PlatformSettings} and {@link GossipKeys}.
 */
final class HieroPlatform implements AutoCloseable {
    static final System.Logger LOG = System.getLogger(HieroPlatform.class.getName());

    private static final String NAME = "orb";
    private static final SemanticVersion VERSION = SemanticVersion.newBuilder().major(1).build();

    private final Platform platform;

    private HieroPlatform(Platform platform) {
        this.platform = platform;
    }

    /**
     * Makes the platform and starts it; it goes on from the state in the folder, if there is one.
     *
     * @param settings name the platform's own folder, which belongs to this roster alone
     * @param seat of this tracker in the roster
     */
    static HieroPlatform start(
            PlatformSettings settings, Roster roster, int seat, GossipKeys keys, PlatformApp app)
            throws GeneralSecurityException {
        Configuration configuration = configuration(settings);
        BootstrapUtils.setupConstructableRegistry();
        StaticPlatformBuilder.setupGlobalMetrics(configuration);
        var self = org.hiero.consensus.model.node.NodeId.of(seat);
        // of this provider, or the platform's own end would fail half-way; nobody reads them
        Metrics metrics = StaticPlatformBuilder.getMetricsProvider().createPlatformMetrics(self);
        Time time = Time.getCurrent();
        FileSystemManager files = new FileSystemManager(settings.folder());
        SimpleRecycleBin bin = new SimpleRecycleBin();
        PlatformContext context = PlatformContext.create(configuration, time, metrics, files, bin);
        VirtualMapStateLifecycleManager states =
                new VirtualMapStateLifecycleManager(metrics, time, configuration, files);
        com.hedera.hapi.node.state.roster.Roster voters = voters(roster);
        genesis(states.getMutableState(), voters, app);
        var initial =
                StartupStateUtils.loadInitialState(bin, VERSION, NAME, NAME, self, context, states);
        NodeId id = roster.seats().get(seat).id();
        Platform platform =
                PlatformBuilder.create(
                                NAME,
                                NAME,
                                VERSION,
                                initial.state(),
                                app,
                                self,
                                "tracker" + seat,
                                RosterHistory.fromGenesis(voters),
                                states)
                        .withConfiguration(configuration)
                        .withPlatformContext(context)
                        .withKeysAndCerts(keys.forPlatform(id, new SecureRandom()))
                        .withExecutionLayer(app)
                        .withStaleEventCallback(app::stale)
                        .build();
        platform.start();
        return new HieroPlatform(platform);
    }

    private static Configuration configuration(PlatformSettings settings) {
        ConfigurationBuilder builder = ConfigurationBuilder.create().autoDiscoverExtensions();
        settings.values().forEach(builder::withValue);
        return builder.build();
    }

    private static com.hedera.hapi.node.state.roster.Roster voters(Roster roster) {
        List<RosterEntry> entries = new ArrayList<>();
        for (int i = 0; i < roster.seats().size(); i++) {
            Roster.Seat seat = roster.seats().get(i);
            entries.add(
                    RosterEntry.newBuilder()
                            .nodeId(i)
                            .weight(seat.weight())
                            .gossipCaCertificate(bytes(seat.keys().certificate().array()))
                            .gossipEndpoint(endpoint(seat.keys().gossip()))
                            .build());
        }
        return com.hedera.hapi.node.state.roster.Roster.newBuilder().rosterEntries(entries).build();
    }

    private static ServiceEndpoint endpoint(Address address) {
        ServiceEndpoint.Builder endpoint = ServiceEndpoint.newBuilder().port(address.port());
        if (!address.host().matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
            return endpoint.domainName(address.host()).build();
        }
        String[] parts = address.host().split("\\.");
        byte[] ip = new byte[4];
        for (int i = 0; i < ip.length; i++) {
            ip[i] = (byte) Integer.parseInt(parts[i]);
        }
        return endpoint.ipAddressV4(bytes(ip)).build();
    }

    private static com.hedera.pbj.runtime.io.buffer.Bytes bytes(byte[] bytes) {
        return com.hedera.pbj.runtime.io.buffer.Bytes.wrap(bytes);
    }

    /** Fills a state that is new; one that is then loaded from disk takes its place. */
    private static void genesis(
            State state, com.hedera.hapi.node.state.roster.Roster voters, PlatformApp app) {
        register(state, new V0540PlatformStateSchema(), PlatformStateService.NAME);
        register(state, new V0540RosterBaseSchema(), RosterStateId.SERVICE_NAME);
        PlatformStateUtils.bulkUpdateOf(
                state,
                values -> {
                    values.setCreationSoftwareVersion(VERSION);
                    values.setRound(0);
                    values.setSnapshot(GenesisSnapshotFactory.newGenesisSnapshot());
                    values.setConsensusTimestamp(Instant.EPOCH);
                });
        ((CommittableWritableStates) state.getWritableStates(PlatformStateService.NAME)).commit();
        var rosters = state.getWritableStates(RosterStateId.SERVICE_NAME);
        new WritableRosterStore(rosters).putActiveRoster(voters, 0);
        ((CommittableWritableStates) rosters).commit();
        app.begin(state);
    }

    @SuppressWarnings({"rawtypes", "unchecked"}) // as the platform declares them
    private static void register(State state, Schema<SemanticVersion> schema, String service) {
        for (StateDefinition definition : schema.statesToCreate()) {
            state.initializeState(new StateMetadata(service, definition));
        }
    }

    /** Stops taking part. */
    @Override
    public void close() {
        try {
            platform.destroy();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
