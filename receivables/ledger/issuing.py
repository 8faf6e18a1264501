"""Issuing: an invoice or a credit note is written down and posted in one go."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.invoices.actions import NewInvoice, add_invoice
from receivables.invoices.events import CreditNoteIssued, InvoiceIssued
from receivables.invoices.tables import Invoice
from receivables.ledger.actions import (
    post,
    receivable_of,
    revenue_on,
    unapplied_by,
)
from receivables.ledger.allocating import allocate_credit
from receivables.ledger.queries import unapplied_of
from receivables.ledger.revenue import Revenue, given_back, source_of, standing
from receivables.ledger.tables import Account, Reason
from receivables.money import Money


def issue(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    new: NewInvoice,
    clock: Clock,
    revenue: Revenue | None = None,
) -> InvoiceId:
    """Take in an invoice: the debtor owes it from now on. A credit note lowers what they owe:
    first the invoice it names, then the oldest open one; the rest waits as credit.

    `revenue` says which accounts it is booked to; by default an invoice to sales, a credit note to
    those of the invoice it names.
    Raises IntegrityError when the number is taken: callers look first (`invoices.queries`).
    """
    invoice_id = add_invoice(
        session, supplier_id=supplier_id, debtor_id=debtor_id, new=new, clock=clock
    )
    if new.is_credit_note:
        _post_credit_note(session, supplier_id, debtor_id, invoice_id, new, revenue, clock)
        return invoice_id
    for account, amount in _shares(new, revenue or {Account.SALES: new.total}):
        post(
            session,
            supplier_id=supplier_id,
            debit=receivable_of(invoice_id),
            credit=revenue_on(account, supplier_id),
            amount=amount,
            reason=Reason.INVOICE_ISSUED,
            source=source_of(invoice_id, account),
            booked_on=new.issued_on,
            clock=clock,
        )
    issued = InvoiceIssued(
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        invoice_id=invoice_id,
        number=new.number,
        total=new.total,
    )
    record(session, issued, clock=clock)
    if unapplied_of(session, supplier_id, debtor_id):
        allocate_credit(
            session,
            supplier_id=supplier_id,
            debtor_id=debtor_id,
            booked_on=new.issued_on,
            source=str(invoice_id),
            clock=clock,
        )
    return invoice_id


def _post_credit_note(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    credit_note_id: InvoiceId,
    new: NewInvoice,
    revenue: Revenue | None,
    clock: Clock,
) -> None:
    corrected = _corrected(session, supplier_id, debtor_id, new)
    if revenue is None:
        named = [] if corrected is None else [corrected]
        revenue = given_back(
            new.total, standing(session, supplier_id, named, new.total.currency) if named else {}
        )
    for account, amount in _shares(new, revenue):
        post(
            session,
            supplier_id=supplier_id,
            debit=revenue_on(account, supplier_id),
            credit=unapplied_by(debtor_id),
            amount=amount,
            reason=Reason.CREDIT_NOTE_ISSUED,
            source=source_of(credit_note_id, account),
            booked_on=new.issued_on,
            clock=clock,
        )
    issued = CreditNoteIssued(
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        invoice_id=credit_note_id,
        number=new.number,
        total=new.total,
    )
    record(session, issued, clock=clock)
    allocate_credit(
        session,
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        booked_on=new.issued_on,
        source=str(credit_note_id),
        clock=clock,
        first=corrected,
    )


def _shares(new: NewInvoice, revenue: Revenue) -> list[tuple[Account, Money]]:
    """What is booked to which account; nothing is booked where there is nothing."""
    parts = [(account, amount) for account, amount in revenue.items() if amount]
    assert Money.total((one for _, one in parts), new.total.currency) == new.total, "all of it"
    return parts


def _corrected(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, new: NewInvoice
) -> InvoiceId | None:
    """The invoice that a credit note names."""
    if new.preceding_number is None:
        return None
    return session.scalar(
        select(Invoice.id).where(
            Invoice.supplier_id == supplier_id,
            Invoice.debtor_id == debtor_id,
            Invoice.number == new.preceding_number,
        )
    )
