package orb.sandbox;

import orb.kernel.TrapCode;

/** Leaves the guest from within a host function; never seen outside the sandbox. */
final class Stop extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Exit status of a program, or -1 if it was stopped for a {@link #code}. */
    final int status;

    final TrapCode code;

    private Stop(int status, TrapCode code, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.code = code;
    }

    static Stop exit(int status) {
        return new Stop(status & 0xff, TrapCode.EXIT, "status " + (status & 0xff));
    }

    static Stop trap(TrapCode code, String detail) {
        return new Stop(-1, code, detail);
    }
}
