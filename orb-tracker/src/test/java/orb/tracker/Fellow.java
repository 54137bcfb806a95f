package orb.tracker;

import java.util.List;
import orb.kernel.Address;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Contact;
import orb.kernel.Credits;
import orb.kernel.NodeId;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Membership;
import orb.kernel.port.Effect;
import orb.kernel.port.Event;
import orb.overlay.Assurance;
import orb.overlay.Bandwidth;
import orb.overlay.Capabilities;
import orb.overlay.PeerRecord;

/** Another tracker of the swarm, at the other end of a link. */
final class Fellow {
    final Scene scene;
    final KeyPair key;
    final NodeId id;
    final Contact contact;

    private Fellow(Scene scene, KeyPair key) {
        this.scene = scene;
        this.key = key;
        id = NodeId.of(key.publicKey());
        contact = new Contact(id, new Address("127.0.0.1", 7002));
    }

    /** One whose id is above, or below, that of the scene's tracker. */
    static Fellow of(Scene scene, boolean isAbove) {
        for (int i = 0; ; i++) {
            Fellow fellow = new Fellow(scene, Scene.key("fellow " + i));
            if (fellow.id.compareTo(Scene.SELF) > 0 == isAbove) {
                return fellow;
            }
        }
    }

    Bytes record(PeerRecord.Role role) {
        return new PeerRecord(
                        key.publicKey(),
                        role,
                        true,
                        "",
                        List.of(contact.address()),
                        new Capabilities(2, ByteSize.mib(256), Bandwidth.UNKNOWN, List.of()),
                        Assurance.L1,
                        Credits.ZERO,
                        scene.now.toEpochMilli(),
                        scene.now.plusSeconds(3600))
                .sign(key)
                .bytes();
    }

    Membership.Welcome welcome(PeerRecord.Role role) {
        return new Membership.Welcome(
                Scene.GENESIS.network(), record(role), new Address("192.0.2.1", 1), List.of(), 1);
    }

    /** The scene's tracker is told of it, dials it and is welcomed. */
    Fellow met() {
        scene.step(new Event.Discovered(List.of(contact)));
        scene.step(new Event.Linked(id, contact.address(), true));
        scene.reply(asked(), welcome(PeerRecord.Role.TRACKER));
        return this;
    }

    /** The oldest question that it was asked. */
    Effect.Ask asked() {
        return scene.asksTo(id).getFirst();
    }
}
