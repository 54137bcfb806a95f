package orb.sim;

import java.util.Optional;
import java.util.random.RandomGenerator;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Fuel;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;

/**
 * The function that simulated owners deploy: sums the bytes of its input, so that answers can be
 * checked and fuel depends on the input. An input that starts with 255 traps, one that starts with
 * 254 runs until its fuel is used up.
 *
 * <pre>{@code
 * (module
 *   (memory (export "memory") 1)
 *   (func (export "alloc") (param i32) (result i32) i32.const 1024)
 *   (func (export "handle") (param $at i32) (param $length i32) (result i64)
 *     (local $sum i32) (local $i i32)
 *     (if (local.get $length) (then
 *       (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 255)) (then unreachable))
 *       (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 254))
 *         (then (loop $ever (br $ever))))))
 *     (block $done (loop $next
 *       (br_if $done (i32.ge_u (local.get $i) (local.get $length)))
 *       (local.set $sum (i32.add (local.get $sum)
 *         (i32.load8_u (i32.add (local.get $at) (local.get $i)))))
 *       (local.set $i (i32.add (local.get $i) (i32.const 1)))
 *       (br $next)))
 *     (i32.store (i32.const 16) (local.get $sum))
 *     (i64.or (i64.shl (i64.const 16) (i64.const 32)) (i64.const 4))))
 * }</pre>
 */
final class Guest {
    static final Bytes MODULE =
            Bytes.hex(
                    "0061736d01000000010c0260017f017f60027f7f017e03030200010503010001071b0306"
                            + "6d656d6f7279020005616c6c6f6300000668616e646c6500010a610205004180"
                            + "080b5901027f2001044020002d000041ff01460440000b20002d000041fe0146"
                            + "044003400c000b0b0b02400340200320014f0d012002200020036a2d00006a21"
                            + "02200341016a21030c000b0b4110200236020042104220864204840b");

    /** Little fuel, so that using it all up is soon done. */
    static final Limits LIMITS =
            new Limits(ByteSize.mib(1), new Fuel(100_000), Limits.DEFAULT.wall());

    private static final int LENGTH_MOST = 200;
    private static final int TRAPS = 255;
    private static final int RUNS_DRY = 254;

    private Guest() {}

    /** Most requests change something, so they may run once; the others may run again. */
    static Request request(RandomGenerator chance) {
        byte[] input = new byte[chance.nextInt(LENGTH_MOST)];
        chance.nextBytes(input);
        if (input.length > 0 && chance.nextInt(20) == 0) {
            input[0] = (byte) (chance.nextBoolean() ? TRAPS : RUNS_DRY);
        }
        Request post = Request.post(Bytes.wrap(input));
        return chance.nextInt(5) > 0
                ? post
                : new Request("GET", post.path(), post.query(), post.headers(), post.body());
    }

    /** A request that does not fail. */
    static Request harmless() {
        return Request.post(Bytes.utf8("sample"));
    }

    /** What is wrong with an outcome, if anything. */
    static Optional<String> wrong(Bytes input, Outcome outcome) {
        int first = input.isEmpty() ? 0 : input.at(0) & 0xff;
        boolean isRight =
                switch (outcome) {
                    case Outcome.Completed(var response, _) ->
                            first < RUNS_DRY && response.body().equals(answer(input));
                    case Outcome.Trapped _ -> first == TRAPS;
                    case Outcome.OutOfFuel _ -> first == RUNS_DRY;
                    case Outcome.Refused _ -> true; // it was not run
                };
        return isRight
                ? Optional.empty()
                : Optional.of(
                        "got " + outcome + " for " + input + ", which sums up to " + answer(input));
    }

    private static Bytes answer(Bytes input) {
        int sum = 0;
        for (int i = 0; i < input.length(); i++) {
            sum += input.at(i) & 0xff;
        }
        return Bytes.of((byte) sum, (byte) (sum >> 8), (byte) (sum >> 16), (byte) (sum >> 24));
    }
}
