"""Putting unapplied cash and credit against invoices, by itself or by a person, and taking it
off again. Each lot keeps its origin, so that a payment's surplus can be followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.errors import NoSuch, ReceivablesError
from receivables.history import record
from receivables.ids import DebtorId, EntryId, InvoiceId, SupplierId
from receivables.invoices.queries import NoSuchInvoice
from receivables.invoices.tables import Invoice
from receivables.ledger.actions import (
    Overpaid,
    lock_debtor_invoices,
    post,
    receivable_of,
    unapplied_by,
)
from receivables.ledger.events import AllocationUndone, CreditAllocated
from receivables.ledger.lots import Lot, lots_of, standing_of
from receivables.ledger.queries import open_items
from receivables.ledger.rules import share_out
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money


class NotEnoughUnapplied(ReceivablesError):
    """More was to be put against invoices than the debtor has unapplied."""

    def __init__(self, offered: Money, unapplied: Money) -> None:
        self.offered, self.unapplied = offered, unapplied
        super().__init__(f"{offered} offered, {unapplied} unapplied")


class NoSuchAllocation(NoSuch):
    """There is no such allocation, or it has been taken back."""

    def __init__(self, entry_id: EntryId) -> None:
        self.entry_id = entry_id
        super().__init__(f"allocation {entry_id}")


def allocate_credit(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    booked_on: date,
    source: str,
    clock: Clock,
    first: InvoiceId | None = None,
) -> None:
    """Put unapplied cash and credit against open invoices: `first`, then the oldest due.

    Oldest first is the order of the law where nobody chose another: French civil code article
    1342-10, Swiss code of obligations article 87. `source` names what set it off, so that the
    same cause allocates once.
    """
    lock_debtor_invoices(session, supplier_id, debtor_id)
    for currency, lots in lots_of(session, supplier_id, debtor_id).items():
        items = [
            item
            for item in open_items(session, supplier_id, debtor_id)
            if item.outstanding.currency == currency
        ]
        items.sort(key=lambda item: (item.invoice_id != first, item.due_on, item.number))
        parts = [(item.invoice_id, item.outstanding) for item in items]
        _put(session, supplier_id, debtor_id, lots, parts, source, booked_on, clock)


def allocate(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    parts: Sequence[tuple[InvoiceId, Money]],
    source: str,
    booked_on: date,
    clock: Clock,
) -> None:
    """A person puts unapplied cash against invoices of their choice, the oldest cash first.

    `source` is made with the form, so that the same form allocates once. Parts are in one
    currency. Raises NoSuchInvoice, Overpaid and NotEnoughUnapplied.
    """
    parts = [(invoice_id, amount) for invoice_id, amount in parts if amount.minor > 0]
    if not parts:
        return
    lock_debtor_invoices(session, supplier_id, debtor_id)
    if _is_known(session, supplier_id, f"{source}/{parts[0][0]}"):
        return
    currency = parts[0][1].currency
    outstanding = {
        item.invoice_id: item.outstanding for item in open_items(session, supplier_id, debtor_id)
    }
    for invoice_id, amount in parts:
        if invoice_id not in outstanding:
            raise NoSuchInvoice(str(invoice_id))
        if amount > outstanding[invoice_id]:
            raise Overpaid(invoice_id, amount, outstanding[invoice_id])
    lots = lots_of(session, supplier_id, debtor_id).get(currency, [])
    offered = Money.total((amount for _, amount in parts), currency)
    unapplied = Money.total((lot.amount for lot in lots), currency)
    if offered > unapplied:
        raise NotEnoughUnapplied(offered, unapplied)
    _put(session, supplier_id, debtor_id, lots, parts, source, booked_on, clock)


def _put(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    lots: Sequence[Lot],
    parts: Sequence[tuple[InvoiceId, Money]],
    source: str,
    booked_on: date,
    clock: Clock,
) -> None:
    shares = share_out([lot.amount for lot in lots], [amount for _, amount in parts])
    put: dict[InvoiceId, list[Money]] = {}
    for lot, part, amount in shares:
        invoice_id = parts[part][0]
        before = len(put.setdefault(invoice_id, []))
        is_new = post(
            session,
            supplier_id=supplier_id,
            debit=unapplied_by(debtor_id),
            credit=receivable_of(invoice_id),
            amount=amount,
            reason=Reason.CASH_ALLOCATED,
            source=f"{source}/{invoice_id}" + (f"/{before + 1}" if before else ""),
            payment_id=lots[lot].payment_id,
            booked_on=booked_on,
            clock=clock,
        )
        if is_new:
            put[invoice_id].append(amount)
    for invoice_id, amounts in put.items():
        if amounts:
            allocated = CreditAllocated(
                supplier_id=supplier_id,
                debtor_id=debtor_id,
                invoice_id=invoice_id,
                amount=Money.total(amounts, amounts[0].currency),
            )
            record(session, allocated, clock=clock)


_KNOWN = select(Entry.id).where(
    Entry.supplier_id == bindparam("supplier"),
    Entry.reason == Reason.CASH_ALLOCATED,
    Entry.source == bindparam("source"),
)


def _is_known(session: Session, supplier_id: SupplierId, source: str) -> bool:
    return session.scalar(_KNOWN, {"supplier": supplier_id, "source": source}) is not None


#: What a person may take off an invoice again: money and credit, however it came there.
ALLOCATIONS = (Reason.CASH_ALLOCATED, Reason.PAYMENT_SETTLED, Reason.TRANSFER_BOOKED)


def take_off(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    entry_id: EntryId,
    booked_on: date,
    clock: Clock,
) -> Money:
    """Take an allocation back: the invoice is open again by that much, and the money waits as
    unapplied cash of the same origin. What has been given back of it meanwhile stays given.

    Raises NoSuchAllocation, also when it has been taken back before.
    """
    lock_debtor_invoices(session, supplier_id, debtor_id)
    entry = session.scalar(
        select(Entry).where(
            Entry.supplier_id == supplier_id,
            Entry.id == entry_id,
            Entry.reason.in_(ALLOCATIONS),
            Entry.credit_account == Account.RECEIVABLE,
            Entry.credit_subject.in_(
                select(Invoice.id).where(
                    Invoice.supplier_id == supplier_id, Invoice.debtor_id == debtor_id
                )
            ),
        )
    )
    if entry is None:
        raise NoSuchAllocation(entry_id)
    invoice_id, amount = InvoiceId(entry.credit_subject), entry.amount
    if entry.payment_id is not None:
        standing = standing_of(session, supplier_id, entry.payment_id, amount.currency)
        still = {one.invoice_id: one.amount for one in standing.placed}
        amount = min(amount, still.get(invoice_id, Money.zero(amount.currency)))
    is_new = bool(amount) and post(
        session,
        supplier_id=supplier_id,
        debit=receivable_of(invoice_id),
        credit=unapplied_by(debtor_id),
        amount=amount,
        reason=Reason.ALLOCATION_UNDONE,
        source=str(entry_id),
        payment_id=entry.payment_id,
        booked_on=booked_on,
        clock=clock,
    )
    if not is_new:
        raise NoSuchAllocation(entry_id)
    undone = AllocationUndone(
        supplier_id=supplier_id, debtor_id=debtor_id, invoice_id=invoice_id, amount=amount
    )
    record(session, undone, clock=clock)
    return amount


def undone_of(session: Session, supplier_id: SupplierId, entry_ids: Sequence[EntryId]) -> set[UUID]:
    """Those of the allocations that have been taken back."""
    sources = [str(entry_id) for entry_id in entry_ids]
    rows = session.scalars(
        select(Entry.source).where(
            Entry.supplier_id == supplier_id,
            Entry.reason == Reason.ALLOCATION_UNDONE,
            Entry.source.in_(sources),
        )
    )
    return {UUID(source) for source in rows}
