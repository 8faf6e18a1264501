"""Which invoices others collect, and what that holds back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.handover.tables import Handover
from receivables.ids import DebtorId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.holds import Hold, HoldReason


def holds(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None = None
) -> list[Hold]:
    """What is not asked for, because somebody else collects it."""
    statement = select(Handover.invoice_id).where(
        Handover.supplier_id == supplier_id, Handover.stands
    )
    if debtor_id is not None:
        statement = statement.where(Handover.debtor_id == debtor_id)
    return [
        Hold(invoice_id=invoice_id, reason=HoldReason.HANDED_OVER)
        for invoice_id in session.scalars(statement)
    ]


def of_debtor(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> Sequence[Handover]:
    """Everything that was ever handed over, the latest first."""
    return session.scalars(
        select(Handover)
        .where(Handover.supplier_id == supplier_id, Handover.debtor_id == debtor_id)
        .order_by(Handover.handed_over_at.desc(), Handover.id)
    ).all()


def in_other_hands(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> list[tuple[Handover, str]]:
    """What somebody else collects of a debtor's, with the invoices' numbers, the latest first."""
    rows = session.execute(
        select(Handover, Invoice.number)
        .join(
            Invoice,
            (Invoice.supplier_id == Handover.supplier_id) & (Invoice.id == Handover.invoice_id),
        )
        .where(
            Handover.supplier_id == supplier_id, Handover.debtor_id == debtor_id, Handover.stands
        )
        .order_by(Handover.handed_over_at.desc(), Handover.id)
    )
    return [(handover, number) for handover, number in rows]
