"""What was decided about alerts and is still to be done, each by its day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.alerts.tables import Alert
from receivables.ids import AlertId, DebtorId, StaffId, SupplierId


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedLine:
    """What somebody decided about an alert and is to be done by a day."""

    alert_id: AlertId
    debtor_id: DebtorId | None
    decision: str
    note: str
    due_on: date
    decided_at: datetime
    decided_by: StaffId


#: Nobody has more of them than a person does; who has sees those due last.
_MOST_DECIDED = 500


def decided_with_a_day(session: Session, supplier_id: SupplierId) -> list[DecidedLine]:
    """Decisions about alerts that are to be carried out by a day."""
    rows = session.scalars(
        select(Alert)
        .where(
            Alert.supplier_id == supplier_id,
            Alert.due_on.is_not(None),
            Alert.acknowledged_at.is_not(None),
            Alert.retracted_at.is_(None),
        )
        .order_by(Alert.due_on.desc(), Alert.id)
        .limit(_MOST_DECIDED)
    )
    return [
        DecidedLine(
            alert_id=row.id,
            debtor_id=row.debtor_id,
            decision=row.decision,
            note=row.note,
            due_on=row.due_on,
            decided_at=row.acknowledged_at,
            decided_by=row.acknowledged_by,
        )
        for row in rows
        if row.due_on and row.decision and row.acknowledged_at and row.acknowledged_by
    ]
