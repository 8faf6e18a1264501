"""Starting to pay: an attempt is on record before the gateway hears of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import ContactId, DebtorId, InvoiceId, PaymentId, SupplierId, new_id
from receivables.invoices.queries import NoSuchInvoice
from receivables.invoices.tables import Invoice
from receivables.jobs import insert_or_ignore
from receivables.ledger.actions import lock_invoices
from receivables.ledger.queries import outstanding_of
from receivables.money import Money
from receivables.parties.queries import supplier as supplier_of
from receivables.parties.tables import Supplier
from receivables.payments.actions import about
from receivables.payments.errors import PaymentAlreadySettled
from receivables.payments.events import PaymentStarted
from receivables.payments.queries import find
from receivables.payments.rules import (
    PAGE_LIFETIME,
    Part,
    PaymentState,
    check_choice,
    fingerprint,
    next_check,
)
from receivables.payments.tables import Payment, PaymentPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a debtor decided to pay. `attempt` was made with the page they decided on."""

    attempt: PaymentId
    supplier_id: SupplierId
    debtor_id: DebtorId
    contact_id: ContactId | None
    parts: tuple[Part, ...]
    #: Of the hosted page and of what it lists.
    locale: str


class InvoicesHeld(ReceivablesError):
    """Other live attempts hold some of the invoices; they must be over first."""

    def __init__(self, payment_ids: Sequence[PaymentId]) -> None:
        self.payment_ids = tuple(payment_ids)
        super().__init__(f"held by {', '.join(map(str, payment_ids))}")


#: Makes the gateway's request for an attempt from what is paid of each invoice (by number).
Freeze = Callable[[PaymentId, Sequence[tuple[str, Money]]], dict[str, Any]]

#: A page with less time left than this is not worth sending anybody to.
_LEAST_TIME_LEFT = timedelta(minutes=3)


def start(
    session: Session, choice: Choice, *, livemode: bool, freeze: Freeze, clock: Clock
) -> Payment:
    """Put an attempt on record, or find the live one that is the same choice.

    Raises what `check_choice` raises, NoSuchInvoice, PaymentAlreadySettled for this very
    attempt, and InvoicesHeld when other attempts have to be over first.
    """
    parts = tuple(part for part in choice.parts if part.amount)
    invoice_ids = [part.invoice_id for part in parts]
    # From here until the commit nobody else starts or settles anything on these invoices.
    lock_invoices(session, choice.supplier_id, invoice_ids)
    mark = fingerprint(choice.debtor_id, parts)
    known = find(session, choice.supplier_id, choice.attempt)
    if known is not None and known.fingerprint == mark and known.state == PaymentState.SETTLED:
        raise PaymentAlreadySettled(known.id)
    numbers = _numbers(session, choice, invoice_ids)
    supplier = supplier_of(session, choice.supplier_id)
    outstanding = outstanding_of(session, choice.supplier_id, invoice_ids)
    amount = check_choice(parts, outstanding, _least_payment(supplier, parts))
    held = _holding(session, choice.supplier_id, invoice_ids)
    if len(held) == 1 and held[0].fingerprint == mark and _worth_showing(held[0], clock):
        return held[0]
    if held:
        raise InvoicesHeld([payment.id for payment in held])
    lines = [(numbers[part.invoice_id], part.amount) for part in parts]
    payment = _put_on_record(
        session, choice, amount, mark, supplier.stripe_account or "", livemode, lines, freeze, clock
    )
    session.add_all(
        PaymentPart(
            payment_id=payment.id,
            invoice_id=part.invoice_id,
            supplier_id=choice.supplier_id,
            amount_minor=part.amount.minor,
            live=True,
        )
        for part in parts
    )
    session.flush()
    record(session, PaymentStarted(**about(session, payment)), clock=clock)
    return payment


def _least_payment(supplier: Supplier, parts: Sequence[Part]) -> Money | None:
    if not parts or parts[0].amount.currency != supplier.currency:
        return None
    return Money(supplier.least_payment_minor, supplier.currency)


def _worth_showing(payment: Payment, clock: Clock) -> bool:
    return payment.state != PaymentState.OPEN or payment.expires_at - clock.now() > _LEAST_TIME_LEFT


def _numbers(
    session: Session, choice: Choice, invoice_ids: Sequence[InvoiceId]
) -> dict[InvoiceId, str]:
    rows = session.execute(
        select(Invoice.id, Invoice.number).where(
            Invoice.supplier_id == choice.supplier_id,
            Invoice.debtor_id == choice.debtor_id,
            Invoice.id.in_(invoice_ids),
            Invoice.kind == "invoice",
        )
    )
    numbers = {row.id: row.number for row in rows}
    for invoice_id in invoice_ids:
        if invoice_id not in numbers:
            raise NoSuchInvoice(str(invoice_id))
    return numbers


def _holding(
    session: Session, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> Sequence[Payment]:
    return session.scalars(
        select(Payment)
        .where(
            Payment.supplier_id == supplier_id,
            Payment.id.in_(
                select(PaymentPart.payment_id).where(
                    PaymentPart.supplier_id == supplier_id,
                    PaymentPart.live,
                    PaymentPart.invoice_id.in_(invoice_ids),
                )
            ),
        )
        .order_by(Payment.id)
    ).all()


def _put_on_record(
    session: Session,
    choice: Choice,
    amount: Money,
    mark: str,
    account: str,
    livemode: bool,
    lines: Sequence[tuple[str, Money]],
    freeze: Freeze,
    clock: Clock,
) -> Payment:
    now = clock.now()
    # The page's id may have been used: by a try that is over (a new try is a new key), or by
    # whoever made the form up.
    for payment_id in (choice.attempt, PaymentId(new_id())):
        row = {
            "id": payment_id,
            "supplier_id": choice.supplier_id,
            "debtor_id": choice.debtor_id,
            "contact_id": choice.contact_id,
            "amount_minor": amount.minor,
            "currency": amount.currency,
            "state": PaymentState.STARTED,
            "state_since": now,
            "fingerprint": mark,
            "request": freeze(payment_id, lines),
            "livemode": livemode,
            "stripe_account": account,
            "created_at": now,
            "expires_at": now + PAGE_LIFETIME,
            "next_check_at": next_check(PaymentState.STARTED, now, now),
        }
        statement = insert_or_ignore(session, Payment).values(row).returning(Payment.id)
        if session.execute(statement).one_or_none() is not None:
            made = find(session, choice.supplier_id, payment_id)
            assert made is not None, payment_id
            return made
    raise AssertionError("a fresh id is free")
