package orb.cli.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import orb.host.wallet.AccessTokens;
import orb.host.wallet.KeyStore;
import orb.host.web.Exchange;
import orb.host.web.Route;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.Refusal;
import orb.kernel.RefusedException;
import orb.kernel.Result;
import orb.kernel.identity.KeyPair;
import orb.kernel.port.Reply;
import orb.node.NodeCommand;
import orb.node.NodeReply;

/**
 * Login and wallet: the only place that opens the key store. A wallet stays open from login to
 * logout; its keys never leave this process. Thread-safe.
 */
public final class WalletApi {
    private static final int PASSPHRASE_MAX = 1024;
    private static final int WALLET_MAX = 1 << 20;

    private final Asker node;
    private final Path file;
    private final SecureRandom chance;
    private final ReentrantLock turn = new ReentrantLock();
    private Optional<KeyStore> open = Optional.empty();

    /**
     * @param file where the encrypted wallet lies
     */
    public WalletApi(Asker node, Path file, SecureRandom chance) {
        this.node = node;
        this.file = file;
        this.chance = chance;
    }

    public List<Route> routes() {
        return List.of(
                Route.post("/v1/login", this::logIn),
                Route.post("/v1/logout", this::logOut),
                Route.get("/v1/wallet/export", this::export),
                Route.post("/v1/wallet/import", this::restore),
                Route.post("/v1/tokens", this::token));
    }

    /** The function's key, made on first use; refused while nobody is logged in. */
    KeyPair functionKey(String function) {
        turn.lock();
        try {
            return store().makeFunctionKey(function).orThrow();
        } finally {
            turn.unlock();
        }
    }

    /**
     * Opens the wallet, or makes one under a name, and logs its holder in.
     *
     * @param name for a new wallet; an existing one keeps its own
     * @param passphrase wiped before this returns
     */
    public NodeReply.LoggedIn logIn(String name, char[] passphrase) {
        turn.lock();
        try {
            KeyStore store =
                    Files.exists(file)
                            ? KeyStore.open(file, passphrase, chance).orThrow()
                            : KeyStore.create(file, newName(name), passphrase, chance).orThrow();
            if (!name.isEmpty() && !name.equals(store.name())) {
                String has = store.name();
                store.close();
                throw new RefusedException(
                        new Refusal(
                                ErrorCode.WALLET_EXISTS,
                                "this node's wallet is of " + has + ", not of " + name,
                                "log in as " + has + ", or use another data folder"));
            }
            Result<Reply> answer = node.ask(new NodeCommand.LogIn(store.name(), store.wallet()));
            if (answer instanceof Result.Ok<Reply>(NodeReply.LoggedIn loggedIn)) {
                open.ifPresent(KeyStore::close);
                open = Optional.of(store);
                return loggedIn;
            }
            store.close();
            answer.orThrow();
            throw new IllegalStateException("LogIn is answered by LoggedIn");
        } finally {
            Arrays.fill(passphrase, '\0');
            turn.unlock();
        }
    }

    private static String newName(String name) {
        if (FunctionName.isLabel(name)) {
            return name;
        }
        throw new RefusedException(
                new Refusal(
                        ErrorCode.BAD_ARGUMENT,
                        "a new wallet needs a name of a-z, 0-9 and inner hyphens, not '"
                                + name
                                + "'",
                        "orb login --name alice"));
    }

    private void logIn(Exchange exchange) throws IOException {
        ObjectNode body = exchange.jsonBody();
        String passphrase = body.path("passphrase").asText();
        if (passphrase.isEmpty() || passphrase.length() > PASSPHRASE_MAX) {
            throw new RefusedException(ErrorCode.BAD_ARGUMENT, "a passphrase is missing");
        }
        exchange.json(
                200, NodeViews.of(logIn(body.path("name").asText(""), passphrase.toCharArray())));
    }

    private void logOut(Exchange exchange) {
        turn.lock();
        try {
            node.ask(new NodeCommand.LogOut()).orThrow();
            open.ifPresent(KeyStore::close);
            open = Optional.empty();
        } finally {
            turn.unlock();
        }
        exchange.done();
    }

    private void export(Exchange exchange) throws IOException {
        Path copy = Files.createTempFile(file.toAbsolutePath().getParent(), "wallet", ".export");
        try {
            Files.delete(copy);
            turn.lock();
            try {
                store().exportTo(copy).ifPresent(WalletApi::refuse);
            } finally {
                turn.unlock();
            }
            exchange.bytes(200, "application/octet-stream", Bytes.wrap(Files.readAllBytes(copy)));
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    private void restore(Exchange exchange) throws IOException {
        char[] passphrase =
                exchange.header("X-Orb-Passphrase")
                        .orElseThrow(() ->
                                new RefusedException(
                                        ErrorCode.BAD_ARGUMENT, "a passphrase is missing"))
                        .toCharArray();
        Bytes content = exchange.body();
        if (content.length() > WALLET_MAX) {
            throw new RefusedException(ErrorCode.BODY_TOO_LARGE, "a wallet has at most 1 MiB");
        }
        Path copy = Files.createTempFile(file.toAbsolutePath().getParent(), "wallet", ".import");
        try {
            Files.write(copy, content.array());
            try (KeyStore store = KeyStore.restore(copy, file, passphrase, chance).orThrow()) {
                exchange.json(200, Views.object().put("name", store.name()));
            }
        } finally {
            Arrays.fill(passphrase, '\0');
            Files.deleteIfExists(copy);
        }
    }

    private void token(Exchange exchange) throws IOException {
        long credits = exchange.jsonBody().path("credits").asLong(0);
        if (credits < 1 || credits > 1_000_000) {
            throw new RefusedException(
                    ErrorCode.BAD_ARGUMENT, "credits are 1..1000000, not " + credits);
        }
        String token = AccessTokens.make(chance);
        ObjectNode answer =
                (ObjectNode)
                        NodeApi.reply(
                                node.ask(
                                        new NodeCommand.OpenChannel(
                                                Credits.whole(credits),
                                                Optional.of(AccessTokens.digest(token)))));
        exchange.json(200, answer.put("token", token).put("credits", credits));
    }

    private KeyStore store() {
        return open.orElseThrow(() ->
                new RefusedException(
                        new Refusal(
                                ErrorCode.NOT_LOGGED_IN,
                                "nobody is logged in on this node",
                                "orb login --name alice")));
    }

    private static void refuse(Refusal refusal) {
        throw new RefusedException(refusal);
    }
}
