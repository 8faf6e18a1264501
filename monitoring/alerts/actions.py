"""Alerts: acknowledged, put off, taken back. `judging` decides of them, `raising` records them.

Readings are recorded in `readings`, rules changed in `rulebook`; telling people is in `telling`,
and the browsers that are woken in `browsers`.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitoring.alerts.queries import NoSuchAlert
from monitoring.alerts.tables import Alert
from monitoring.events import AlertAcknowledged, AlertRetracted, AlertSnoozed
from monitoring.telling.escalation import returns_at
from monitoring.telling.people import where_is
from receivables.clock import Clock, local_date
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import AlertId, StaffId, SupplierId


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
    due_on: date | None = None,
    clock: Clock,
) -> None:
    """Decide about an alert; with `due_on` what was decided is a task until somebody did it.

    What is decided about a mass change is decided about every alert in its notice.

    Raises NoSuchAlert, and AlreadyAcknowledged.
    """
    undecided = (Alert.supplier_id == supplier_id, Alert.acknowledged_at.is_(None))
    values = {
        "acknowledged_at": clock.now(),
        "acknowledged_by": staff_id,
        "decision": decision,
        "note": note.strip()[:2000],
        "snoozed_until": None,
    }
    decided = session.execute(
        update(Alert)
        .where(*undecided, Alert.id == alert_id)
        .values(**values, due_on=due_on)
        .returning(Alert.debtor_id)
    ).one_or_none()
    if decided is None:
        _require(session, supplier_id, alert_id)
        raise AlreadyAcknowledged(alert_id)
    # The task, if there is one, is the notice's alone.
    session.execute(
        update(Alert).where(*undecided, Alert.mass_alert_id == alert_id).values(**values)
    )
    record(
        session,
        AlertAcknowledged(
            supplier_id=supplier_id,
            debtor_id=decided.debtor_id,
            alert_id=alert_id,
            decision=decision,
            note=note.strip()[:2000],
            due_on=due_on,
        ),
        clock=clock,
    )


class SnoozeImpossible(ReceivablesError):
    """An alert is put off to a day to come, and not for ever."""

    def __init__(self, until: date | None, latest: date) -> None:
        self.until, self.latest = until, latest
        super().__init__(f"put off until {until}, {latest} at the latest")


#: Nothing is put off for longer; as long as a task.
LONGEST_SNOOZE = timedelta(days=90)


def snooze(
    session: Session,
    *,
    supplier_id: SupplierId,
    alert_id: AlertId,
    until: date | None,
    clock: Clock,
) -> None:
    """Out of sight until a morning; then it is told once more.

    Raises NoSuchAlert, AlreadyAcknowledged, and SnoozeImpossible.
    """
    where = where_is(session, supplier_id)
    today = local_date(clock.now(), where.zone)
    if until is None or not today < until <= today + LONGEST_SNOOZE:
        raise SnoozeImpossible(until, today + LONGEST_SNOOZE)
    put_off = session.execute(
        update(Alert)
        .where(
            Alert.supplier_id == supplier_id,
            Alert.id == alert_id,
            Alert.acknowledged_at.is_(None),
            Alert.retracted_at.is_(None),
        )
        .values(snoozed_until=returns_at(until, where))
        .returning(Alert.debtor_id)
    ).one_or_none()
    if put_off is None:
        _require(session, supplier_id, alert_id)
        raise AlreadyAcknowledged(alert_id)
    happened = AlertSnoozed(
        supplier_id=supplier_id, debtor_id=put_off.debtor_id, alert_id=alert_id, until=until
    )
    record(session, happened, clock=clock)


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
