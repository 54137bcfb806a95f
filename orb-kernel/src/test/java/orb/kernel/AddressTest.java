package orb.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses and contacts. */
final class AddressTest {
    @ParameterizedTest
    @CsvSource({
        "orb.example:7440,orb.example,7440",
        "192.0.2.1:1,192.0.2.1,1",
        "[2001:db8::1]:65535,2001:db8::1,65535"
    })
    void anAddressIsReadAndShownAlike(String text, String host, int port) {
        assertThat(Address.parse(text)).isEqualTo(new Address(host, port)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":80",
                "host",
                "host:",
                "host:0",
                "host:65536",
                "host:99999",
                "host:-1",
                "host:+1",
                "host:8 0",
                "a b:80",
                "a/b:80",
                "a@b:80",
                "[::1:80",
                "h\u00e9:80",
                "host:\u0661",
                "a\n:80"
            })
    void otherTextIsNoAddress(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Address.parse(text));
    }

    @Test
    void aHostHasAtMost253Characters() {
        assertThat(new Address("a".repeat(253), 1).host()).hasSize(253);
        assertThatIllegalArgumentException().isThrownBy(() -> new Address("a".repeat(254), 1));
    }

    @Test
    void aContactIsAnIdAndWhereToDialIt() {
        String text = "ab".repeat(32) + "@orb.example:7440";

        assertThat(Contact.parse(text)).hasToString(text);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Contact.parse("abcd@orb.example:7440"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Contact.parse("zz".repeat(32) + "@orb.example:7440"));
        assertThatIllegalArgumentException().isThrownBy(() -> Contact.parse("orb.example:7440"));
    }
}
