"""What people stopped, and when they are away, as staff see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.dunning.control_tables import DunningAbsence, DunningStop
from receivables.ids import DebtorId, DunningStopId, SupplierId
from receivables.invoices.tables import Invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView:
    """One stop that was not lifted; `number` is the invoice's, empty for all of the debtor's."""

    id: DunningStopId
    kind: str
    number: str
    reason: str
    since: date
    until: date | None


def stops_of(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> list[StopView]:
    """A debtor's stops that were not lifted, the newest first; some may have run out."""
    rows = session.execute(
        select(DunningStop, Invoice.number)
        .outerjoin(
            Invoice,
            (Invoice.supplier_id == DunningStop.supplier_id)
            & (Invoice.id == DunningStop.invoice_id),
        )
        .where(
            DunningStop.supplier_id == supplier_id,
            DunningStop.debtor_id == debtor_id,
            DunningStop.lifted_at.is_(None),
        )
        .order_by(DunningStop.id.desc())
    )
    return [
        StopView(
            id=row.id, kind=row.kind, number=number or "", reason=row.reason, since=row.since,
            until=row.until,
        )
        for row, number in rows
    ]  # fmt: skip


def absences_of(session: Session, supplier_id: SupplierId, today: date) -> list[DunningAbsence]:
    """Absences that are not over."""
    return list(
        session.scalars(
            select(DunningAbsence)
            .where(
                DunningAbsence.supplier_id == supplier_id,
                DunningAbsence.cancelled_at.is_(None),
                DunningAbsence.last_on >= today,
            )
            .order_by(DunningAbsence.first_on)
        )
    )
