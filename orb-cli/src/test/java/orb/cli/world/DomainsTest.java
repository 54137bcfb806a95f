package orb.cli.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("B2")
class DomainsTest {
    private static Optional<Refusal> refusal(String domain, String... addresses) {
        return Domains.refuse(
                domain,
                name -> {
                    if (addresses.length == 0) {
                        throw new UnknownHostException(name);
                    }
                    InetAddress[] found = new InetAddress[addresses.length];
                    for (int i = 0; i < addresses.length; i++) {
                        found[i] = InetAddress.ofLiteral(addresses[i]);
                    }
                    return found;
                });
    }

    @Test
    void aNameWithAPublicAddressServes() {
        assertThat(refusal("orb.example.org", "93.184.216.34", "2606:2800:220:1::1")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "::1",
                "0.0.0.0",
                "10.1.2.3",
                "172.16.0.1",
                "192.168.1.1",
                "169.254.1.1",
                "100.64.0.1",
                "fe80::1",
                "fd00::1",
                "224.0.0.1"
            })
    void anAddressThatIsNotPublicIsRefusedByName(String address) {
        Refusal refusal = refusal("orb.example.org", "93.184.216.34", address).orElseThrow();

        assertThat(refusal.code()).isEqualTo(ErrorCode.DOMAIN_UNREACHABLE);
        assertThat(refusal.what()).contains("orb.example.org").contains("not public");
        assertThat(refusal.next()).contains("--dev");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "1.2.3.4", "-a.example", "a..b", "a b.example"})
    void whatIsNoPublicNameIsRefused(String domain) {
        assertThat(refusal(domain, "93.184.216.34").orElseThrow().code())
                .isEqualTo(ErrorCode.DOMAIN_UNREACHABLE);
    }

    @Test
    void aNameWithoutAnAddressIsRefused() {
        assertThat(refusal("gone.example.org").orElseThrow().what()).contains("does not resolve");
    }
}
