"""Alerts and who was told of them. Rules and sources are in `watching`, scores in `standing`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from monitoring.alerts.rules import LEADS
from monitoring.alerts.severities import RuleKind, Severity
from monitoring.bands import Band
from monitoring.events import AlertAcknowledged, AlertRaised, AlertRetracted, AlertSnoozed
from monitoring.insolvency.tables import SolvencyEvent
from monitoring.tables import Alert, AlertReason, Delivery, ScoreReading
from receivables.errors import NoSuch
from receivables.history import EventRow
from receivables.ids import AlertId, DebtorId, EventId, StaffId, SupplierId, WatchRuleId
from receivables.money import Money
from receivables.parties.tables import Debtor, Staff


class NoSuchAlert(NoSuch):
    """The supplier has no such alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """One alert, as it was raised, with what became of it."""

    alert_id: AlertId
    #: None of a silent source and of a mass change, as is the name.
    debtor_id: DebtorId | None
    debtor_name: str | None
    kind: RuleKind
    threshold: int
    severity: Severity
    source: str
    as_of_on: date
    score_before: int | None
    score_after: int | None
    band_before: Band | None
    band_after: Band | None
    #: What its words need beyond that; see `wording`.
    detail: dict[str, Any]
    #: What the debtor owed when it was raised, per currency.
    exposure: tuple[Money, ...]
    #: Of all that was outstanding then, 0 to 1; None when nothing was.
    share: Fraction | None
    raised_at: datetime
    acknowledged_at: datetime | None
    retracted_at: datetime | None
    #: Until when somebody put it off.
    snoozed_until: datetime | None
    #: Until when what was decided is to be done.
    due_on: date | None
    #: The notice of a mass change it was told in, instead of by itself.
    mass_alert_id: AlertId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    """`state` is that of the table: pending, sending, delivered, gone (no browser is left), failed
    or unneeded (acknowledged or taken back before it was sent).
    """

    staff_id: StaffId
    staff_name: str
    channel: str
    state: str
    reason: str
    attempts: int
    created_at: datetime
    #: When it is told, where that is later than it was planned.
    due_at: datetime | None
    delivered_at: datetime | None
    #: Why it is told, see `telling.tables.Delivery`.
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonLine:
    """A rule that fired on the alert's reading."""

    rule_id: WatchRuleId
    kind: RuleKind
    threshold: int
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementLine:
    staff_id: StaffId
    staff_name: str
    at: datetime
    decision: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDetails:
    line: AlertLine
    #: When its reading or publication reached us; when it was raised where it has none.
    received_at: datetime
    reasons: tuple[ReasonLine, ...]
    deliveries: tuple[DeliveryLine, ...]
    acknowledgement: AcknowledgementLine | None


def _alerts(supplier_id: SupplierId) -> Select[Alert, str | None]:
    return (
        select(Alert, Debtor.name)
        .outerjoin(
            Debtor, (Debtor.supplier_id == Alert.supplier_id) & (Debtor.id == Alert.debtor_id)
        )
        .where(Alert.supplier_id == supplier_id)
    )


#: What waits for a person; what somebody put off is out of sight until it comes back, and what
#: belongs to a mass change is decided with its notice.
_OPEN = (
    Alert.acknowledged_at.is_(None)
    & Alert.retracted_at.is_(None)
    & Alert.snoozed_until.is_(None)
    & Alert.mass_alert_id.is_(None)
)


def exposure_of_row(exposure: dict[str, Any]) -> tuple[Money, ...]:
    """The amounts that an alert's row keeps by currency."""
    return tuple(Money(int(minor), currency) for currency, minor in sorted(exposure.items()))


def line_of(alert: Alert, debtor_name: str | None) -> AlertLine:
    """An alert's row as lists, mails and pages tell it."""
    permille = alert.share_permille
    return AlertLine(
        alert_id=alert.id,
        debtor_id=alert.debtor_id,
        debtor_name=debtor_name,
        kind=RuleKind(alert.kind),
        threshold=alert.threshold,
        severity=Severity(alert.severity),
        source=alert.source,
        as_of_on=alert.as_of_on,
        score_before=alert.score_before,
        score_after=alert.score_after,
        band_before=None if alert.band_before is None else Band(alert.band_before),
        band_after=None if alert.band_after is None else Band(alert.band_after),
        detail=alert.detail,
        exposure=exposure_of_row(alert.exposure),
        share=None if permille is None else Fraction(permille, 1000),
        raised_at=alert.raised_at,
        acknowledged_at=alert.acknowledged_at,
        retracted_at=alert.retracted_at,
        snoozed_until=alert.snoozed_until,
        due_on=alert.due_on,
        mass_alert_id=alert.mass_alert_id,
    )


def alerts(
    session: Session,
    supplier_id: SupplierId,
    *,
    only_open: bool = False,
    debtor_id: DebtorId | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[AlertLine]:
    """Alerts, the newest first."""
    statement = _alerts(supplier_id).order_by(Alert.raised_at.desc(), Alert.id.desc())
    if only_open:
        statement = statement.where(_OPEN)
    if debtor_id is not None:
        statement = statement.where(Alert.debtor_id == debtor_id)
    return [line_of(*row) for row in session.execute(statement.limit(limit).offset(offset))]


def count_alerts(session: Session, supplier_id: SupplierId, *, only_open: bool = False) -> int:
    statement = select(func.count()).select_from(Alert).where(Alert.supplier_id == supplier_id)
    return session.scalar(statement.where(_OPEN) if only_open else statement) or 0


def mass_members(session: Session, supplier_id: SupplierId, alert_id: AlertId) -> list[AlertLine]:
    """The alerts that the notice of a mass change tells of, the gravest and largest first."""
    rows = session.execute(_alerts(supplier_id).where(Alert.mass_alert_id == alert_id))
    return sorted(
        (line_of(*row) for row in rows),
        key=lambda one: (-one.severity.rank, -(one.share or 0), one.debtor_name or ""),
    )


def alert_lines(
    session: Session, supplier_id: SupplierId, alert_ids: Sequence[AlertId]
) -> list[AlertLine]:
    """These alerts, the oldest first; unknown ids are left out."""
    if not alert_ids:
        return []
    rows = session.execute(
        _alerts(supplier_id).where(Alert.id.in_(alert_ids)).order_by(Alert.raised_at, Alert.id)
    )
    return [line_of(*row) for row in rows]


def alert(session: Session, supplier_id: SupplierId, alert_id: AlertId) -> AlertDetails:
    """One alert with its reasons and with who was told how. Raises NoSuchAlert."""
    found = session.execute(
        _alerts(supplier_id)
        .add_columns(func.coalesce(ScoreReading.received_at, SolvencyEvent.received_at), Staff.name)
        .outerjoin(
            ScoreReading,
            (ScoreReading.supplier_id == Alert.supplier_id) & (ScoreReading.id == Alert.reading_id),
        )
        .outerjoin(
            SolvencyEvent,
            (SolvencyEvent.supplier_id == Alert.supplier_id)
            & (SolvencyEvent.id == Alert.solvency_event_id),
        )
        .outerjoin(
            Staff, (Staff.supplier_id == Alert.supplier_id) & (Staff.id == Alert.acknowledged_by)
        )
        .where(Alert.id == alert_id)
    ).one_or_none()
    if found is None:
        raise NoSuchAlert(str(alert_id))
    row, debtor_name, received_at, acknowledged_by = found
    return AlertDetails(
        line=line_of(row, debtor_name),
        received_at=received_at or row.raised_at,
        reasons=_reasons(session, supplier_id, alert_id),
        deliveries=_deliveries(session, supplier_id, alert_id),
        acknowledgement=None
        if row.acknowledged_at is None
        else AcknowledgementLine(
            staff_id=row.acknowledged_by,
            staff_name=acknowledged_by,
            at=row.acknowledged_at,
            decision=row.decision,
            note=row.note,
        ),
    )


def _reasons(
    session: Session, supplier_id: SupplierId, alert_id: AlertId
) -> tuple[ReasonLine, ...]:
    rows = session.scalars(
        select(AlertReason).where(
            AlertReason.supplier_id == supplier_id, AlertReason.alert_id == alert_id
        )
    )
    reasons = [
        ReasonLine(
            rule_id=row.watch_rule_id,
            kind=RuleKind(row.kind),
            threshold=row.threshold,
            severity=Severity(row.severity),
        )
        for row in rows
    ]
    return tuple(
        sorted(
            reasons,
            key=lambda one: (-one.severity.rank, LEADS.index(one.kind), -one.threshold),
        )
    )


def _deliveries(
    session: Session, supplier_id: SupplierId, alert_id: AlertId
) -> tuple[DeliveryLine, ...]:
    rows = session.execute(
        select(Delivery, Staff.name)
        .join(Staff, (Staff.supplier_id == Delivery.supplier_id) & (Staff.id == Delivery.staff_id))
        .where(Delivery.supplier_id == supplier_id, Delivery.alert_id == alert_id)
        .order_by(Staff.name, Delivery.created_at, Delivery.channel)
    )
    return tuple(
        DeliveryLine(
            staff_id=row.staff_id,
            staff_name=name,
            channel=row.channel,
            state=row.state,
            reason=row.reason,
            attempts=row.attempts,
            created_at=row.created_at,
            due_at=row.due_at,
            delivered_at=row.delivered_at,
            purpose=row.purpose,
        )
        for row, name in rows
    )


@dataclass(frozen=True, slots=True)
class AlertNews:
    """Something that happened to an alert; `kind` is that of its event."""

    event_id: EventId
    kind: str
    alert_id: AlertId


_NEWS = (AlertRaised.kind, AlertAcknowledged.kind, AlertRetracted.kind, AlertSnoozed.kind)


def latest_news(session: Session, supplier_id: SupplierId) -> EventId | None:
    """Where a reader of `alerts_since` starts who has just seen the list."""
    return session.scalar(
        select(EventRow.id)
        .where(EventRow.supplier_id == supplier_id, EventRow.kind.in_(_NEWS))
        .order_by(EventRow.id.desc())
        .limit(1)
    )


def alerts_since(
    session: Session, supplier_id: SupplierId, after_event_id: EventId | None, *, most: int = 100
) -> list[AlertNews]:
    """What happened to alerts after an event, the oldest first; everything after None.

    Ids follow the clock, commits do not quite: whoever must not miss one reads with
    `AlertTail`, which looks back a little.
    """
    statement = select(EventRow.id, EventRow.kind, EventRow.body).where(
        EventRow.supplier_id == supplier_id, EventRow.kind.in_(_NEWS)
    )
    if after_event_id is not None:
        statement = statement.where(EventRow.id > after_event_id)
    rows = session.execute(statement.order_by(EventRow.id).limit(most))
    return [AlertNews(row.id, row.kind, AlertId(UUID(row.body["alert_id"]))) for row in rows]


class AlertTail:
    """Follows what happens to a supplier's alerts, for a page that updates by itself.

    Two transactions may commit in another order than their ids were made, so each look reaches
    back a little and tells what was not told before. `after` is where the reader is: what
    `latest_news` said, or the id the browser sends when it comes back.
    """

    def __init__(self, supplier_id: SupplierId, after: EventId | None) -> None:
        self._supplier_id = supplier_id
        self._start = after
        self._told: dict[EventId, None] = {}

    def news(self, session: Session) -> list[AlertNews]:
        """What is new since the last look, the oldest first."""
        newest = max((*self._told, *([self._start] if self._start else [])), default=None)
        found = alerts_since(session, self._supplier_id, _a_little_before(newest))
        known = {*self._told, self._start}
        fresh = [
            one
            for one in found
            if one.event_id not in known and (self._start is None or one.event_id > self._start)
        ]
        self._told.update(dict.fromkeys(one.event_id for one in fresh))
        for old in list(self._told)[:-_REMEMBERED]:
            del self._told[old]
        return fresh


#: Longer than any transaction of ours may take, see `DatabaseSettings.idle_limit`.
_OVERLAP_MILLISECONDS = 15_000
_REMEMBERED = 1_000


def _a_little_before(event_id: EventId | None) -> EventId | None:
    """The smallest version 7 UUID of some seconds earlier (RFC 9562, section 5.7)."""
    if event_id is None:
        return None
    milliseconds = max(0, (event_id.int >> 80) - _OVERLAP_MILLISECONDS)
    return EventId(UUID(int=milliseconds << 80))
