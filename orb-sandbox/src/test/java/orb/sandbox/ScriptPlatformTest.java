package orb.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Fuel;
import orb.kernel.Header;
import orb.kernel.Limits;
import orb.kernel.Outcome;
import orb.kernel.Request;
import orb.kernel.Response;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a script finds around it is what it knows from elsewhere. */
final class ScriptPlatformTest {
    private static final Limits LIMITS =
            new Limits(ByteSize.mib(16), new Fuel(5_000_000_000L), Duration.ofMinutes(1));

    /** Three hundredths above a short script's call before there were URL and crypto. */
    private static final long HELLO_FUEL_MAX = 613_569 * 103 / 100;

    private static Sandbox sandbox;

    @BeforeAll
    static void startTheEngine() {
        sandbox = new Sandbox(() -> 0, resource("/orb/console/quickjs.wasm"));
    }

    private static Bytes resource(String name) {
        try (InputStream in = ScriptPlatformTest.class.getResourceAsStream(name)) {
            assertThat(in).as(name).isNotNull();
            return Bytes.wrap(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Run run(String body, Request request, long seed) {
        String source = "export default { async fetch(request) { " + body + " } };";
        Bytes artefact = sandbox.scripts().orElseThrow().compile(source).orThrow();
        Module module = sandbox.prepare(artefact).orThrow();
        return sandbox.invoke(module, request, LIMITS, new RunInputs(Instant.EPOCH, seed));
    }

    private static Response response(Run run) {
        assertThat(run.outcome()).isInstanceOf(Outcome.Completed.class);
        return ((Outcome.Completed) run.outcome()).response();
    }

    private static String text(String body) {
        return response(run(body, Request.post(Bytes.EMPTY), 0)).body().utf8();
    }

    /** Inputs with and without a base, and what the WHATWG parser of Node.js makes of them. */
    @Test
    void urlsAreParsedAsTheStandardSays() {
        Bytes cases = resource("url-cases.json");
        assertThat(cases.utf8().lines().count()).isGreaterThan(400);
        String body =
                """
                const wrong = [];
                for (const [input, base, want] of await request.json()) {
                  let got = null;
                  try { got = new URL(input, base ?? undefined).href; } catch {}
                  if (got !== want) wrong.push([input, base, want, got]);
                }
                return wrong;
                """;
        assertThat(response(run(body, Request.post(cases), 0)).body().utf8()).isEqualTo("[]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    protocol | 'https'     | https://u:p@h:81/a/b?c#d
                    host     | 'x.org:9'   | http://u:p@x.org:9/a/b?c#d
                    hostname | 'X.org:9'   | http://u:p@h:81/a/b?c#d
                    port     | '80'        | http://u:p@h/a/b?c#d
                    pathname | '/x/../y?z' | http://u:p@h:81/y%3Fz?c#d
                    search   | ''          | http://u:p@h:81/a/b#d
                    hash     | 'e f'       | http://u:p@h:81/a/b?c#e%20f
                    username | 'ü:'        | http://%C3%BC%3A:p@h:81/a/b?c#d
                    password | ''          | http://u@h:81/a/b?c#d
                    """)
    void aPartOfAUrlCanBeSet(String part, String value, String result) {
        assertThat(
                        text(
                                "const url = new URL('http://u:p@h:81/a/b?c#d'); url."
                                        + part
                                        + " = '"
                                        + value
                                        + "'; return url.href;"))
                .isEqualTo(result);
    }

    @Test
    void theParametersOfAUrlChangeWithItAndItWithThem() {
        String body =
                """
                const url = new URL(request.url);
                const params = url.searchParams;
                const before = [params.get('a'), params.getAll('b'), params.has('c'), params.size];
                params.append('d', 'x &ä');
                params.delete('a');
                const text = url.href;
                url.search = '?z=1&y=2';
                params.sort();
                return [before, text, url.search, [...new URLSearchParams({ q: '1+1' })]];
                """;
        Request request =
                new Request(
                        "GET",
                        "/p",
                        "a=1%202&b=1&b=2",
                        List.of(new Header("host", "orb.example:8080")),
                        Bytes.EMPTY);
        assertThat(response(run(body, request, 0)).body().utf8())
                .isEqualTo(
                        "[[\"1 2\",[\"1\",\"2\"],false,3],"
                                + "\"http://orb.example:8080/p?b=1&b=2&d=x+%26%C3%A4\","
                                + "\"?y=2&z=1\",[[\"q\",\"1+1\"]]]");
    }

    /** The examples of FIPS 180-4 for "abc". */
    @ParameterizedTest
    @CsvSource({
        "SHA-256,ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "SHA-384,cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                + "8086072ba1e7cc2358baeca134c825a7",
        "sha-512,ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    })
    void digestsAreThoseOfTheStandard(String name, String hex) {
        String body =
                "const whole = new TextEncoder().encode('xabcx');"
                        + "const part = whole.subarray(1, 4);"
                        + "const digest = await crypto.subtle.digest('"
                        + name
                        + "', part);"
                        + "return [...new Uint8Array(digest)]"
                        + ".map((b) => b.toString(16).padStart(2, '0')).join('');";
        assertThat(text(body)).isEqualTo(hex);
    }

    @Test
    void aDigestIsPaidByItsLength() {
        long small = fuelOfADigest(1 << 10);
        long large = fuelOfADigest(1 << 20);
        assertThat(large - small).isGreaterThan(4 * ((1 << 20) - (1 << 10)));
        assertThat(
                        text(
                                "try { await crypto.subtle.digest('MD5', new ArrayBuffer(1)); }"
                                        + " catch (e) { return e.name; }"))
                .isEqualTo("NotSupportedError");
    }

    private static long fuelOfADigest(int length) {
        return fuel(
                "await crypto.subtle.digest({name: 'SHA-256'}, new Uint8Array(" + length + "));");
    }

    private static long fuel(String body) {
        Outcome outcome = run(body, Request.post(Bytes.EMPTY), 0).outcome();
        assertThat(outcome).isInstanceOf(Outcome.Completed.class);
        return ((Outcome.Completed) outcome).used().units();
    }

    @Test
    void chanceFollowsFromTheSeed() {
        String body =
                "return [crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(8))]];";
        Bytes one = response(run(body, Request.post(Bytes.EMPTY), 1)).body();
        assertThat(one.utf8())
                .matches(
                        "\\[\"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\""
                                + ",\\[[0-9,]+\\]\\]");
        assertThat(response(run(body, Request.post(Bytes.EMPTY), 1)).body()).isEqualTo(one);
        assertThat(response(run(body, Request.post(Bytes.EMPTY), 2)).body()).isNotEqualTo(one);
    }

    @Test
    void aCloneSharesNothingWithWhatItCopies() {
        String body =
                """
                const inner = new Map([['k', new Set([1])]]);
                const from = { a: [1, { b: 2n }], m: inner, d: new Date(5) };
                from.self = from;
                from.bytes = new Uint8Array([1, 2, 3]).subarray(1);
                const to = structuredClone(from);
                from.a[1].b = 3n;
                from.bytes[0] = 9;
                let refused = '';
                try { structuredClone({ f() {} }); } catch (e) { refused = e.name; }
                return [String(to.a[1].b), to.self === to, [...to.m.get('k')], to.d.getTime(),
                  [...to.bytes], to.bytes.byteOffset, refused];
                """;
        assertThat(text(body)).isEqualTo("[\"2\",true,[1],5,[2,3],1,\"DataCloneError\"]");
    }

    @Test
    void requestsAndResponsesAreMadeCopiedAndRedirected() {
        Response moved = response(run("return Response.redirect('/there', 308);", post("x"), 0));
        assertThat(moved.status()).isEqualTo(308);
        assertThat(moved.headers()).containsExactly(new Header("location", "/there"));
        Response cookies =
                response(
                        run(
                                "const r = Response.json([1], { status: 201 }).clone();"
                                        + "r.headers.append('Set-Cookie', 'a=1, b');"
                                        + "r.headers.append('Set-Cookie', 'c=2'); return r;",
                                post("x"),
                                0));
        assertThat(cookies.status()).isEqualTo(201);
        assertThat(cookies.headers())
                .containsExactly(
                        new Header("content-type", "application/json"),
                        new Header("set-cookie", "a=1, b"),
                        new Header("set-cookie", "c=2"));
        String body =
                """
                const form = new URLSearchParams({ a: 'b c' });
                const made = new Request('http://h/p?q=1#f', { method: 'put', body: form });
                const copy = request.clone();
                return [made.method, made.url, made.headers.get('content-type'), await made.text(),
                  copy.url, copy.method, await copy.text(), await request.text()];
                """;
        assertThat(response(run(body, post("x"), 0)).body().utf8())
                .isEqualTo(
                        "[\"PUT\",\"http://h/p?q=1\","
                                + "\"application/x-www-form-urlencoded;charset=UTF-8\",\"a=b+c\","
                                + "\"http://localhost/\",\"POST\",\"x\",\"x\"]");
    }

    private static Request post(String body) {
        return Request.post(Bytes.utf8(body));
    }

    @Test
    void theConsoleSaysItsLevel() {
        String body =
                "console.log('a'); console.warn('b'); console.error('c'); console.debug('d');"
                        + "console.assert(true, 'e'); console.assert(false, 'f');";
        assertThat(run(body, post(""), 0).logs().utf8())
                .isEqualTo("a\nwarn: b\nerror: c\ndebug: d\nerror: assertion failed f\n");
    }

    @Test
    void microtasksAndBase64AreThere() {
        assertThat(
                        text(
                                "let order = 'a'; queueMicrotask(() => { order += 'c'; }); order +="
                                        + " 'b'; await null; return order + btoa('\\xff') +"
                                        + " atob('aGk=');"))
                .isEqualTo("abc/w==hi");
    }

    @Test
    void aShortScriptStaysCheap() {
        assertThat(fuel("return 'hello';")).isLessThan(HELLO_FUEL_MAX);
    }
}
