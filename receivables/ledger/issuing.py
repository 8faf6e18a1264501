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
    sales_of,
    unapplied_by,
)
from receivables.ledger.allocating import allocate_credit
from receivables.ledger.queries import unapplied_of
from receivables.ledger.tables import Reason


def issue(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    new: NewInvoice,
    clock: Clock,
) -> InvoiceId:
    """Take in an invoice: the debtor owes it from now on. A credit note lowers what they owe:
    first the invoice it names, then the oldest open one; the rest waits as credit.

    Raises IntegrityError when the number is taken: callers look first (`invoices.queries`).
    """
    invoice_id = add_invoice(
        session, supplier_id=supplier_id, debtor_id=debtor_id, new=new, clock=clock
    )
    if new.is_credit_note:
        _post_credit_note(session, supplier_id, debtor_id, invoice_id, new, clock)
        return invoice_id
    if new.total:
        post(
            session,
            supplier_id=supplier_id,
            debit=receivable_of(invoice_id),
            credit=sales_of(supplier_id),
            amount=new.total,
            reason=Reason.INVOICE_ISSUED,
            source=str(invoice_id),
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
    clock: Clock,
) -> None:
    if new.total:
        post(
            session,
            supplier_id=supplier_id,
            debit=sales_of(supplier_id),
            credit=unapplied_by(debtor_id),
            amount=new.total,
            reason=Reason.CREDIT_NOTE_ISSUED,
            source=str(credit_note_id),
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
    corrected = None
    if new.preceding_number is not None:
        corrected = session.scalar(
            select(Invoice.id).where(
                Invoice.supplier_id == supplier_id,
                Invoice.debtor_id == debtor_id,
                Invoice.number == new.preceding_number,
            )
        )
    allocate_credit(
        session,
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        booked_on=new.issued_on,
        source=str(credit_note_id),
        clock=clock,
        first=corrected,
    )
