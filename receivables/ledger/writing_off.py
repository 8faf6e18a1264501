"""Giving up an amount, and expecting it again after all."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.errors import NoSuch
from receivables.history import record
from receivables.ids import DebtorId, EntryId, InvoiceId, SupplierId
from receivables.ledger.actions import Overpaid, Side, lock_invoices, post, receivable_of
from receivables.ledger.events import WriteOffReversed, WrittenOff
from receivables.ledger.queries import outstanding_of
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money


class NoSuchWriteOff(NoSuch):
    """There is no such write-off, or it has been reversed."""

    def __init__(self, entry_id: EntryId) -> None:
        self.entry_id = entry_id
        super().__init__(f"write-off {entry_id}")


def _loss_of(supplier_id: SupplierId) -> Side:
    return Side(Account.WRITE_OFF, supplier_id)


def write_off(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    invoice_id: InvoiceId,
    amount: Money,
    why: str,
    source: str,
    booked_on: date,
    clock: Clock,
) -> bool:
    """Stop expecting `amount` of an invoice; False when `source` (the form's own id) stands.

    Raises Overpaid when it is more than is outstanding.
    """
    lock_invoices(session, supplier_id, [invoice_id])
    known = session.scalar(
        select(Entry.id).where(
            Entry.supplier_id == supplier_id,
            Entry.reason == Reason.WRITTEN_OFF,
            Entry.source == source,
        )
    )
    if known is not None:
        return False
    outstanding = outstanding_of(session, supplier_id, [invoice_id])[invoice_id]
    if amount > outstanding:
        raise Overpaid(invoice_id, amount, outstanding)
    post(
        session,
        supplier_id=supplier_id,
        debit=_loss_of(supplier_id),
        credit=receivable_of(invoice_id),
        amount=amount,
        reason=Reason.WRITTEN_OFF,
        source=source,
        booked_on=booked_on,
        clock=clock,
    )
    gone = WrittenOff(
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        invoice_id=invoice_id,
        amount=amount,
        why=why,
    )
    record(session, gone, clock=clock)
    return True


def reverse_write_off(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    invoice_id: InvoiceId,
    entry_id: EntryId,
    booked_on: date,
    clock: Clock,
) -> Money:
    """Expect again what was written off an invoice: it is open by that much.

    Raises NoSuchWriteOff, also when it has been reversed before.
    """
    entry = session.scalar(
        select(Entry).where(
            Entry.supplier_id == supplier_id,
            Entry.id == entry_id,
            Entry.reason == Reason.WRITTEN_OFF,
            Entry.credit_subject == invoice_id,
        )
    )
    if entry is None:
        raise NoSuchWriteOff(entry_id)
    is_new = post(
        session,
        supplier_id=supplier_id,
        debit=receivable_of(invoice_id),
        credit=_loss_of(supplier_id),
        amount=entry.amount,
        reason=Reason.WRITE_OFF_REVERSED,
        source=str(entry_id),
        booked_on=booked_on,
        clock=clock,
    )
    if not is_new:
        raise NoSuchWriteOff(entry_id)
    owed = WriteOffReversed(
        supplier_id=supplier_id, debtor_id=debtor_id, invoice_id=invoice_id, amount=entry.amount
    )
    record(session, owed, clock=clock)
    return entry.amount
