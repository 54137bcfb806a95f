package orb.cli;

import orb.kernel.ErrorCode;

/** What the process answers to a shell; documented in the README. */
public final class ExitCode {
    public static final int OK = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;

    private ExitCode() {}

    /** 10 plus the group of the error code: 11 function, 12 run, 13 network, 14 money, ... */
    public static int of(ErrorCode code) {
        return code == ErrorCode.INTERNAL ? FAILED : 10 + code.number() / 100;
    }
}
