package orb.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import orb.kernel.AccountId;
import orb.kernel.Credits;
import orb.kernel.Digest;
import orb.kernel.ErrorCode;
import orb.kernel.identity.KeyPair;
import orb.kernel.message.Registry;
import orb.ledger.Entry;
import orb.ledger.SignedEntry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LoginTest {
    static KeyPair wallet() {
        return Drive.key(20);
    }

    static long logIn(Drive drive, PlainTracker tracker) {
        long command = drive.command(new NodeCommand.LogIn("alice", wallet()));
        tracker.serve(drive);
        return command;
    }

    @Test
    @Tag("E1")
    void theFirstLoginOpensTheAccountBindsTheNodeAndBringsOneGrant() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50).joinedBy(drive);
        NodeReply.LoggedIn in = drive.reply(logIn(drive, tracker), NodeReply.LoggedIn.class);
        assertThat(in.opened()).isTrue();
        assertThat(tracker.ledger.account(in.account()).balance()).isEqualTo(Credits.whole(100));
        assertThat(tracker.ledger.node(drive.node.id()).orElseThrow().account())
                .isEqualTo(in.account());

        drive.command(new NodeCommand.LogOut());
        NodeReply.LoggedIn again = drive.reply(logIn(drive, tracker), NodeReply.LoggedIn.class);
        assertThat(again.opened()).isFalse();
        assertThat(tracker.ledger.account(in.account()).balance()).isEqualTo(Credits.whole(100));
        assertThat(tracker.heard(Registry.Submit.class)).hasSize(2);
    }

    @Test
    @Tag("A2")
    void whatNeedsALoginIsRefusedWithoutOne() {
        Drive drive = Drive.started();
        new PlainTracker(50).joinedBy(drive);
        assertThat(drive.code(drive.command(new NodeCommand.FindAccount())))
                .isEqualTo(ErrorCode.NOT_LOGGED_IN);
        assertThat(drive.code(drive.command(new NodeCommand.FindHistory(1, 10))))
                .isEqualTo(ErrorCode.NOT_LOGGED_IN);
        assertThat(
                        drive.code(
                                drive.command(
                                        new NodeCommand.OpenChannel(
                                                Credits.whole(1), Optional.empty()))))
                .isEqualTo(ErrorCode.NOT_LOGGED_IN);
        assertThat(drive.code(drive.command(DeployingTest.deploy("metered", Credits.ZERO))))
                .isEqualTo(ErrorCode.NOT_LOGGED_IN);
    }

    @Test
    void whoLogsOutWhileADeployIsUnderWaySignsNothingMore() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50).joinedBy(drive);
        logIn(drive, tracker);
        long deploy = drive.command(DeployingTest.deploy("metered", Credits.ZERO));
        drive.command(new NodeCommand.LogOut());
        tracker.serve(drive);
        assertThat(drive.code(deploy)).isEqualTo(ErrorCode.NOT_LOGGED_IN);
        assertThat(tracker.heard(Registry.Deploy.class)).isEmpty();
    }

    @Test
    void withoutATrackerNobodyLogsInAndTheCommandIsAnswered() {
        Drive drive = Drive.started();
        long command = drive.command(new NodeCommand.LogIn("alice", wallet()));
        assertThat(drive.code(command)).isEqualTo(ErrorCode.NOT_CONNECTED);
    }

    @Test
    void aNameThatIsTakenIsTheLedgersToRefuse() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50).joinedBy(drive);
        tracker.person(drive, "alice", Drive.key(30), Drive.key(31));
        assertThat(drive.code(logIn(drive, tracker))).isEqualTo(ErrorCode.NAME_TAKEN);
        assertThat(drive.code(drive.command(new NodeCommand.FindAccount())))
                .isEqualTo(ErrorCode.NOT_LOGGED_IN);
    }

    @Test
    void aTrackerLostDuringALoginAnswersTheCommandOnce() {
        Drive drive = Drive.started();
        new PlainTracker(50).joinedBy(drive);
        long command = drive.command(new NodeCommand.LogIn("alice", wallet()));
        drive.lose(drive.takeAsk(Registry.FindAccount.class), ErrorCode.PEER_LOST);
        assertThat(drive.code(command)).isEqualTo(ErrorCode.PEER_LOST);
    }

    @Test
    void aNonceThatWasUsedElsewhereIsReadAndTheEntrySignedOnceMore() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50).joinedBy(drive);
        logIn(drive, tracker);
        AccountId account = AccountId.of(wallet().publicKey());
        // the same wallet on a machine whose clock is a day ahead
        long ahead = drive.now.plus(Duration.ofDays(1)).toEpochMilli();
        SignedEntry elsewhere =
                SignedEntry.sign(
                        wallet(),
                        Drive.GENESIS.network(),
                        ahead,
                        drive.now.plusSeconds(60),
                        new Entry.LockEscrow(
                                tracker.id,
                                Credits.whole(1),
                                wallet().publicKey(),
                                new Entry.Purpose.Token(Digest.ZERO),
                                drive.now.plusSeconds(3600)));
        tracker.person(drive, "carol", Drive.key(33), tracker.key);
        tracker.ledger.apply(tracker.ledger.next(), drive.now, elsewhere.encoded()).orThrow();
        assertThat(tracker.ledger.nonce(account)).isEqualTo(ahead);

        long command =
                drive.command(new NodeCommand.OpenChannel(Credits.whole(2), Optional.empty()));
        tracker.serve(drive);
        NodeReply.ChannelOpened opened = drive.reply(command, NodeReply.ChannelOpened.class);
        assertThat(tracker.ledger.nonce(account)).isEqualTo(ahead + 1);
        assertThat(tracker.ledger.channel(opened.channel()).orElseThrow().locked())
                .isEqualTo(Credits.whole(2));
    }

    @Test
    void aChannelForATokenIsDelegatedToTheTracker() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50).joinedBy(drive);
        logIn(drive, tracker);
        tracker.person(drive, "carol", Drive.key(33), tracker.key);
        Digest token = Digest.of(orb.kernel.Bytes.utf8("secret"));
        long command =
                drive.command(new NodeCommand.OpenChannel(Credits.whole(2), Optional.of(token)));
        tracker.serve(drive);
        Digest channel = drive.reply(command, NodeReply.ChannelOpened.class).channel();
        var known = tracker.ledger.channel(channel).orElseThrow();
        assertThat(known.delegate()).isEqualTo(tracker.key.publicKey());
        assertThat(known.purpose()).isEqualTo(new Entry.Purpose.Token(token));
    }

    @Test
    void entriesOfOneWalletAreSentOneAfterTheOther() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50).joinedBy(drive);
        logIn(drive, tracker);
        tracker.person(drive, "carol", Drive.key(33), tracker.key);
        long first = drive.command(new NodeCommand.OpenChannel(Credits.whole(1), Optional.empty()));
        long second =
                drive.command(new NodeCommand.OpenChannel(Credits.whole(2), Optional.empty()));
        assertThat(drive.asks.stream().filter(ask -> ask.message() instanceof Registry.Submit))
                .hasSize(1);
        tracker.serve(drive);
        assertThat(drive.reply(first, NodeReply.ChannelOpened.class).index())
                .isLessThan(drive.reply(second, NodeReply.ChannelOpened.class).index());
    }

    @Test
    void whoOwnsTheNodeSurvivesARestartAndTheKeyDoesNot() {
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50).joinedBy(drive);
        logIn(drive, tracker);
        Drive next = drive.restarted(Duration.ofMinutes(1));
        NodeReply.Identity identity =
                next.reply(next.command(new NodeCommand.WhoAmI()), NodeReply.Identity.class);
        assertThat(identity.name()).isEqualTo("alice");
        assertThat(identity.account()).isEmpty();
    }

    @Test
    void nothingThatIsKeptHoldsTheWalletsSecret() {
        byte[] secret = new byte[KeyPair.SEED_LENGTH];
        Arrays.fill(secret, (byte) 0xa7);
        Drive drive = Drive.started();
        PlainTracker tracker = new PlainTracker(50).joinedBy(drive);
        long command = drive.command(new NodeCommand.LogIn("alice", KeyPair.ofSeed(secret)));
        tracker.serve(drive);
        drive.reply(command, NodeReply.LoggedIn.class);
        drive.command(DeployingTest.deploy("metered", Credits.ZERO));
        tracker.serve(drive);
        assertThat(drive.kept).isNotEmpty();
        drive.kept
                .values()
                .forEach(rows ->
                        rows.forEach((key, row) ->
                                assertThat(key.hex() + row.hex())
                                        .doesNotContain("a7a7a7a7a7a7a7a7")));
    }
}
