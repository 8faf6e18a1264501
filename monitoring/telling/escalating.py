"""Alerts that nobody looked at are carried further; those that were put off come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session

from monitoring.alerts.rules import Severity
from monitoring.tables import Alert
from monitoring.telling import people as chosen
from monitoring.telling.choices import Where
from monitoring.telling.escalation import UNOPENED_AFTER, Step, Unheeded, heirs, steps_due
from monitoring.telling.planning import Planned, Planner
from monitoring.telling.tables import AlertOpening, Delivery
from receivables.clock import Clock
from receivables.ids import AlertId, StaffId, SupplierId

#: What is older was seen in the list or is nobody's any more: the longest row of holidays, twice.
LOOKS_BACK = timedelta(days=14)

_OPEN = Alert.acknowledged_at.is_(None) & Alert.retracted_at.is_(None)


def _in_sight(now: datetime) -> ColumnElement[bool]:
    return _OPEN & (Alert.snoozed_until.is_(None) | (Alert.snoozed_until <= now))


def _critical(supplier_id: SupplierId, now: datetime) -> tuple[Any, ...]:
    return (
        Alert.supplier_id == supplier_id,
        Alert.severity == Severity.CRITICAL,
        Alert.raised_at > now - LOOKS_BACK,
        _in_sight(now),
    )


def suppliers_to_look_at(session: Session, *, now: datetime) -> list[SupplierId]:
    """Whose alerts may have to be carried further; needs a system transaction."""
    grave = (Alert.severity == Severity.CRITICAL) & (Alert.raised_at > now - LOOKS_BACK)
    back = Alert.snoozed_until.is_not(None) & (Alert.snoozed_until <= now)
    return list(
        session.scalars(
            select(Alert.supplier_id)
            .where(_OPEN, grave | back)
            .distinct()
            .order_by(Alert.supplier_id)
        )
    )


def carry_further(
    session: Session, *, supplier_id: SupplierId, push_on: bool, clock: Clock
) -> Planned:
    """Put on record whoever is told now of what nobody looked at; doing it again adds nothing."""
    now = clock.now()
    chosen.hold(session, supplier_id)
    people = chosen.people(session, supplier_id, now=now)
    here = [person.staff_id for person in people]
    awake = chosen.browsers_of(session, supplier_id, here) if push_on else {}
    where = chosen.where_is(session, supplier_id)
    planner = Planner(session, supplier_id, now, where, awake)
    parts = _those_that_return(session, supplier_id, planner, now)
    parts += [
        planner.mail(alert_id, staff_id, now, purpose="unopened")
        for alert_id, staff_id in _unopened(session, supplier_id, now)
        if staff_id in here
    ]
    deputies = chosen.deputies(session, supplier_id)
    for alert in session.scalars(select(Alert).where(*_critical(supplier_id, now))).all():
        for step in _steps(session, alert, now, where):
            told = _told_first(session, supplier_id, alert.id)
            for staff_id in heirs(step, told, people, deputies):
                parts.append(planner.mail(alert.id, staff_id, now, purpose=step.value))
                parts.append(planner.push(alert.id, staff_id, now, purpose=step.value))
            if step is Step.DEPUTY:
                alert.deputy_told_at = now
            else:
                alert.admin_told_at = now
    session.flush()
    return Planned.together(parts)


def _steps(session: Session, alert: Alert, now: datetime, where: Where) -> list[Step]:
    """Whom it is carried to now; the time runs from the day it came back, if it was put off."""
    unheeded = Unheeded(
        severity=Severity(alert.severity),
        since=alert.raised_at,
        deputy_told_at=alert.deputy_told_at,
        admin_told_at=alert.admin_told_at,
    )
    if not steps_due(unheeded, now, where):
        return []
    came_back_at = session.scalar(
        select(func.max(Delivery.created_at)).where(
            Delivery.supplier_id == alert.supplier_id,
            Delivery.alert_id == alert.id,
            Delivery.purpose == "again",
        )
    )
    since = came_back_at or alert.raised_at
    return steps_due(replace(unheeded, since=since), now, where)


def _unopened(
    session: Session, supplier_id: SupplierId, now: datetime
) -> Sequence[tuple[AlertId, StaffId]]:
    """Critical alerts that reached somebody's browser and were not opened by them for a while."""
    opened = exists().where(
        AlertOpening.supplier_id == Delivery.supplier_id,
        AlertOpening.alert_id == Delivery.alert_id,
        AlertOpening.staff_id == Delivery.staff_id,
    )
    rows = session.execute(
        select(Delivery.alert_id, Delivery.staff_id)
        .join(Alert, (Alert.supplier_id == Delivery.supplier_id) & (Alert.id == Delivery.alert_id))
        .where(
            *_critical(supplier_id, now),
            Delivery.channel == "push",
            Delivery.purpose == "first",
            Delivery.state == "delivered",
            Delivery.delivered_at <= now - UNOPENED_AFTER,
            ~opened,
        )
        .order_by(Delivery.id)
    )
    return [(row.alert_id, row.staff_id) for row in rows]


def _told_first(session: Session, supplier_id: SupplierId, alert_id: AlertId) -> Sequence[StaffId]:
    return session.scalars(
        select(Delivery.staff_id)
        .where(
            Delivery.supplier_id == supplier_id,
            Delivery.alert_id == alert_id,
            Delivery.purpose == "first",
        )
        .distinct()
        .order_by(Delivery.staff_id)
    ).all()


def _those_that_return(
    session: Session, supplier_id: SupplierId, planner: Planner, now: datetime
) -> list[Planned]:
    """What was put off until now is in sight again, and told once to those who had been told."""
    back = session.scalars(
        update(Alert)
        .where(Alert.supplier_id == supplier_id, _OPEN, Alert.snoozed_until <= now)
        .values(snoozed_until=None)
        .returning(Alert.id)
        .execution_options(synchronize_session=False)
    ).all()
    parts = []
    for alert_id in sorted(back):
        times = session.scalar(
            select(func.max(Delivery.number)).where(
                Delivery.supplier_id == supplier_id,
                Delivery.alert_id == alert_id,
                Delivery.purpose == "again",
            )
        )
        parts += [
            planner.mail(alert_id, staff_id, now, purpose="again", number=(times or 0) + 1)
            for staff_id in _told_first(session, supplier_id, alert_id)
        ]
    return parts
