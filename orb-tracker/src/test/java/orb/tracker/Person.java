package orb.tracker;

import java.time.temporal.ChronoUnit;
import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.ByteSize;
import orb.kernel.Bytes;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.Fuel;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.Limits;
import orb.kernel.Request;
import orb.kernel.identity.KeyPair;
import orb.kernel.identity.PublicKey;
import orb.kernel.message.FunctionFacts;
import orb.kernel.message.Grants;
import orb.kernel.message.Message;
import orb.kernel.message.Registry;
import orb.ledger.Entry;
import orb.ledger.NodeBinding;
import orb.ledger.Plan;
import orb.ledger.SignedEntry;

/** Someone with a wallet, who signs entries and hands them to the tracker. */
final class Person {
    static final Request SAMPLE = Request.post(Bytes.utf8("{\"a\":2,\"b\":3}"));

    final Scene scene;
    final String name;
    final KeyPair wallet;
    final AccountId account;
    private long nonce;

    /** Opens an account. */
    Person(Scene scene, String name) {
        this.scene = scene;
        this.name = name;
        wallet = Scene.key("wallet " + name);
        account = AccountId.of(wallet.publicKey());
        submitted(new Entry.OpenAccount(name));
    }

    Bytes sign(Entry entry) {
        return SignedEntry.sign(
                        wallet,
                        Scene.GENESIS.network(),
                        ++nonce,
                        scene.now.plusSeconds(60).truncatedTo(ChronoUnit.MILLIS),
                        entry)
                .encoded();
    }

    Message submit(Entry entry) {
        return scene.told(new Registry.Submit(sign(entry)));
    }

    long submitted(Entry entry) {
        return switch (submit(entry)) {
            case Registry.Submitted(long index) -> index;
            case Message other -> throw new AssertionError(other);
        };
    }

    /** Registers a node as its own, which brings the grant once. */
    void owns(KeyPair node) {
        NodeBinding binding =
                NodeBinding.solve(Scene.GENESIS.network(), node.publicKey(), account, 0);
        submitted(new Entry.RegisterNode(binding, binding.sign(node)));
    }

    /** Opens a channel at the tracker; its id. */
    Digest locks(Credits amount, PublicKey delegate, Entry.Purpose purpose) {
        Bytes entry =
                sign(
                        new Entry.LockEscrow(
                                Scene.SELF,
                                amount,
                                delegate,
                                purpose,
                                scene.now.plusSeconds(86_400).truncatedTo(ChronoUnit.MILLIS)));
        Message answer = scene.told(new Registry.Submit(entry));
        if (!(answer instanceof Registry.Submitted)) {
            throw new AssertionError(answer);
        }
        return Digest.of(entry);
    }

    Digest sponsors(FunctionFacts facts, Credits amount) {
        return locks(amount, Scene.KEY.publicKey(), new Entry.Purpose.Sponsor(facts.id()));
    }

    static Bytes artefact(String function) {
        return Bytes.utf8("artefact of " + function);
    }

    KeyPair functionKey(String function) {
        return Scene.key("function " + name + "/" + function);
    }

    Entry.FunctionVersion version(String function, Plan plan, Fuel complexity) {
        Bytes artefact = artefact(function);
        return new Entry.FunctionVersion(
                function,
                1,
                Digest.of(artefact),
                new ByteSize(artefact.length()),
                "handler",
                Limits.DEFAULT,
                Grants.NONE,
                plan.hash(),
                complexity,
                Scene.MEMORY,
                2,
                Digest.of(Bytes.utf8("source of " + function)));
    }

    Entry.DeployFunction entry(Entry.FunctionVersion version) {
        KeyPair key = functionKey(version.name());
        return new Entry.DeployFunction(
                key.publicKey(), version, version.sign(key, Scene.GENESIS.network(), account));
    }

    Registry.Deploy deploy(String function, Plan plan) {
        return new Registry.Deploy(
                sign(entry(version(function, plan, Scene.FUEL))), artefact(function), SAMPLE);
    }

    /** Deploys a function through the tracker; the registry's facts of it. */
    FunctionFacts deploys(String function, Plan plan) {
        Message answer = scene.told(deploy(function, plan));
        if (!(answer instanceof Registry.Deployed(FunctionId _, String _, long _))) {
            throw new AssertionError(answer);
        }
        return facts(function).orElseThrow();
    }

    FunctionName function(String function) {
        return new FunctionName(name, function);
    }

    Optional<FunctionFacts> facts(String function) {
        return ((Registry.Functions) scene.told(new Registry.FindFunction(function(function))))
                .functions().stream().map(Registry.Listed::facts).findFirst();
    }

    Registry.Account books() {
        return scene.books(account);
    }
}
