"""What may be sent back, and how a refund moves from state to state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from receivables.errors import NoSuch, ReceivablesError
from receivables.ids import PaymentId, RefundId
from receivables.money import Money
from receivables.ports import RefundStatus


class RefundState(StrEnum):
    """How far a refund has come."""

    STARTED = "started"
    """On record; Stripe has certainly not heard of it."""
    SENT = "sent"
    """Stripe is being told; whether it heard is unknown until it answers."""
    UNKNOWN = "unknown"
    """The outcome could not be learned; only looking finds out."""
    REFUSED = "refused"
    """Stripe did not make it: nothing moved."""
    PENDING = "pending"
    """It has left us and is on its way."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """It came back, or was cancelled: the money is ours again."""


#: Nobody knows yet whether money goes; it must not be promised a second time.
UNDECIDED = frozenset({RefundState.STARTED, RefundState.SENT, RefundState.UNKNOWN})
#: The money has left us, and the ledger says so.
GONE = frozenset({RefundState.PENDING, RefundState.SUCCEEDED})


class RefundReport(StrEnum):
    """What we have learned about a refund."""

    SENT = "sent"
    UNCLEAR = "unclear"
    """It broke down, or has been silent for too long: only looking finds out."""
    REFUSED = "refused"
    """Stripe said no, or looking, late enough to be sure, found that none was ever made."""
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


_S, _R = RefundState, RefundReport

#: Every step there is; what is not here is no news. What Stripe has made is taken down from any
#: state in which we do not know better: its word about money is the truth.
TRANSITIONS: Mapping[tuple[RefundState, RefundReport], RefundState] = {
    (_S.STARTED, _R.SENT): _S.SENT,
    (_S.STARTED, _R.REFUSED): _S.REFUSED,
    (_S.SENT, _R.UNCLEAR): _S.UNKNOWN,
    (_S.SENT, _R.REFUSED): _S.REFUSED,
    (_S.UNKNOWN, _R.REFUSED): _S.REFUSED,
    **{
        (state, report): outcome
        for state in (_S.STARTED, _S.SENT, _S.UNKNOWN, _S.REFUSED)
        for report, outcome in (
            (_R.PENDING, _S.PENDING),
            (_R.SUCCEEDED, _S.SUCCEEDED),
            (_R.FAILED, _S.FAILED),
        )
    },
    (_S.PENDING, _R.SUCCEEDED): _S.SUCCEEDED,
    (_S.PENDING, _R.FAILED): _S.FAILED,
    # A bank may send back weeks later what had arrived.
    (_S.SUCCEEDED, _R.FAILED): _S.FAILED,
}

REPORT_OF: Mapping[RefundStatus, RefundReport] = {
    RefundStatus.PENDING: RefundReport.PENDING,
    RefundStatus.SUCCEEDED: RefundReport.SUCCEEDED,
    RefundStatus.FAILED: RefundReport.FAILED,
}


def transition(current: RefundState, reported: RefundReport) -> RefundState | None:
    """The next state, or None when the report is nothing new."""
    return TRANSITIONS.get((current, reported))


#: The pauses between looks from when the state was entered, and then a person; the same rhythm as
#: for payments (`rules.next_check`). A refund takes up to ten business days to arrive.
#: Source: docs.stripe.com/refunds.
_PAUSES: Mapping[RefundState, tuple[timedelta, ...]] = {
    RefundState.UNKNOWN: (timedelta(minutes=5), timedelta(hours=1), *(timedelta(days=1),) * 5),
    RefundState.PENDING: (*(timedelta(hours=6),) * 4, *(timedelta(days=1),) * 30),
}
#: Looked at in the same rhythm for as long as Stripe cannot be reached.
_ENDLESS: Mapping[RefundState, timedelta] = {
    RefundState.STARTED: timedelta(minutes=2),
    RefundState.SENT: timedelta(minutes=1),
}


def next_check(state: RefundState, since: datetime, now: datetime) -> datetime | None:
    """When to look again at a refund that is in `state` since then; None: no need, or in vain."""
    if state in _ENDLESS:
        return since + _ENDLESS[state] * ((now - since) // _ENDLESS[state] + 1)
    due = since
    for pause in _PAUSES.get(state, ()):
        due += pause
        if due > now:
            return due
    return None


class NoSuchRefund(NoSuch):
    """There is no such refund for the one who asks."""

    def __init__(self, refund_id: RefundId) -> None:
        self.refund_id = refund_id
        super().__init__(f"refund {refund_id}")


class NotRefundable(ReceivablesError):
    """Nothing of the payment can be sent back: `reason` is "not_settled", or "contested" while
    a chargeback of it is open.
    """

    def __init__(self, payment_id: PaymentId, reason: str) -> None:
        self.payment_id, self.reason = payment_id, reason
        super().__init__(f"payment {payment_id} cannot be refunded: {reason}")


class RefundExceedsLeft(ReceivablesError):
    """More was to be sent back than is left of the payment."""

    def __init__(self, asked: Money, left: Money) -> None:
        self.asked, self.left = asked, left
        super().__init__(f"{asked} to be sent back, {left} left")


@dataclass(frozen=True, slots=True)
class Refundable:
    """What may be sent back of a payment, or (`reason`) why nothing may."""

    left: Money
    reason: str = ""


def refundable(
    left_in_ledger: Money, undecided: Iterable[Money], *, settled: bool, contested: bool
) -> Refundable:
    """What a payment brought, less what went back, less refunds nobody knows the outcome of.

    While the payer's bank contests it nothing is sent: the same money would go twice.
    """
    nothing = Money.zero(left_in_ledger.currency)
    if not settled:
        return Refundable(nothing, "not_settled")
    if contested:
        return Refundable(nothing, "contested")
    promised = Money.total(undecided, left_in_ledger.currency)
    return Refundable(max(nothing, left_in_ledger - promised))
