"""Words of the collection file for what elsewhere pages say by symbols and colours."""

from __future__ import annotations

from receivables.i18n import pgettext
from receivables.i18n import translate as _
from receivables.interest.laws import Begins
from receivables.interest.queries import Claim, ClaimState
from receivables.ledger.tables import Account, Reason
from receivables.plans.states import PlanState


def plan_words(state: PlanState) -> str:
    return {
        PlanState.PROPOSED: pgettext("plan", "asked for"),
        PlanState.APPROVED: _("waits for the signature"),
        PlanState.AWAITING_FIRST: _("waits for the first instalment"),
        PlanState.ACTIVE: pgettext("plan", "running"),
        PlanState.CURED: _("running, was late before"),
        PlanState.IN_DEFAULT: _("late, notice given"),
        PlanState.COMPLETED: pgettext("plan", "paid off"),
        PlanState.ACCELERATED: pgettext("plan", "broken"),
        PlanState.REFUSED: pgettext("plan", "refused"),
        PlanState.RESTRUCTURED: _("replaced by another version"),
        PlanState.EXPIRED: pgettext("plan", "ran out"),
    }.get(state, pgettext("plan", "cancelled"))


def promise_words(state: str) -> str:
    return {
        "active": pgettext("promise", "promised"),
        "kept": pgettext("promise", "kept"),
        "kept_in_part": pgettext("promise", "kept in part"),
        "broken": pgettext("promise", "broken"),
        "superseded": pgettext("promise", "replaced"),
    }.get(state, pgettext("promise", "taken back"))


def claim_words(state: str) -> str:
    return {
        "open": pgettext("claim", "being looked for"),
        "to_approve": pgettext("claim", "said a second time"),
        "matched": pgettext("claim", "found"),
        "refused": pgettext("claim", "refused"),
    }.get(state, pgettext("claim", "not found"))


def message_words(state: str) -> str:
    return {
        "sent": pgettext("message", "taken by the mail server"),
        "handed_over": pgettext("message", "given to the post"),
        "printed": pgettext("message", "printed"),
        "returned": pgettext("message", "came back"),
        "delivered": pgettext("message", "reached its telephone"),
        "undelivered": pgettext("message", "did not reach its telephone"),
        "failed": pgettext("message", "turned down"),
        "unknown": pgettext("message", "perhaps sent"),
        "sending": pgettext("message", "being sent"),
        "reached": pgettext("call", "reached"),
        "promise": pgettext("call", "reached, payment promised"),
        "dispute": pgettext("call", "reached, debt contested"),
        "not_reached": pgettext("call", "not reached"),
        "wrong_number": pgettext("call", "wrong number"),
    }.get(state, pgettext("message", "not sent"))


def channel_words(channel: str) -> str:
    return {
        "email": pgettext("channel", "mail"),
        "sms": pgettext("channel", "text message"),
        "letter": pgettext("channel", "letter"),
        "registered": pgettext("channel", "registered letter"),
        "call": pgettext("channel", "call"),
    }.get(channel, channel)


def level_words(level: int) -> str:
    """What a message of this level is."""
    return {
        0: _("Courtesy"),
        1: _("First reminder"),
        2: _("Second reminder"),
        3: _("Last reminder"),
        4: _("Formal notice"),
    }.get(level, _("Reminder"))


def entry_words(reason: Reason, *, takes: bool, booked: Account | None = None) -> str:
    """What moved an account; `takes` where it took something off an invoice, `booked` the account
    of revenue that an invoice or a credit note stands in.
    """
    is_note = reason is Reason.CREDIT_NOTE_ISSUED
    if booked is Account.LATE_INTEREST:
        return _("Credit note, late payment interest") if is_note else _("Late payment interest")
    if booked is Account.RECOVERY_COSTS:
        return _("Credit note, recovery costs") if is_note else _("Recovery costs")
    if booked is Account.PLAN_COSTS:
        words = _("Costs of the instalment plan")
        return _("Credit note, costs of the instalment plan") if is_note else words
    return {
        Reason.INVOICE_ISSUED: _("Invoice"),
        Reason.CREDIT_NOTE_ISSUED: _("Credit note"),
        Reason.CASH_ALLOCATED: _("Credit applied"),
        Reason.PAYMENT_SETTLED: _("Payment"),
        Reason.PAYMENT_SURPLUS: _("Payment, not applied"),
        Reason.TRANSFER_BOOKED: _("Bank transfer"),
        Reason.TRANSFER_SURPLUS: _("Bank transfer, not applied"),
        Reason.TRANSFER_REVERSED: _("Bank transfer taken off again"),
        Reason.ALLOCATION_UNDONE: _("Moved to the credit"),
        Reason.REFUNDED: pgettext("movement", "Refund"),
        Reason.REFUND_FAILED: _("Refund that came back"),
        Reason.CHARGED_BACK: _("Taken back by the payer’s bank"),
        Reason.CHARGEBACK_REINSTATED: _("Given back by the payer’s bank"),
        Reason.WRITTEN_OFF: _("Written off"),
        Reason.WRITE_OFF_REVERSED: _("Expected again"),
    }.get(reason, _("Taken off") if takes else _("Added"))


def interest_words(claim: Claim) -> tuple[str, str]:
    """How late interest stands, and where nothing is reckoned, why."""
    why = {
        ClaimState.NOT_LATE: _("Nothing: it is not late, or was paid in time."),
        ClaimState.NO_RULE: _("What the law of the debtor’s country grants is not known here."),
        ClaimState.RATE_MISSING: _("A rate of these days is not known, so nothing is reckoned."),
        ClaimState.OF_INTEREST: _("Nothing: it claims late interest itself, and bears none."),
        ClaimState.OF_PLAN: _("Nothing: it is what an instalment plan costs, and bears none."),
    }
    if claim.state is ClaimState.NEEDS_NOTICE:
        if claim.needs is Begins.REMINDER_AND_14_DAYS:
            return "", _("It begins only after a free first reminder and 14 days.")
        return "", _("It begins only with a formal notice.")
    if claim.state in why:
        return "", why[claim.state]
    return {
        ClaimState.CLAIMED: _("claimed"),
        ClaimState.WAIVED: _("waived"),
        ClaimState.UNDECIDED: _("to be decided"),
    }.get(claim.state, _("granted by law, not claimed so far")), ""
