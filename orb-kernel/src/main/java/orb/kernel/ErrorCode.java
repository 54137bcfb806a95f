package orb.kernel;

import java.util.Locale;

/**
 * Every error that a user or peer can meet, with its page in {@code docs/errors}.
 *
 * <p>Codes are never reused: a code that is no longer met keeps its page.
 */
public enum ErrorCode {
    MALFORMED_BYTES(1, 400, "bytes are not a canonical message"),
    MALFORMED_HTTP(2, 400, "the HTTP request is malformed"),
    BODY_TOO_LARGE(3, 413, "the body is larger than allowed"),
    BODY_TOO_SLOW(4, 408, "the body did not arrive in time"),
    BAD_ARGUMENT(5, 400, "an argument is missing or wrong"),

    NOT_WASM(101, 422, "the file is not WebAssembly"),
    TRUNCATED_WASM(102, 422, "the module ends too early or is damaged"),
    MODULE_TOO_LARGE(103, 413, "the module is larger than allowed"),
    SIMD_REFUSED(104, 422, "the module uses SIMD"),
    THREADS_REFUSED(105, 422, "the module uses threads or shared memory"),
    MEMORY64_REFUSED(106, 422, "the module uses 64-bit memory"),
    NO_ENTRY(107, 422, "the module has no entry point that Orb knows"),
    IMPORT_NOT_OFFERED(108, 422, "the module imports what no sandbox offers"),
    MODULE_BOMB(109, 422, "the module declares more than a sandbox gives"),
    INVALID_MODULE(110, 422, "the module does not validate"),
    SCRIPT_REFUSED(111, 422, "the script does not compile"),
    BUILD_FAILED(112, 422, "the build command failed"),
    MANIFEST_INVALID(113, 422, "orb.yaml is not valid"),
    PACKAGE_DAMAGED(114, 422, "the package is damaged or its signature is wrong"),
    PROPOSAL_REFUSED(115, 422, "the module uses a proposal that is not supported"),
    PROCESSES_OFF(116, 422, "native programs are not run here"),

    OUT_OF_FUEL(201, 500, "the function used all its fuel"),
    TRAPPED(202, 500, "the function stopped with a trap"),
    DEADLINE(203, 504, "the function did not end in time"),
    OUT_OF_MEMORY(204, 500, "the function reached its memory limit"),
    STACK_EXHAUSTED(205, 500, "the function called itself too deeply"),
    BAD_OUTPUT(206, 502, "the function's output is malformed or too large"),
    BUSY(207, 503, "the node has no free place"),
    COMPLEXITY_MISMATCH(208, 422, "the trial run differs from what the owner claimed"),
    WORKER_LOST(209, 502, "the worker that ran the function ended"),
    WORKER_FAILED(210, 503, "the worker that runs functions does not start"),
    LIMIT_UNKEPT(219, 503, "this machine cannot keep a limit that its owner set"),
    NOT_GRANTED(221, 403, "the function was not granted this capability"),
    EGRESS_REFUSED(222, 403, "the function may not send a request there"),
    KV_FULL(223, 507, "the function's key-value space is full"),
    HOST_CALLS_SPENT(224, 429, "the run has made all the host calls that it may"),
    EGRESS_FAILED(225, 502, "the function's request got no answer"),
    NO_SECRET(226, 404, "this node does not hold the secret"),
    BAD_HOST_CALL(227, 400, "the function made a malformed host call"),

    UNKNOWN_FUNCTION(301, 404, "there is no such function"),
    NO_HOST(302, 503, "no live node serves this function"),
    NOT_CONNECTED(303, 503, "the node is not connected to a tracker"),
    PEER_LOST(304, 502, "the connection was lost before the answer"),
    PORT_IN_USE(305, 500, "the port is taken"),
    NO_BOOTSTRAP(306, 503, "no known tracker answers"),
    DOMAIN_UNREACHABLE(307, 500, "the tracker's domain does not resolve to a reachable address"),
    WRONG_NETWORK(308, 400, "the peer belongs to another swarm"),
    WRONG_PEER_KEY(309, 403, "the peer's key is not the expected one"),
    TIMED_OUT(310, 504, "no answer in time"),
    UNKNOWN_PEER(311, 404, "there is no such peer"),
    UNKNOWN_CALL(312, 404, "there is no such call"),
    NO_RECORD(313, 404, "no peer has such a record"),
    DISCOVERY_OFF(314, 503, "this peer has no part in the hash table"),
    NOT_NEAR(315, 421, "other peers are nearer to the record's key"),

    INSUFFICIENT_BALANCE(401, 402, "the balance is too low"),
    BAD_SIGNATURE(402, 403, "a signature is wrong"),
    REPLAYED_ENTRY(403, 409, "this entry was already used"),
    UNKNOWN_ACCOUNT(404, 404, "there is no such account"),
    ALREADY_GRANTED(405, 409, "this identity already had its grant"),
    NO_PLAN(406, 400, "no reward plan was chosen"),
    CHANNEL_EXHAUSTED(407, 402, "the channel's credits are used up"),
    BAD_VOUCHER(408, 400, "the voucher does not fit its channel"),
    UNPAID(409, 402, "too many calls are unpaid"),
    NOT_OWNER(410, 403, "only the owner may do this"),
    NAME_TAKEN(411, 409, "the name is taken"),
    UNKNOWN_CHANNEL(412, 404, "there is no such channel"),
    TOO_MANY_GRANTS(413, 429, "grants are given at a limited rate"),
    TOO_MANY_ACCOUNTS(414, 429, "accounts are opened at a limited rate"),
    ENTRY_EXPIRED(415, 408, "the entry came too late or lives too long"),
    CHANNEL_STATE(416, 409, "the channel's state does not allow this"),

    WRONG_PASSPHRASE(501, 403, "the passphrase does not open the wallet"),
    WALLET_DAMAGED(502, 500, "the wallet file is damaged or was tampered with"),
    NOT_LOGGED_IN(503, 401, "nobody is logged in on this node"),
    TOKEN_REFUSED(504, 401, "the token is missing, unknown or used up"),
    FORBIDDEN(505, 403, "the token does not allow this"),
    WALLET_EXISTS(506, 409, "there is a wallet already"),
    KEY_EXPOSED(507, 500, "others can read a key file"),
    NO_WALLET(508, 404, "there is no wallet here"),

    DISK_FULL(601, 507, "the disk is full"),
    STORE_DAMAGED(602, 500, "a database file is damaged"),
    HASH_MISMATCH(603, 502, "content does not match its hash"),
    STORE_LOCKED(604, 500, "another process uses this data folder"),
    STORE_UNUSABLE(605, 500, "a file or folder cannot be read or written"),

    PROOF_REFUSED(701, 422, "the proof does not hold"),
    NOT_FINAL(702, 503, "too few trackers have cosigned this yet"),
    LOG_BROKEN(703, 422, "the log is not what was signed"),
    LOG_FORKED(704, 409, "there are two histories of the ledger"),

    TOOL_MISSING(801, 500, "a program that this needs is not installed"),
    NOT_RUNNING(802, 503, "no swarm or node is running here"),
    INTERNAL(901, 500, "an internal error");

    private final int number;
    private final int httpStatus;
    private final String title;

    ErrorCode(int number, int httpStatus, String title) {
        this.number = number;
        this.httpStatus = httpStatus;
        this.title = title;
    }

    public int number() {
        return number;
    }

    /** The stable text, such as {@code ORB-0301}. */
    public String code() {
        return String.format(Locale.ROOT, "ORB-%04d", number);
    }

    /** The status that HTTP answers with this error carry. */
    public int httpStatus() {
        return httpStatus;
    }

    public String title() {
        return title;
    }

    /**
     * The code of this number.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static ErrorCode ofNumber(int number) {
        for (ErrorCode code : values()) {
            if (code.number == number) {
                return code;
            }
        }
        throw new IllegalArgumentException("no error code has the number " + number);
    }
}
