"""Payments: the list, one with its history and its entries in the books, asking the gateway."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

import structlog
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.account_words import account_words
from backoffice.billing_pages import (
    Attempt,
    EntryRow,
    PaymentPage,
    PaymentRow,
    PaymentsPage,
)
from backoffice.pages import PaymentState as Shown
from backoffice.paging import PAGE_SIZE, Wanted, one_of, wanted
from backoffice.refunds import returns_of
from backoffice.timeline import OFFICE_WORDINGS
from receivables import history
from receivables.i18n import translate as _
from receivables.ids import InvoiceId, PaymentId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.lots import Standing, standing_of
from receivables.ledger.tables import Entry, Reason
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.payments import queries
from receivables.payments.events import (
    PaymentEvent,
    PaymentExpired,
    PaymentFailed,
    PaymentProcessing,
    PaymentSettled,
    PaymentStarted,
    PaymentUnknown,
)
from receivables.payments.looking import look_again
from receivables.payments.rules import LIVE, PaymentState
from receivables.payments.tables import Payment, PaymentPart

log = structlog.get_logger(__name__)

_SHOWN: Mapping[PaymentState, Shown] = {
    PaymentState.STARTED: "open",
    PaymentState.SENT: "open",
    PaymentState.OPEN: "open",
    PaymentState.PROCESSING: "processing",
    PaymentState.SETTLED: "settled",
    PaymentState.FAILED: "failed",
    PaymentState.EXPIRED: "expired",
    PaymentState.UNKNOWN: "unknown",
}

#: The filters of the list.
Filter = Literal["all", "settled", "on_their_way", "unknown", "failed"]
_STATES: Mapping[Filter, tuple[PaymentState, ...]] = {
    "all": (),
    "settled": (PaymentState.SETTLED,),
    "on_their_way": (
        PaymentState.STARTED,
        PaymentState.SENT,
        PaymentState.OPEN,
        PaymentState.PROCESSING,
    ),
    "unknown": (PaymentState.UNKNOWN,),
    "failed": (PaymentState.FAILED, PaymentState.EXPIRED),
}

#: What each event says of the attempt's state.
_STATE_OF: Mapping[type[history.Event], Shown] = {
    PaymentStarted: "open",
    PaymentProcessing: "processing",
    PaymentSettled: "settled",
    PaymentFailed: "failed",
    PaymentExpired: "expired",
    PaymentUnknown: "unknown",
}


def state_shown(state: str) -> Shown:
    """How far an attempt has come, as staff need to know it."""
    return _SHOWN[PaymentState(state)]


@get("/payments", sync_to_thread=True)
def show_payments(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    asked = wanted(request)
    with asker.reading() as session:
        page = payments_page(session, asker, asked)
    return asker.page("payments.html", page)


def payments_page(session: Session, asker: Asker, asked: Wanted) -> PaymentsPage:
    supplier_id = asker.supplier_id
    show = one_of(asked.show, tuple(_STATES))
    statement = select(Payment).where(Payment.supplier_id == supplier_id)
    count = select(func.count()).select_from(Payment).where(Payment.supplier_id == supplier_id)
    if _STATES[show]:
        statement = statement.where(Payment.state.in_(_STATES[show]))
        count = count.where(Payment.state.in_(_STATES[show]))
    rows = session.scalars(
        statement.order_by(Payment.created_at.desc(), Payment.id.desc())
        .limit(PAGE_SIZE)
        .offset(asked.skip)
    ).all()
    return PaymentsPage(
        head=asker.head(session, "payments"),
        notice=asker.notice(),
        show=show,
        rows=_rows(session, supplier_id, rows),
        pager=asked.pager(len(rows), session.scalar(count) or 0),
    )


def _rows(
    session: Session, supplier_id: SupplierId, payments: Sequence[Payment]
) -> tuple[PaymentRow, ...]:
    names = parties.debtor_names(session, supplier_id, [one.debtor_id for one in payments])
    numbers = _invoice_numbers(session, supplier_id, [one.id for one in payments])
    return tuple(
        PaymentRow(
            id=one.id,
            debtor_id=one.debtor_id,
            debtor_name=names[one.debtor_id],
            amount=one.amount,
            state=state_shown(one.state),
            method=one.method,
            at=one.state_since,
            numbers=tuple(numbers.get(one.id, ())),
        )
        for one in payments
    )


def _invoice_numbers(
    session: Session, supplier_id: SupplierId, payment_ids: Sequence[PaymentId]
) -> dict[PaymentId, list[str]]:
    """The invoices each payment is meant for."""
    rows = session.execute(
        select(PaymentPart.payment_id, Invoice.number)
        .join(
            Invoice,
            (Invoice.supplier_id == PaymentPart.supplier_id)
            & (Invoice.id == PaymentPart.invoice_id),
        )
        .where(PaymentPart.supplier_id == supplier_id, PaymentPart.payment_id.in_(payment_ids))
        .order_by(Invoice.due_on, Invoice.number)
    )
    numbers: dict[PaymentId, list[str]] = defaultdict(list)
    for row in rows:
        numbers[row.payment_id].append(row.number)
    return numbers


@get("/payments/{payment_id:uuid}", sync_to_thread=True)
def show_payment(payment_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = payment_page(session, asker, PaymentId(payment_id))
    return asker.page("payment.html", page)


def payment_page(session: Session, asker: Asker, payment_id: PaymentId) -> PaymentPage:
    """Raises NoSuchPayment."""
    supplier_id = asker.supplier_id
    payment = queries.of_supplier(session, supplier_id, payment_id)
    entries = queries.entries_of(session, supplier_id, payment_id)
    numbers = _numbers(session, supplier_id, entries)
    standing = standing_of(session, supplier_id, payment_id, payment.amount.currency)
    row = _rows(session, supplier_id, [payment])[0]
    return PaymentPage(
        head=asker.head(session, "payments"),
        notice=asker.notice(),
        payment=row,
        allocations=_allocations(session, supplier_id, payment, standing, numbers),
        unapplied=standing.unapplied,
        given_back=standing.given_back,
        returns=returns_of(session, payment, row.debtor_name),
        gateway_ids=tuple(
            (name, value)
            for name, value in (
                ("Checkout Session", payment.stripe_session_id),
                ("PaymentIntent", payment.stripe_payment_intent_id),
            )
            if value
        ),
        attempts=_attempts(session, supplier_id, payment),
        entries=tuple(_entry(entry, numbers) for entry in entries),
    )


def _allocations(
    session: Session,
    supplier_id: SupplierId,
    payment: Payment,
    standing: Standing,
    numbers: Mapping[UUID, str],
) -> tuple[tuple[str, UUID, Money], ...]:
    """What it pays now: as the books have it, or while they have nothing, as it is meant."""
    if standing.received:
        return tuple(
            (numbers[one.invoice_id], one.invoice_id, one.amount) for one in standing.placed
        )
    return tuple(
        (part.number, part.invoice_id, part.amount)
        for part in queries.parts_of(session, supplier_id, payment)
    )


def _numbers(
    session: Session, supplier_id: SupplierId, entries: Sequence[Entry]
) -> dict[UUID, str]:
    """The numbers of the invoices that entries are about."""
    ids = {InvoiceId(side) for one in entries for side in (one.debit_subject, one.credit_subject)}
    rows = session.execute(
        select(Invoice.id, Invoice.number).where(
            Invoice.supplier_id == supplier_id, Invoice.id.in_(ids)
        )
    )
    return {row.id: row.number for row in rows}


def _entry(entry: Entry, numbers: Mapping[UUID, str]) -> EntryRow:
    return EntryRow(
        at=entry.created_at,
        debit=_account(entry.debit_account, numbers.get(entry.debit_subject, "")),
        credit=_account(entry.credit_account, numbers.get(entry.credit_subject, "")),
        amount=entry.amount,
        reason=_reason(entry.reason),
    )


def _account(account: str, number: str) -> str:
    return f"{account_words(account)} {number}".strip()


def _reason(reason: str) -> str:
    return {
        Reason.PAYMENT_SETTLED: _("Payment settled"),
        Reason.PAYMENT_SURPLUS: _("Paid too much"),
        Reason.TRANSFER_BOOKED: _("Bank transfer"),
        Reason.CASH_ALLOCATED: _("Credit put against an invoice"),
        Reason.ALLOCATION_UNDONE: _("Taken off an invoice"),
        Reason.REFUNDED: _("Sent back"),
        Reason.REFUND_FAILED: _("Refund that came back"),
        Reason.CHARGED_BACK: _("Taken back by the bank"),
        Reason.CHARGEBACK_REINSTATED: _("Given back by the bank"),
    }.get(Reason(reason), reason.replace("_", " "))


def _attempts(session: Session, supplier_id: SupplierId, payment: Payment) -> tuple[Attempt, ...]:
    """What became of it step by step, newest first."""
    happened = history.of_debtor(session, supplier_id, payment.debtor_id, most=500)
    return tuple(
        Attempt(
            at=one.at,
            state=_STATE_OF[type(one.event)],
            sentence=OFFICE_WORDINGS[type(one.event)].sentence(one.event),
        )
        for one in happened
        if isinstance(one.event, PaymentEvent)
        and type(one.event) in _STATE_OF
        and one.event.payment_id == payment.id
    )


@post("/payments/{payment_id:uuid}/ask", sync_to_thread=True)
def ask(payment_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    """Ask the gateway once more how it stands; no transaction is open meanwhile."""
    payment = look_again(collector.runtime, collector.supplier_id, PaymentId(payment_id))
    still = PaymentState(payment.state) in LIVE
    log.info("payment.asked", payment=str(payment_id), by=str(collector.me.staff_id))
    return collector.back(f"/payments/{payment_id}", "payment_silent" if still else "payment_asked")
