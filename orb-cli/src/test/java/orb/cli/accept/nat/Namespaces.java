package orb.cli.accept.nat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A public network and two private ones behind routers with NAT, each in a network namespace.
 *
 * <pre>
 *   public 203.0.113.1, .5 ---- router1 .2 | 192.168.1.1 ---- private1 192.168.1.2
 *                          \--- router2 .6 | 192.168.2.1 ---- private2 192.168.2.2
 * </pre>
 *
 * <p>The addresses are those that RFC 5737 keeps for documentation; nothing leaves the machine.
 * Routers forward what comes from inside and answers to it, as a router at home does.
 */
final class Namespaces implements AutoCloseable {
    /** What the tracker is called in each of them. */
    static final String DOMAIN = "tracker.orb.example";

    private static final String TRACKER_IP = "203.0.113.1";
    private static final Path HOSTS = Path.of("/etc/netns"); // ip-netns(8) binds these over /etc

    private final String prefix = "orb" + ProcessHandle.current().pid();
    private final List<String> made = new ArrayList<>();

    private Namespaces() {}

    /** Makes them; the test is skipped where that is not permitted. */
    static Namespaces make() throws Exception {
        Namespaces all = new Namespaces();
        try {
            all.add("public");
            for (int i = 1; i <= 2; i++) {
                all.add("router" + i);
                all.add("private" + i);
                all.wire(i);
            }
            return all;
        } catch (Exception | AssertionError e) {
            all.close();
            throw e;
        }
    }

    /** The namespace's name on this machine. */
    String name(String place) {
        return prefix + place;
    }

    private void add(String place) throws Exception {
        boolean isRoot = Files.isWritable(Path.of("/run"));
        Assumptions.assumeTrue(isRoot, "network namespaces need root");
        String said = said("ip", "netns", "add", name(place));
        Assumptions.assumeTrue(said.isEmpty(), "no network namespaces here: " + said);
        made.add(name(place));
        Path hosts = HOSTS.resolve(name(place)).resolve("hosts");
        Files.createDirectories(hosts.getParent());
        Files.writeString(hosts, "127.0.0.1 localhost\n" + TRACKER_IP + " " + DOMAIN + "\n");
        run("ip", "-n", name(place), "link", "set", "lo", "up");
    }

    private void wire(int number) throws Exception {
        String router = "router" + number;
        String inside = "192.168." + number;
        int first = 4 * number - 3; // a network of two hosts for each router
        cable("public", "203.0.113." + first + "/30", router, "203.0.113." + (first + 1) + "/30");
        cable(router, inside + ".1/24", "private" + number, inside + ".2/24");
        run("ip", "-n", name("private" + number), "route", "add", "default", "via", inside + ".1");
        run("ip", "-n", name(router), "route", "add", "default", "via", "203.0.113." + first);
        in(router, "sysctl", "-qw", "net.ipv4.ip_forward=1");
        in(router, "nft", "add table ip orb");
        in(router, "nft", "add chain ip orb post { type nat hook postrouting priority 100; }");
        in(router, "nft", "add rule ip orb post ip saddr " + inside + ".0/24 masquerade");
        in(router, "nft", "add chain ip orb pass { type filter hook forward priority 0; }");
        in(router, "nft", "add rule ip orb pass ct state established,related accept");
        in(router, "nft", "add rule ip orb pass ip saddr != " + inside + ".0/24 drop");
    }

    /** A pair of interfaces, each called as the place at its other end. */
    private void cable(String one, String ofOne, String other, String ofOther) throws Exception {
        run(
                "ip",
                "-n",
                name(one),
                "link",
                "add",
                "to-" + other,
                "type",
                "veth",
                "peer",
                "name",
                "to-" + one,
                "netns",
                name(other));
        run("ip", "-n", name(one), "addr", "add", ofOne, "dev", "to-" + other);
        run("ip", "-n", name(other), "addr", "add", ofOther, "dev", "to-" + one);
        run("ip", "-n", name(one), "link", "set", "to-" + other, "up");
        run("ip", "-n", name(other), "link", "set", "to-" + one, "up");
    }

    /** Cuts a private network off, or joins it again. */
    void cut(int number, boolean isCut) throws Exception {
        String state = isCut ? "down" : "up";
        run("ip", "-n", name("public"), "link", "set", "to-router" + number, state);
    }

    /** Runs a command in a namespace; what it printed. */
    String in(String place, String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name(place)));
        all.addAll(Arrays.asList(command));
        return run(all.toArray(String[]::new));
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s: %s", List.of(command), out).isZero();
        return out;
    }

    /** What a command said that failed; empty if it did not. */
    private static String said(String... command) throws Exception {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String out =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? "" : "(" + process.exitValue() + ") " + out;
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    @Override
    public void close() throws Exception {
        for (String name : made.reversed()) {
            said("ip", "netns", "del", name);
            Files.deleteIfExists(HOSTS.resolve(name).resolve("hosts"));
            Files.deleteIfExists(HOSTS.resolve(name));
        }
    }
}
