"""Looking at how much of their limits debtors use, and telling of levels that are reached."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.alerts.judging import exposures, lock_debtors
from monitoring.alerts.limits import Level, percent_used, reached, severity_at
from monitoring.alerts.raising import FiredRule, NewAlert, raise_alerts
from monitoring.alerts.rules import QUIET_DAYS, Rule
from monitoring.alerts.severities import OWN_BOOKS, Exposure, RuleKind
from monitoring.alerts.tables import Alert, LimitUse
from monitoring.watching import rules_in_force
from receivables.clock import Clock, local_date
from receivables.credit.events import LimitChanged
from receivables.credit.tables import StandingRow
from receivables.history import EventRow
from receivables.ids import AlertId, DebtorId, SupplierId
from receivables.money import Money
from receivables.parties.queries import supplier

#: Debtors that are looked at together.
AT_ONCE = 2_000
#: What may change how much of a limit is used begins like this.
_KINDS = ("invoice.", "ledger.", "payment.", "refund.", "chargeback.", LimitChanged.kind)


def suppliers_with_limits(session: Session) -> list[SupplierId]:
    """Whoever has given a debtor a limit."""
    return list(
        session.scalars(
            select(StandingRow.supplier_id).where(StandingRow.limit_minor.is_not(None)).distinct()
        )
    )


def look_at_uses(
    session: Session, *, supplier_id: SupplierId, since: datetime | None, clock: Clock
) -> list[AlertId]:
    """Tell of limits that are used up to a level somebody asked about.

    Looked at are debtors to whom something happened `since`; of all of them (None) those that
    were looked at before are brought up to date, and the others only noted: how things stood when
    nobody asked is no news.
    """
    rules = {
        one.threshold: one
        for one in rules_in_force(session, supplier_id)
        if one.kind is RuleKind.USE
    }
    limits = _limits(session, supplier_id, since) if rules else {}
    some = sorted(limits)
    rose = [
        rise
        for place in range(0, len(some), AT_ONCE)
        for rise in _look(
            session, supplier_id, {one: limits[one] for one in some[place : place + AT_ONCE]},
            rules, is_news=since is not None, clock=clock,
        )
    ]  # fmt: skip
    return _tell(session, supplier_id, rose, clock=clock)


def _look(
    session: Session,
    supplier_id: SupplierId,
    limits: Mapping[DebtorId, Money],
    rules: Mapping[int, Rule],
    *,
    is_news: bool,
    clock: Clock,
) -> list[_Rise]:
    """Bring what is known of these debtors' limits up to date; who has reached a level."""
    lock_debtors(session, supplier_id, limits)
    known = {
        row.debtor_id: row
        for row in session.scalars(
            select(LimitUse)
            .where(LimitUse.supplier_id == supplier_id, LimitUse.debtor_id.in_(list(limits)))
            .execution_options(populate_existing=True)
        )
    }
    levels = [Level(one.threshold, one.rearm_points) for one in rules.values()]
    owed = exposures(session, supplier_id, list(limits))
    rose: list[_Rise] = []
    for debtor_id, limit in sorted(limits.items()):
        percent = percent_used(owed[debtor_id].amounts, limit)
        row, is_told = known.get(debtor_id), True
        if row is None:
            row = LimitUse(supplier_id=supplier_id, debtor_id=debtor_id, level=0, times=0)
            session.add(row)
            is_told = is_news
        level = reached(percent, levels, row.level)
        if level > row.level and is_told:
            row.times += 1
            rose.append(_Rise(debtor_id, percent, limit, rules[level], owed[debtor_id], row.times))
        row.level, row.looked_at = level, clock.now()
    session.flush()
    return rose


@dataclass(frozen=True, slots=True)
class _Rise:
    """A level that a debtor has reached."""

    debtor_id: DebtorId
    percent: int
    limit: Money
    rule: Rule
    exposure: Exposure
    nth: int


def _limits(
    session: Session, supplier_id: SupplierId, since: datetime | None
) -> dict[DebtorId, Money]:
    """Debtors with a limit to whom something has happened since."""
    asked = select(
        StandingRow.debtor_id, StandingRow.limit_minor, StandingRow.limit_currency
    ).where(StandingRow.supplier_id == supplier_id, StandingRow.limit_minor.is_not(None))
    rows = session.execute(asked).all()
    if since is not None and rows:
        touched = _touched(session, supplier_id, since)
        rows = [row for row in rows if row.debtor_id in touched]
    return {row.debtor_id: Money(row.limit_minor, row.limit_currency) for row in rows}


def _touched(session: Session, supplier_id: SupplierId, since: datetime) -> set[DebtorId]:
    # Ids of events follow the clock (RFC 9562, section 5.7).
    after = UUID(int=int(since.timestamp() * 1000) << 80)
    rows = session.execute(
        select(EventRow.debtor_id, EventRow.kind)
        .where(
            EventRow.supplier_id == supplier_id,
            EventRow.id > after,
            EventRow.debtor_id.is_not(None),
        )
        .distinct()
    )
    return {row.debtor_id for row in rows if row.kind.startswith(_KINDS)}


def _tell(
    session: Session, supplier_id: SupplierId, rose: Sequence[_Rise], *, clock: Clock
) -> list[AlertId]:
    quiet = _told_lately(session, supplier_id, {one.debtor_id for one in rose}, clock.now())
    today = local_date(clock.now(), supplier(session, supplier_id).zone)
    new = []
    for one in rose:
        level = one.rule.threshold
        if quiet.get(one.debtor_id, 0) >= level:
            continue
        severity = severity_at(level).moved(one.rule.severity_shift)
        new.append(
            NewAlert(
                subject=f"use:{one.debtor_id}:{level}:{one.nth}",
                kind=RuleKind.USE,
                severity=severity,
                source=OWN_BOOKS,
                as_of_on=today,
                debtor_id=one.debtor_id,
                threshold=level,
                detail={
                    "percent": one.percent,
                    "limit": one.limit.minor,
                    "currency": one.limit.currency,
                },
                exposure=one.exposure,
                reasons=(FiredRule(one.rule.rule_id, RuleKind.USE, level, severity),),
            )
        )
    return raise_alerts(session, supplier_id=supplier_id, new=new, clock=clock)


def _told_lately(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId], now: datetime
) -> dict[DebtorId, int]:
    """The highest level that was told of each debtor in the last days."""
    rows = session.execute(
        select(Alert.debtor_id, Alert.threshold).where(
            Alert.supplier_id == supplier_id,
            Alert.debtor_id.in_(debtors),
            Alert.kind == RuleKind.USE,
            Alert.raised_at > now - timedelta(days=QUIET_DAYS),
        )
    )
    highest: dict[DebtorId, int] = {}
    for debtor_id, level in rows:
        assert debtor_id is not None, "asked for"
        highest[debtor_id] = max(highest.get(debtor_id, 0), level)
    return highest
