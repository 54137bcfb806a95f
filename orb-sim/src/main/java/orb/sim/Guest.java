package orb.sim;

import orb.kernel.Bytes;

/**
 * The function that simulated owners deploy: sums the bytes of its input, so that answers can be
 * checked and fuel depends on the input.
 *
 * <pre>{@code
 * (module
 *   (memory (export "memory") 1)
 *   (func (export "alloc") (param i32) (result i32) i32.const 1024)
 *   (func (export "handle") (param $at i32) (param $length i32) (result i64)
 *     (local $sum i32) (local $i i32)
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
                            + "6d656d6f7279020005616c6c6f6300000668616e646c6500010a3e0205004180"
                            + "080b3601027f02400340200320014f0d012002200020036a2d00006a2102200341"
                            + "016a21030c000b0b4110200236020042104220864204840b");

    private Guest() {}

    /** What the function answers. */
    static Bytes answer(Bytes input) {
        int sum = 0;
        for (int i = 0; i < input.length(); i++) {
            sum += input.at(i) & 0xff;
        }
        return Bytes.of((byte) sum, (byte) (sum >> 8), (byte) (sum >> 16), (byte) (sum >> 24));
    }
}
