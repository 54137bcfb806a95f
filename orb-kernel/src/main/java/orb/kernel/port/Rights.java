package orb.kernel.port;

import orb.kernel.FunctionId;
import orb.kernel.message.Grants;

/** Whose capabilities a run has. A role decides it; neither the run nor its worker can. */
public sealed interface Rights {
    Grants grants();

    /**
     * A trial: nothing reaches beyond the run, and equal trials see the same. Its key-value space
     * begins empty and ends with it, no request leaves and no secret is there.
     */
    record Trial(Grants grants) implements Rights {}

    /** A call: the function's own space on this node, its origins and its secrets. */
    record Call(FunctionId function, Grants grants) implements Rights {}
}
