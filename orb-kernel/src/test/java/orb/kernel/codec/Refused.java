package orb.kernel.codec;

import static org.assertj.core.api.Assertions.assertThat;

import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import orb.kernel.Result;

/** Says that bytes are refused as malformed. */
final class Refused {
    private Refused() {}

    static void assertRefused(String hex) {
        assertRefused(Bytes.hex(hex), DecodeLimits.ENTRY);
    }

    static void assertRefused(Bytes bytes, DecodeLimits limits) {
        switch (Cbor.decode(bytes, limits)) {
            case Result.Ok<Value>(var value) ->
                    throw new AssertionError(bytes + " was accepted as " + value);
            case Result.Refused<Value>(Refusal refusal) ->
                    assertThat(refusal.code()).isEqualTo(ErrorCode.MALFORMED_BYTES);
        }
    }
}
