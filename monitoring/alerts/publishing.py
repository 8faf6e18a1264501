"""Alerts about what was published: raised once for each happening, taken back with it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.alerts import actions, happenings
from monitoring.alerts.happenings import Happening
from monitoring.alerts.judging import exposures, lock_debtors
from monitoring.alerts.raising import FiredRule, NewAlert, raise_alert
from monitoring.alerts.severities import RuleKind
from monitoring.alerts.tables import Alert
from monitoring.insolvency.kinds import EventKind, family_of
from monitoring.insolvency.tables import SolvencyEvent
from monitoring.watching import rules_in_force
from receivables.clock import Clock
from receivables.ids import AlertId, DebtorId, SolvencyEventId, SupplierId


def tell_published(
    session: Session, *, supplier_id: SupplierId, event_id: SolvencyEventId, clock: Clock
) -> AlertId | None:
    """Raise an alert about a publication that stands; None where nobody is to be told of it.

    Publications about one debtor wait for each other: each must see what the other told.
    """
    row = _event(session, supplier_id, event_id)
    if row is None:
        return None
    lock_debtors(session, supplier_id, [row.debtor_id])
    happening = _happening(row)
    kind = happenings.rule_of(happening.kind)
    rule = next((one for one in rules_in_force(session, supplier_id) if one.kind is kind), None)
    if row.state != "stands" or kind is None or rule is None:
        return None
    exposure = exposures(session, supplier_id, [row.debtor_id])[row.debtor_id]
    severity = happenings.severity_of(happening, exposure, shift=rule.severity_shift)
    if severity is None or happenings.is_told(happening, _told(session, row)):
        return None
    if kind is RuleKind.STATUS and _is_read_already(session, row):
        return None
    return raise_alert(
        session,
        supplier_id=supplier_id,
        new=NewAlert(
            subject=f"event:{happening.family}:{row.debtor_id}:{row.id}",
            kind=kind,
            severity=severity,
            source=row.source,
            as_of_on=row.published_on,
            debtor_id=row.debtor_id,
            solvency_event_id=row.id,
            detail={
                "event": row.event,
                "label": row.label,
                "claims_until": row.claims_until.isoformat() if row.claims_until else None,
            },
            exposure=exposure,
            reasons=(FiredRule(rule.rule_id, kind, rule.threshold, severity),),
        ),
        clock=clock,
    )


def take_back(
    session: Session,
    *,
    supplier_id: SupplierId,
    event_id: SolvencyEventId,
    reason: str,
    clock: Clock,
) -> AlertId | None:
    """Retract the alert about a publication that was taken back, for everybody to see.

    What another source still says of the same happening is told instead, as its own alert.
    """
    alert = session.scalar(
        select(Alert).where(
            Alert.supplier_id == supplier_id,
            Alert.solvency_event_id == event_id,
            Alert.retracted_at.is_(None),
        )
    )
    if alert is None or alert.debtor_id is None:
        return None
    lock_debtors(session, supplier_id, [alert.debtor_id])
    actions.retract(session, supplier_id=supplier_id, alert_id=alert.id, reason=reason, clock=clock)
    for other in _others_of_family(session, supplier_id, alert.debtor_id, event_id):
        tell_published(session, supplier_id=supplier_id, event_id=other, clock=clock)
    return alert.id


def _event(
    session: Session, supplier_id: SupplierId, event_id: SolvencyEventId
) -> SolvencyEvent | None:
    return session.scalar(
        select(SolvencyEvent).where(
            SolvencyEvent.supplier_id == supplier_id, SolvencyEvent.id == event_id
        )
    )


def _happening(row: SolvencyEvent) -> Happening:
    return Happening(
        kind=EventKind(row.event),
        source=row.source,
        country=row.country,
        published_on=row.published_on,
        claims_until=row.claims_until,
    )


def _told(session: Session, row: SolvencyEvent) -> list[Happening]:
    """What of this debtor was told, and was not taken back; the publication itself is one."""
    rows = session.scalars(
        select(SolvencyEvent)
        .join(
            Alert,
            (Alert.supplier_id == SolvencyEvent.supplier_id)
            & (Alert.solvency_event_id == SolvencyEvent.id),
        )
        .where(
            SolvencyEvent.supplier_id == row.supplier_id,
            SolvencyEvent.debtor_id == row.debtor_id,
            Alert.retracted_at.is_(None),
        )
    )
    return [_happening(one) for one in rows]


def _is_read_already(session: Session, row: SolvencyEvent) -> bool:
    """Whether a reading told of the lost status a few days before, or after."""
    days = happenings.SAME_WITHIN
    found = session.scalar(
        select(Alert.id)
        .where(
            Alert.supplier_id == row.supplier_id,
            Alert.debtor_id == row.debtor_id,
            Alert.kind == RuleKind.STATUS,
            Alert.reading_id.is_not(None),
            Alert.retracted_at.is_(None),
            Alert.as_of_on.between(row.published_on - days, row.published_on + days),
        )
        .limit(1)
    )
    return found is not None


def _others_of_family(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, event_id: SolvencyEventId
) -> list[SolvencyEventId]:
    gone = _event(session, supplier_id, event_id)
    if gone is None:
        return []
    family = family_of(EventKind(gone.event))
    rows = session.execute(
        select(SolvencyEvent.id, SolvencyEvent.event)
        .where(
            SolvencyEvent.supplier_id == supplier_id,
            SolvencyEvent.debtor_id == debtor_id,
            SolvencyEvent.state == "stands",
            SolvencyEvent.id != event_id,
            SolvencyEvent.published_on >= gone.published_on - happenings.SAME_WITHIN,
            SolvencyEvent.published_on <= gone.published_on + happenings.SAME_WITHIN,
        )
        .order_by(SolvencyEvent.published_on)
    )
    return [row.id for row in rows if family_of(EventKind(row.event)) is family]
