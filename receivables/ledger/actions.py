"""Everything that moves money, as entries: one debit, one credit, one amount, one reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import DebtorId, EntryId, InvoiceId, PaymentId, SupplierId, new_id
from receivables.invoices.tables import Invoice
from receivables.jobs import add_unless_known
from receivables.ledger.events import TransferBooked
from receivables.ledger.queries import open_items, outstanding_of
from receivables.ledger.rules import spread
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money


class Overpaid(ReceivablesError):
    """More would be put against an invoice than is outstanding on it."""

    def __init__(self, invoice_id: InvoiceId, offered: Money, outstanding: Money) -> None:
        self.invoice_id, self.offered, self.outstanding = invoice_id, offered, outstanding
        super().__init__(f"{offered} against invoice {invoice_id}, {outstanding} outstanding")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an entry: an account, and whose."""

    account: Account
    subject: UUID


def receivable_of(invoice_id: InvoiceId) -> Side:
    return Side(Account.RECEIVABLE, invoice_id)


def unapplied_by(debtor_id: DebtorId) -> Side:
    return Side(Account.UNAPPLIED, debtor_id)


def clearing_of(supplier_id: SupplierId) -> Side:
    return Side(Account.STRIPE_CLEARING, supplier_id)


def sales_of(supplier_id: SupplierId) -> Side:
    return Side(Account.SALES, supplier_id)


def revenue_on(account: Account, supplier_id: SupplierId) -> Side:
    return Side(account, supplier_id)


def post(
    session: Session,
    *,
    supplier_id: SupplierId,
    debit: Side,
    credit: Side,
    amount: Money,
    reason: Reason,
    source: str,
    booked_on: date,
    clock: Clock,
    payment_id: PaymentId | None = None,
) -> bool:
    """Add one entry; False when it stands already (same supplier, reason and source).

    The database refuses an entry that takes a receivable below zero.
    """
    assert amount.minor > 0, f"{amount} cannot be posted"
    assert debit != credit, "an entry has two sides"
    row = {
        "id": EntryId(new_id()),
        "supplier_id": supplier_id,
        "debit_account": debit.account,
        "debit_subject": debit.subject,
        "credit_account": credit.account,
        "credit_subject": credit.subject,
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "reason": reason,
        "source": source,
        "payment_id": payment_id,
        "booked_on": booked_on,
        "created_at": clock.now(),
    }
    return add_unless_known(session, Entry, row)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a payment: what was put against which invoice, and what was left over."""

    allocations: tuple[tuple[InvoiceId, Money], ...]
    surplus: Money


_LOCK = (
    select(Invoice.id)
    .where(
        Invoice.supplier_id == bindparam("supplier"),
        Invoice.id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(Invoice.id)
    .with_for_update()
)
_LOCK_OF_DEBTOR = (
    select(Invoice.id)
    .where(Invoice.supplier_id == bindparam("supplier"), Invoice.debtor_id == bindparam("debtor"))
    .order_by(Invoice.id)
    .with_for_update()
)


def lock_invoices(
    session: Session, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> None:
    """Hold these invoices until the transaction ends, in id order, so that nobody deadlocks."""
    if invoice_ids and not _is_alone(session):
        session.execute(_LOCK, {"supplier": supplier_id, "ids": list(invoice_ids)}).all()


def lock_debtor_invoices(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> None:
    """Hold all invoices of one debtor until the transaction ends."""
    if not _is_alone(session):
        session.execute(_LOCK_OF_DEBTOR, {"supplier": supplier_id, "debtor": debtor_id}).all()


def _is_alone(session: Session) -> bool:
    """Whether nobody else can write as long as this transaction lasts: SQLite has one writer."""
    return session.get_bind().dialect.name == "sqlite"


def settle(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    payment_id: PaymentId,
    parts: Sequence[tuple[InvoiceId, Money]],
    amount: Money,
    booked_on: date,
    clock: Clock,
) -> Settlement:
    """Book money that has arrived: against `parts` as far as each is still outstanding, then
    against the debtor's oldest open invoices, and what is left as unapplied cash.

    A second call for the same payment changes nothing and returns what stands.
    """
    lock_debtor_invoices(session, supplier_id, debtor_id)
    standing = _standing(session, supplier_id, payment_id, amount.currency)
    if standing is not None:
        return standing
    items = open_items(session, supplier_id, debtor_id)
    outstanding = {item.invoice_id: item.outstanding for item in items}
    allocated, surplus = spread(amount, parts, outstanding)
    lines = [
        (receivable_of(invoice_id), share, Reason.PAYMENT_SETTLED, f"{payment_id}/{invoice_id}")
        for invoice_id, share in allocated.items()
    ]
    if surplus:
        lines.append((unapplied_by(debtor_id), surplus, Reason.PAYMENT_SURPLUS, str(payment_id)))
    for credit, share, reason, source in lines:
        post(
            session,
            supplier_id=supplier_id,
            debit=clearing_of(supplier_id),
            credit=credit,
            amount=share,
            reason=reason,
            source=source,
            payment_id=payment_id,
            booked_on=booked_on,
            clock=clock,
        )
    return Settlement(tuple(allocated.items()), surplus)


_OF_PAYMENT = select(Entry.reason, Entry.credit_subject, Entry.amount).where(
    Entry.supplier_id == bindparam("supplier"), Entry.payment_id == bindparam("payment")
)


def _standing(
    session: Session, supplier_id: SupplierId, payment_id: PaymentId, currency: str
) -> Settlement | None:
    rows = session.execute(_OF_PAYMENT, {"supplier": supplier_id, "payment": payment_id}).all()
    if not rows:
        return None
    allocations = tuple(
        (InvoiceId(row.credit_subject), row.amount)
        for row in rows
        if row.reason == Reason.PAYMENT_SETTLED
    )
    surplus = Money.total(
        (row.amount for row in rows if row.reason == Reason.PAYMENT_SURPLUS), currency
    )
    return Settlement(allocations, surplus)


_TRANSFER = select(Entry.id).where(
    Entry.supplier_id == bindparam("supplier"),
    Entry.reason == Reason.TRANSFER_BOOKED,
    Entry.source == bindparam("source"),
)


def book_transfer(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    invoice_id: InvoiceId,
    amount: Money,
    reference: str,
    booked_on: date,
    clock: Clock,
) -> bool:
    """Book money that came to the supplier's own account; False when `reference` stands already.

    Raises Overpaid when it is more than is outstanding on the invoice.
    """
    lock_invoices(session, supplier_id, [invoice_id])
    outstanding = outstanding_of(session, supplier_id, [invoice_id])[invoice_id]
    source = f"{reference}/{invoice_id}"
    if session.scalar(_TRANSFER, {"supplier": supplier_id, "source": source}) is not None:
        return False
    if amount > outstanding:
        raise Overpaid(invoice_id, amount, outstanding)
    post(
        session,
        supplier_id=supplier_id,
        debit=Side(Account.BANK, supplier_id),
        credit=receivable_of(invoice_id),
        amount=amount,
        reason=Reason.TRANSFER_BOOKED,
        source=source,
        booked_on=booked_on,
        clock=clock,
    )
    booked = TransferBooked(
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        invoice_id=invoice_id,
        amount=amount,
        reference=reference,
    )
    record(session, booked, clock=clock)
    return True
