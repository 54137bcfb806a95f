package orb.host.net;

import orb.kernel.NodeId;

/** Ids of peers that do not run. */
final class TestIds {
    private TestIds() {}

    static NodeId of(int number) {
        return NodeId.of(Keys.of(number).publicKey());
    }
}
