"""The notes that claim late interest: which there are for an invoice, and whose an invoice is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.ids import InvoiceId, SupplierId
from receivables.interest.reckoning import Claimed
from receivables.interest.tables import InterestClaim
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import outstanding_of
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimNote:
    """One note: what it claims for the lateness of `invoice_id`, and what of it is open."""

    note_id: InvoiceId
    number: str
    invoice_id: InvoiceId
    issued_on: date
    due_on: date
    total: Money
    outstanding: Money
    #: What its interest was reckoned for; None for the fixed sum alone.
    first_day: date | None
    last_day: date | None
    interest: Money
    compensation: Money | None


_NOTES = (
    select(InterestClaim, Invoice)
    .join(
        Invoice,
        (Invoice.supplier_id == InterestClaim.supplier_id) & (Invoice.id == InterestClaim.note_id),
    )
    .where(Invoice.kind == "invoice")
    .order_by(InterestClaim.id)
)


def notes_for(session: Session, supplier_id: SupplierId, invoice_id: InvoiceId) -> list[ClaimNote]:
    """The notes about the lateness of an invoice, the oldest first."""
    rows = session.execute(
        _NOTES.where(
            InterestClaim.supplier_id == supplier_id, InterestClaim.invoice_id == invoice_id
        )
    ).all()
    open_now = outstanding_of(session, supplier_id, [claim.note_id for claim, _ in rows])
    return [_note(claim, note, open_now[note.id]) for claim, note in rows]


def note_called(session: Session, supplier_id: SupplierId, note_id: InvoiceId) -> ClaimNote | None:
    """The claim that an invoice makes; None where it is an invoice for something else."""
    row = session.execute(
        _NOTES.where(InterestClaim.supplier_id == supplier_id, InterestClaim.note_id == note_id)
    ).one_or_none()
    if row is None:
        return None
    claim, note = row
    return _note(claim, note, outstanding_of(session, supplier_id, [note_id])[note_id])


def _note(claim: InterestClaim, note: Invoice, outstanding: Money) -> ClaimNote:
    extra = claim.compensation_minor
    return ClaimNote(
        note_id=note.id,
        number=note.number,
        invoice_id=claim.invoice_id,
        issued_on=note.issued_on,
        due_on=note.due_on,
        total=note.total,
        outstanding=outstanding,
        first_day=claim.first_day,
        last_day=claim.last_day,
        interest=Money(claim.interest_minor, claim.currency),
        compensation=None if extra is None else Money(extra, claim.currency),
    )


def claimed_for(
    session: Session, supplier_id: SupplierId, invoice_id: InvoiceId, currency: str
) -> Claimed:
    """What was claimed for the lateness of an invoice in `currency`, which is the invoice's own.

    What was waived stays claimed: nobody asks for it a second time.
    """
    rows = session.scalars(
        select(InterestClaim)
        .where(InterestClaim.supplier_id == supplier_id, InterestClaim.invoice_id == invoice_id)
        .order_by(InterestClaim.id)
    ).all()
    return Claimed(
        days=tuple(sorted(one.last_day for one in rows if one.last_day is not None)),
        interest=Money(sum(one.interest_minor for one in rows), currency),
        compensation=any(one.compensation_minor is not None for one in rows),
    )
