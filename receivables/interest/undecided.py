"""Invoices that were paid late, and of whose interest nobody has said what becomes of it."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from receivables.ids import InvoiceId, SupplierId
from receivables.interest.tables import InterestClaim, InterestDecision
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import outstanding_minor
from receivables.ledger.tables import Account, Entry

#: What fell due earlier is not brought up again.
LOOKED_BACK = timedelta(days=366)

_INVOICE, _ENTRY = Invoice.__table__.c, Entry.__table__.c

_PAID_ON = (
    select(func.max(_ENTRY.booked_on))
    .where(_ENTRY.credit_account == Account.RECEIVABLE, _ENTRY.credit_subject == _INVOICE.id)
    .correlate(Invoice.__table__)
    .scalar_subquery()
)
_DECIDED = (
    select(InterestDecision.id)
    .where(
        InterestDecision.supplier_id == _INVOICE.supplier_id,
        InterestDecision.invoice_id == _INVOICE.id,
    )
    .correlate(Invoice.__table__)
    .exists()
)
_IS_NOTE = (
    select(InterestClaim.id)
    .where(
        InterestClaim.supplier_id == _INVOICE.supplier_id,
        InterestClaim.note_id == _INVOICE.id,
    )
    .correlate(Invoice.__table__)
    .exists()
)
_CANDIDATES = (
    select(
        _INVOICE.id,
        _INVOICE.due_on,
        outstanding_minor.label("open_minor"),
        _PAID_ON.label("paid_on"),
    )
    .where(
        _INVOICE.supplier_id == bindparam("supplier"),
        _INVOICE.kind == "invoice",
        _INVOICE.due_on >= bindparam("since"),
        _INVOICE.due_on < bindparam("today"),
        ~_DECIDED,
        ~_IS_NOTE,
    )
    .offset(0)  # as for the open ones: add up every invoice once
    .subquery()
)
_PAID_LATE = (
    select(_CANDIDATES.c.id)
    .where(_CANDIDATES.c.open_minor == 0, _CANDIDATES.c.paid_on > _CANDIDATES.c.due_on)
    .order_by(_CANDIDATES.c.paid_on.desc(), _CANDIDATES.c.id)
    .limit(bindparam("most"))
)


def paid_late(
    session: Session, supplier_id: SupplierId, today: date, *, most: int
) -> list[InvoiceId]:
    """The invoices somebody has to decide on, those paid last first."""
    given = {
        "supplier": supplier_id, "since": today - LOOKED_BACK, "today": today, "most": most,
    }  # fmt: skip
    return [InvoiceId(one) for one in session.scalars(_PAID_LATE, given)]
