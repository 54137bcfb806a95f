package orb.tracker;

import orb.kernel.ErrorCode;
import orb.kernel.Receipt;
import orb.kernel.Result;
import orb.kernel.message.CallDigest;
import orb.kernel.message.Calling;
import orb.ledger.Ledger;
import orb.ledger.Registered;

/** Whether a receipt is about the call and the answer that it came with. */
final class ReceiptCheck {
    private final Ledger ledger;

    ReceiptCheck(Ledger ledger) {
        this.ledger = ledger;
    }

    /** The receipt, if it fits; what it costs and what it follows is its lane's to check. */
    Result<Receipt> check(Receipt receipt, Call call, Calling.Invoked said) {
        boolean isAboutThis =
                said.host().equals(receipt.lane().host())
                        && receipt.call().equals(call.id())
                        && isDeployed(receipt)
                        && receipt.ending() == Receipt.Ending.of(said.outcome())
                        && receipt.fuel().equals(said.outcome().used())
                        && receipt.input().equals(call.input())
                        && receipt.output().equals(CallDigest.output(said.outcome()));
        return isAboutThis
                ? Result.ok(receipt)
                : Result.refused(
                        ErrorCode.PROOF_REFUSED,
                        "gave a receipt that does not fit its answer to call " + call.id());
    }

    /** Whether it names a version of its function: an update can overtake a call. */
    private boolean isDeployed(Receipt receipt) {
        return ledger.function(receipt.lane().function()).stream()
                .flatMap(function -> function.versions().stream())
                .map(Registered.Version::version)
                .anyMatch(version ->
                        version.version() == receipt.version()
                                && version.artefact().equals(receipt.artefact()));
    }
}
