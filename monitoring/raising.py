"""Putting alerts on record: the one place where they come from, whatever they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from monitoring.alert_tables import Alert, AlertReason
from monitoring.bands import Band
from monitoring.events import AlertRaised
from monitoring.severities import NO_EXPOSURE, Exposure, RuleKind, Severity
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


@dataclass(frozen=True, slots=True)
class FiredRule:
    """One rule that is a reason of an alert, as it was set then."""

    rule_id: WatchRuleId
    kind: RuleKind
    threshold: int
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """An alert to be raised; see `alert_tables.Alert` for what the fields mean."""

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
    happened = [_raised(supplier_id, alert_id, one) for alert_id, one in raised]
    record_all(session, supplier_id, happened, clock=clock)
    return [alert_id for alert_id, _ in raised]


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
