package orb.sim;

import orb.kernel.port.Desk;
import orb.kernel.port.Effect;

/** The desk of a peer that nobody commands. */
final class SilentDesk implements Desk {
    @Override
    public void returned(Effect.Return effect) {
        throw new IllegalStateException("nobody gave command " + effect.command());
    }

    @Override
    public void progress(Effect.Progress effect) {
        throw new IllegalStateException("nobody gave command " + effect.command());
    }

    @Override
    public void tell(Effect.Tell effect) {
        // nobody follows
    }
}
