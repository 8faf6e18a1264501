"""Alerts: acknowledged, taken back. `judging` decides of them, `raising` puts them on record.

Readings are recorded in `readings`, rules changed in `rulebook`; telling people is in `telling`,
and the browsers that are woken in `browsers`.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitoring.alert_tables import Alert
from monitoring.events import AlertAcknowledged, AlertRetracted
from monitoring.judging import judge
from monitoring.queries import NoSuchAlert
from monitoring.readings import Said
from receivables.clock import Clock
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import AlertId, DebtorId, StaffId, SupplierId


def evaluate(
    session: Session, *, supplier_id: SupplierId, debtor_id: DebtorId, source: str, clock: Clock
) -> list[AlertId]:
    """Judge what a source says of a debtor and raise what nobody was told of yet.

    Judgements of one debtor wait for each other: each must see what the other told.
    """
    said = [Said(debtor_id, source)]
    return judge(session, supplier_id=supplier_id, said=said, clock=clock)


class Decision(StrEnum):
    """What somebody decides about an alert. It is kept; nothing is changed or sent by itself."""

    KEEP = "keep"
    LOWER_LIMIT = "lower_limit"
    PREPAYMENT = "prepayment"
    STOP_DELIVERIES = "stop_deliveries"
    INSURER_TOLD = "insurer_told"
    CALL = "call"
    FALSE_ALARM = "false_alarm"


class AlreadyAcknowledged(ReceivablesError):
    """A colleague was faster; their decision stands."""

    def __init__(self, alert_id: AlertId) -> None:
        self.alert_id = alert_id
        super().__init__(f"alert {alert_id} is acknowledged already")


def acknowledge(
    session: Session,
    *,
    supplier_id: SupplierId,
    alert_id: AlertId,
    staff_id: StaffId,
    decision: Decision,
    note: str,
    clock: Clock,
) -> None:
    """Decide about an alert. Raises NoSuchAlert, and AlreadyAcknowledged."""
    decided = session.execute(
        update(Alert)
        .where(
            Alert.supplier_id == supplier_id,
            Alert.id == alert_id,
            Alert.acknowledged_at.is_(None),
        )
        .values(
            acknowledged_at=clock.now(),
            acknowledged_by=staff_id,
            decision=decision,
            note=note.strip()[:2000],
        )
        .returning(Alert.debtor_id)
    ).one_or_none()
    if decided is None:
        _require(session, supplier_id, alert_id)
        raise AlreadyAcknowledged(alert_id)
    record(
        session,
        AlertAcknowledged(
            supplier_id=supplier_id,
            debtor_id=decided.debtor_id,
            alert_id=alert_id,
            decision=decision,
            note=note.strip()[:2000],
        ),
        clock=clock,
    )


def retract(
    session: Session, *, supplier_id: SupplierId, alert_id: AlertId, reason: str, clock: Clock
) -> bool:
    """Mark an alert as taken back by its source; False when it was. Raises NoSuchAlert.

    It stays in the list, as retracted; what was not sent yet is not sent any more.
    """
    retracted = session.execute(
        update(Alert)
        .where(Alert.supplier_id == supplier_id, Alert.id == alert_id, Alert.retracted_at.is_(None))
        .values(retracted_at=clock.now())
        .returning(Alert.debtor_id)
    ).one_or_none()
    if retracted is None:
        _require(session, supplier_id, alert_id)
        return False
    record(
        session,
        AlertRetracted(
            supplier_id=supplier_id,
            debtor_id=retracted.debtor_id,
            alert_id=alert_id,
            reason=reason[:300],
        ),
        clock=clock,
    )
    return True


def _require(session: Session, supplier_id: SupplierId, alert_id: AlertId) -> None:
    known = select(Alert.id).where(Alert.supplier_id == supplier_id, Alert.id == alert_id)
    if session.scalar(known) is None:
        raise NoSuchAlert(str(alert_id))
