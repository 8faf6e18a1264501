"""What is watched and by whom: watch rules, sources of readings, browsers that are woken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitoring.alerts.rules import Rule
from monitoring.alerts.severities import WATCHED, RuleKind
from monitoring.sources.heartbeat import Silence
from monitoring.tables import (
    Alert,
    AlertReason,
    FeedState,
    FeedSubject,
    PushSubscription,
    ScoreReading,
    WatchRule,
)
from receivables.i18n import translate as _
from receivables.ids import StaffId, SubscriptionId, SupplierId, WatchRuleId


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRuleLine:
    rule_id: WatchRuleId
    kind: RuleKind
    is_on: bool
    threshold: int
    rearm_points: int | None
    window_days: int | None
    severity_shift: int
    fired_last_90_days: int


def watch_rules(session: Session, supplier_id: SupplierId, *, now: datetime) -> list[WatchRuleLine]:
    """All rules of the supplier, on and off."""
    fired = (
        select(func.count())
        .select_from(AlertReason)
        .join(
            Alert,
            (Alert.supplier_id == AlertReason.supplier_id) & (Alert.id == AlertReason.alert_id),
        )
        .where(
            AlertReason.supplier_id == WatchRule.supplier_id,
            AlertReason.watch_rule_id == WatchRule.id,
            Alert.raised_at >= now - timedelta(days=90),
        )
        .correlate(WatchRule)
        .scalar_subquery()
    )
    rows = session.execute(
        select(WatchRule, fired)
        .where(WatchRule.supplier_id == supplier_id)
        .order_by(WatchRule.threshold, WatchRule.window_days, WatchRule.id)
    )
    lines = [
        WatchRuleLine(
            rule_id=row.id,
            kind=RuleKind(row.kind),
            is_on=row.is_on,
            threshold=row.threshold,
            rearm_points=row.rearm_points,
            window_days=row.window_days,
            severity_shift=row.severity_shift,
            fired_last_90_days=count,
        )
        for row, count in rows
    ]
    return sorted(lines, key=lambda one: WATCHED.index(one.kind))


def rules_in_force(session: Session, supplier_id: SupplierId) -> list[Rule]:
    """The rules that are on, as `rules.alerts_due` takes them."""
    rows = session.scalars(
        select(WatchRule).where(WatchRule.supplier_id == supplier_id, WatchRule.is_on)
    )
    return [
        Rule(
            rule_id=row.id,
            kind=RuleKind(row.kind),
            threshold=row.threshold,
            effective_at=row.effective_at,
            rearm_points=row.rearm_points or 0,
            window_days=row.window_days or 0,
            scale=row.scale,
            severity_shift=row.severity_shift,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One source of readings; the two about success are None where nothing is polled."""

    name: str
    watched: int
    last_reading_at: datetime | None
    last_success_at: datetime | None
    trouble: str


def sources(session: Session, supplier_id: SupplierId) -> list[SourceLine]:
    """Every source that ever said something or is asked, and whether it is alive."""
    said = {
        row.source: row
        for row in session.execute(
            select(
                ScoreReading.source,
                func.count(ScoreReading.debtor_id.distinct()).label("debtors"),
                func.max(ScoreReading.received_at).label("last_at"),
            )
            .where(ScoreReading.supplier_id == supplier_id)
            .group_by(ScoreReading.source)
        )
    }
    polled = {
        row.feed: row
        for row in session.scalars(select(FeedState).where(FeedState.supplier_id == supplier_id))
    }
    registered = {
        row.feed: row.companies
        for row in session.execute(
            select(FeedSubject.feed, func.count().label("companies"))
            .where(FeedSubject.supplier_id == supplier_id, FeedSubject.company_id.is_not(None))
            .group_by(FeedSubject.feed)
        )
    }
    return [
        SourceLine(
            name=name,
            watched=max(registered.get(name, 0), said[name].debtors if name in said else 0),
            last_reading_at=said[name].last_at if name in said else None,
            last_success_at=polled[name].last_success_at if name in polled else None,
            trouble=_trouble(polled[name]) if name in polled else "",
        )
        for name in sorted({*said, *polled})
    ]


def _trouble(state: FeedState) -> str:
    """What went wrong the last time it was asked, else what is missing of what it should give."""
    if state.last_error or not state.silence:
        return state.last_error
    return {
        Silence.SILENT: _("no answer for two days"),
        Silence.EMPTY: _("it answers, and says nothing"),
        Silence.LATE: _("nothing new for too long"),
    }[Silence(state.silence)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionLine:
    subscription_id: SubscriptionId
    user_agent: str
    key_id: str
    created_at: datetime
    seen_at: datetime


def subscriptions(
    session: Session, supplier_id: SupplierId, staff_id: StaffId
) -> list[SubscriptionLine]:
    """The browsers that wake this person, the one seen last first."""
    rows = session.scalars(
        select(PushSubscription)
        .where(PushSubscription.supplier_id == supplier_id, PushSubscription.staff_id == staff_id)
        .order_by(PushSubscription.seen_at.desc(), PushSubscription.id)
    )
    return [
        SubscriptionLine(
            subscription_id=row.id,
            user_agent=row.user_agent,
            key_id=row.key_id,
            created_at=row.created_at,
            seen_at=row.seen_at,
        )
        for row in rows
    ]
