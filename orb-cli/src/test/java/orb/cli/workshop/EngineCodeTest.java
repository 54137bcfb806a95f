package orb.cli.workshop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import orb.kernel.Bytes;
import orb.sandbox.EngineCode;
import org.junit.jupiter.api.Test;

class EngineCodeTest {
    /** The same bytes on every machine, so that a build can be reproduced. */
    @Test
    void whatIsShippedIsWhatTheEngineCompilesTo() throws IOException {
        try (InputStream in = Engine.class.getResourceAsStream("/orb/cli/quickjs.code")) {
            assertThat(EngineCode.of(Engine.scriptEngine()))
                    .isEqualTo(Bytes.wrap(in.readAllBytes()));
        }
    }
}
