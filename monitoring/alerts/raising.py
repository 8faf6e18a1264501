"""Putting alerts on record: the one place where they come from, whatever they are about.

A source that reckons otherwise than before changes many debtors at once. That is one piece of
news, not a thousand: beyond so many alerts of a source in ten minutes one notice of a mass change
is raised, and the alerts that come then are told in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from monitoring.alerts.severities import NO_EXPOSURE, Exposure, RuleKind, Severity
from monitoring.alerts.tables import Alert, AlertReason
from monitoring.bands import Band
from monitoring.events import AlertRaised
from receivables.clock import Clock
from receivables.history import record_all
from receivables.ids import (
    AlertId,
    DebtorId,
    ReadingId,
    SolvencyEventId,
    SupplierId,
    WatchRuleId,
    new_id,
)
from receivables.jobs import unless_known
from receivables.parties.queries import hold_supplier


@dataclass(frozen=True, slots=True)
class FiredRule:
    """One rule that is a reason of an alert, as it was set then."""

    rule_id: WatchRuleId
    kind: RuleKind
    threshold: int
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """An alert to be raised; see `tables.Alert` for what the fields mean."""

    subject: str
    kind: RuleKind
    severity: Severity
    source: str
    as_of_on: date
    debtor_id: DebtorId | None = None
    reading_id: ReadingId | None = None
    solvency_event_id: SolvencyEventId | None = None
    threshold: int = 0
    score_before: int | None = None
    score_after: int | None = None
    band_before: Band | None = None
    band_after: Band | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    exposure: Exposure = NO_EXPOSURE
    reasons: tuple[FiredRule, ...] = ()


#: More alerts of one source in this time are a mass change.
MASS_ALERTS = 20
MASS_TIME = timedelta(minutes=10)
#: What is told one by one however many there are: each is a publication, or about a source.
_ALWAYS_SINGLE = (RuleKind.INSOLVENCY, RuleKind.FILING, RuleKind.DEAD, RuleKind.MASS)

_ALERTS = cast("Table", Alert.__table__)
_REASONS = cast("Table", AlertReason.__table__)


def raise_alert(
    session: Session, *, supplier_id: SupplierId, new: NewAlert, clock: Clock
) -> AlertId | None:
    """Put one alert on record; None when its subject has one already."""
    raised = raise_alerts(session, supplier_id=supplier_id, new=[new], clock=clock)
    return raised[0] if raised else None


def raise_alerts(
    session: Session, *, supplier_id: SupplierId, new: Sequence[NewAlert], clock: Clock
) -> list[AlertId]:
    """Put alerts on record with their reasons; those whose subject has one already are left out.

    Returns the ids of the new ones, in their order.
    """
    if not new:
        return []
    now = clock.now()
    rows = [_row(supplier_id, one, now) for one in new]
    statement = unless_known(_ALERTS, session.get_bind().dialect.name).returning(_ALERTS.c.id)
    added = set(session.scalars(statement, rows))
    raised = [
        (cast("AlertId", row["id"]), one)
        for row, one in zip(rows, new, strict=True)
        if row["id"] in added
    ]
    reasons = [
        {
            "supplier_id": supplier_id,
            "alert_id": alert_id,
            "watch_rule_id": reason.rule_id,
            "kind": reason.kind,
            "threshold": reason.threshold,
            "severity": reason.severity,
        }
        for alert_id, one in raised
        for reason in one.reasons
    ]
    if reasons:
        session.execute(_REASONS.insert(), reasons)
    for source in sorted({one.source for _, one in raised}):
        mine = [pair for pair in raised if pair[1].source == source and _may_be_mass(pair[1])]
        if mine and _count_lately(session, supplier_id, source, now) > MASS_ALERTS:
            _gather(session, supplier_id, source, mine, clock=clock)
    happened = [_raised(supplier_id, alert_id, one) for alert_id, one in raised]
    record_all(session, supplier_id, happened, clock=clock)
    return [alert_id for alert_id, _ in raised]


def _may_be_mass(new: NewAlert) -> bool:
    return new.kind not in _ALWAYS_SINGLE and new.solvency_event_id is None


def _count_lately(session: Session, supplier_id: SupplierId, source: str, now: datetime) -> int:
    found = session.scalar(
        select(func.count())
        .select_from(Alert)
        .where(
            Alert.supplier_id == supplier_id,
            Alert.source == source,
            Alert.raised_at > now - MASS_TIME,
            Alert.kind.not_in(_ALWAYS_SINGLE),
            Alert.solvency_event_id.is_(None),
        )
    )
    return found or 0


def _gather(
    session: Session,
    supplier_id: SupplierId,
    source: str,
    raised: Sequence[tuple[AlertId, NewAlert]],
    *,
    clock: Clock,
) -> None:
    """Put alerts into the notice of the mass change they belong to.

    A critical one is told by itself where the notice is less grave: it must wake somebody.
    """
    # Of two who find a mass change at once, one raises its notice and the other adds to it.
    hold_supplier(session, supplier_id)
    mass = _standing_mass(session, supplier_id, source, clock.now())
    if mass is None:
        gravest = max((one.severity for _, one in raised), key=lambda one: one.rank)
        grave = max(gravest, Severity.HIGH, key=lambda one: one.rank)
        notice = NewAlert(
            subject=f"mass:{source}:{clock.now().isoformat()}",
            kind=RuleKind.MASS,
            severity=grave,
            source=source,
            as_of_on=max(one.as_of_on for _, one in raised),
            detail={"count": 0},
        )
        mass_id = raise_alert(session, supplier_id=supplier_id, new=notice, clock=clock)
        assert mass_id is not None, "nobody else raises one meanwhile"
        mass = session.get_one(Alert, mass_id)
    most = Severity(mass.severity).rank
    inside = [
        alert_id
        for alert_id, one in raised
        if one.severity is not Severity.CRITICAL or one.severity.rank <= most
    ]
    session.execute(
        update(Alert)
        .where(Alert.supplier_id == supplier_id, Alert.id.in_(inside))
        .values(mass_alert_id=mass.id)
    )
    mass.detail = {**mass.detail, "count": mass.detail["count"] + len(inside)}
    session.flush()


def _standing_mass(
    session: Session, supplier_id: SupplierId, source: str, now: datetime
) -> Alert | None:
    """The notice that still grows: nobody has looked at it, and its last alert is news."""
    member = aliased(Alert)
    last_at = (
        select(func.max(member.raised_at))
        .where(member.supplier_id == Alert.supplier_id, member.mass_alert_id == Alert.id)
        .correlate(Alert)
        .scalar_subquery()
    )
    return session.scalar(
        select(Alert)
        .where(
            Alert.supplier_id == supplier_id,
            Alert.source == source,
            Alert.kind == RuleKind.MASS,
            Alert.acknowledged_at.is_(None),
            or_(Alert.raised_at > now - MASS_TIME, last_at > now - MASS_TIME),
        )
        .order_by(Alert.raised_at.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def _row(supplier_id: SupplierId, new: NewAlert, now: datetime) -> dict[str, Any]:
    share = new.exposure.share
    return {
        "id": AlertId(new_id()),
        "supplier_id": supplier_id,
        "subject": new.subject,
        "debtor_id": new.debtor_id,
        "reading_id": new.reading_id,
        "solvency_event_id": new.solvency_event_id,
        "kind": new.kind,
        "threshold": new.threshold,
        "severity": new.severity,
        "source": new.source,
        "as_of_on": new.as_of_on,
        "score_before": new.score_before,
        "score_after": new.score_after,
        "band_before": new.band_before,
        "band_after": new.band_after,
        "detail": dict(new.detail),
        "exposure": {money.currency: money.minor for money in new.exposure.amounts},
        "share_permille": None if share is None else round(share * 1000),
        "raised_at": now,
        "note": "",
    }


def _raised(supplier_id: SupplierId, alert_id: AlertId, new: NewAlert) -> AlertRaised:
    return AlertRaised(
        supplier_id=supplier_id,
        debtor_id=new.debtor_id,
        alert_id=alert_id,
        rule=new.kind,
        severity=new.severity,
        source=new.source,
        band_before=new.band_before,
        band_after=new.band_after,
        score_before=new.score_before,
        score_after=new.score_after,
    )
