"""Chargebacks: the payer's bank takes a payment back, and perhaps gives it back to us.

Stripe calls them disputes; to us a dispute is about an invoice. A direct debit that its payer has
returned weeks after it succeeded comes this way, too.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.ids import ChargebackId, new_id
from receivables.ledger.giving_back import Moved, come_again, give_back
from receivables.ledger.tables import Reason
from receivables.payments.refund_actions import (
    booked_on,
    hold_payment,
    tell_paid_again,
    tell_reopened,
)
from receivables.payments.return_events import (
    ChargebackClosed,
    ChargebackOpened,
    ChargebackReinstated,
    ChargebackWithdrawn,
)
from receivables.payments.return_tables import Chargeback
from receivables.payments.tables import Payment
from receivables.ports import ChargebackFound, ChargebackStatus

_OVER = frozenset({ChargebackStatus.WON, ChargebackStatus.LOST, ChargebackStatus.CLOSED})


def apply(
    session: Session, payment: Payment, found: ChargebackFound, *, clock: Clock
) -> Chargeback:
    """Take down what the bank says of a payment, and book what it took or gave back.

    May be called any number of times, in any order: `found` is how it stands now. What was
    decided stays decided, except that an inquiry may become a chargeback.
    """
    payment = hold_payment(session, payment.supplier_id, payment.id)
    row = _known(session, payment, found)
    is_new = row is None
    row = row or _opened(session, payment, found, clock)
    row.respond_by = found.respond_by
    became_real = row.state == "inquiry" and found.status is ChargebackStatus.OPEN
    if is_new or became_real:
        inquiry = found.status in (ChargebackStatus.INQUIRY, ChargebackStatus.CLOSED)
        opened = ChargebackOpened(**_about(payment, row), inquiry=inquiry)
        record(session, opened, clock=clock)
    if found.amount.currency != payment.amount.currency:
        row.problem = f"{found.id} is over {found.amount}"
    else:
        _follow_the_money(session, payment, row, found, clock)
    _move(session, payment, row, found.status, clock)
    session.flush()
    return row


def _known(session: Session, payment: Payment, found: ChargebackFound) -> Chargeback | None:
    return session.scalar(
        select(Chargeback).where(
            Chargeback.supplier_id == payment.supplier_id,
            Chargeback.stripe_account == found.account,
            Chargeback.stripe_dispute_id == found.id,
        )
    )


def _opened(session: Session, payment: Payment, found: ChargebackFound, clock: Clock) -> Chargeback:
    now = clock.now()
    state = "inquiry" if found.status is ChargebackStatus.CLOSED else found.status
    row = Chargeback(
        id=ChargebackId(new_id()),
        supplier_id=payment.supplier_id,
        payment_id=payment.id,
        amount=found.amount,
        state="open" if state in _OVER else state,
        state_since=now,
        money="with_us",
        reason=found.reason[:60],
        stripe_account=found.account,
        stripe_dispute_id=found.id,
        respond_by=found.respond_by,
        opened_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _follow_the_money(
    session: Session, payment: Payment, row: Chargeback, found: ChargebackFound, clock: Clock
) -> None:
    """The money goes once and comes again once, whatever was heard of it meanwhile."""
    if row.money == "with_us" and found.has_moved:
        moved = _book(session, payment, row, clock, gone=True)
        row.money = "withdrawn"
        if moved.short:
            row.problem = f"{moved.short} more than the payment had left"
        record(session, ChargebackWithdrawn(**_about(payment, row)), clock=clock)
        tell_reopened(session, payment, moved.parts, "chargeback", clock)
    if row.money == "withdrawn" and not found.withdrawn:
        moved = _book(session, payment, row, clock, gone=False)
        row.money = "reinstated"
        record(session, ChargebackReinstated(**_about(payment, row)), clock=clock)
        tell_paid_again(session, payment, moved.parts, "chargeback", clock)


def _book(
    session: Session, payment: Payment, row: Chargeback, clock: Clock, *, gone: bool
) -> Moved:
    about: dict[str, Any] = {
        "supplier_id": payment.supplier_id,
        "debtor_id": payment.debtor_id,
        "payment_id": payment.id,
        "source": row.stripe_dispute_id,
        "booked_on": booked_on(session, payment, clock),
        "clock": clock,
    }
    if gone:
        return give_back(session, **about, amount=row.amount, reason=Reason.CHARGED_BACK)
    currency = payment.amount.currency
    return come_again(session, **about, currency=currency, undoes=Reason.CHARGED_BACK)


def _move(
    session: Session, payment: Payment, row: Chargeback, status: ChargebackStatus, clock: Clock
) -> None:
    if row.state == status or ChargebackStatus(row.state) in _OVER:
        return
    if row.state == "open" and status is ChargebackStatus.INQUIRY:
        return
    row.state, row.state_since = status, clock.now()
    if status in _OVER:
        closed = ChargebackClosed(**_about(payment, row), outcome=status)
        record(session, closed, clock=clock)


def _about(payment: Payment, row: Chargeback) -> dict[str, Any]:
    return {
        "supplier_id": payment.supplier_id,
        "debtor_id": payment.debtor_id,
        "payment_id": payment.id,
        "chargeback_id": row.id,
        "amount": row.amount,
        "reason": row.reason,
    }
