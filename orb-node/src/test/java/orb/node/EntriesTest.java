package orb.node;

import static org.assertj.core.api.Assertions.assertThat;

import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.message.Registry;
import orb.kernel.port.Effect;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Entries whose tracker does not answer: cut off, or unwilling. */
class EntriesTest {
    private final Drive drive = Drive.started();
    private final PlainTracker silent = new PlainTracker(50).joinedBy(drive);
    private final PlainTracker second = silent.twin(51);

    @BeforeEach
    void joinSecond() {
        second.joinedBy(drive);
    }

    private long logIn() {
        long command = drive.command(new NodeCommand.LogIn("alice", LoginTest.wallet()));
        silent.serve(drive, Registry.Submit.class);
        return command;
    }

    private Effect.Ask submission() {
        return drive.asks.stream()
                .filter(ask -> ask.message() instanceof Registry.Submit)
                .findFirst()
                .orElseThrow();
    }

    private Bytes lose(ErrorCode code) {
        Effect.Ask ask = submission();
        drive.asks.remove(ask);
        drive.lose(ask, code);
        return ((Registry.Submit) ask.message()).entry();
    }

    @Test
    @Tag("K4")
    void anEntryThatATrackerLetsLapseGoesToAnotherWhichIsFollowedFromThenOn() {
        long login = logIn();
        Bytes censored = lose(ErrorCode.TIMED_OUT);
        Effect.Ask again = submission();
        assertThat(again.peer()).isEqualTo(second.id);
        assertThat(((Registry.Submit) again.message()).entry())
                .as("the same bytes, so that it has one place")
                .isEqualTo(censored);

        second.serve(drive);
        assertThat(drive.reply(login, NodeReply.LoggedIn.class).opened()).isTrue();
        long asked = drive.command(new NodeCommand.FindStatus());
        assertThat(drive.reply(asked, NodeReply.Status.class).tracker()).contains(second.id);
    }

    @Test
    void whereNobodyAnswersItIsSaidThatItIsOpenWhetherItWasRecorded() {
        long login = logIn();
        lose(ErrorCode.TIMED_OUT);
        lose(ErrorCode.PEER_LOST);
        assertThat(drive.refusal(login).what())
                .contains("whether the entry was recorded is not known");
        assertThat(drive.asks).noneMatch(ask -> ask.message() instanceof Registry.Submit);
    }
}
