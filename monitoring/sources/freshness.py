"""Every source of a supplier: what it gave, when, how much, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitoring.feeds.contract import Gives, Source, Way
from monitoring.feeds.sources import KBO, SOURCES, source_of
from monitoring.insolvency.tables import SolvencyEvent
from monitoring.sources.heartbeat import Pulse, Trouble, trouble_of
from monitoring.tables import FeedState, FeedSubject, ScoreReading
from receivables.ids import SupplierId
from receivables.settings import Settings

#: Deliveries of a file that tell its rhythm.
_DELIVERIES = 12


def connected(settings: Settings) -> frozenset[str]:
    """The sources that this installation asks."""
    urls = {
        "bureau": settings.bureau.url,
        "creditsafe": settings.creditsafe.url,
        "companies_house": settings.companies_house.url,
        "bodacc": settings.gazettes.bodacc_url,
        "shab": settings.gazettes.shab_url,
    }
    return frozenset(key for key, url in urls.items() if url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """One source as it stands.

    `answers` are those of the last seven days; `said_at` is when it last gave anything new.
    """

    source: Source
    is_connected: bool
    pulse: Pulse
    said_at: datetime | None
    answers: int
    paused_until: datetime | None
    last_error: str
    last_error_at: datetime | None
    trouble: Trouble | None
    #: Since when, as far as it has been noticed and told.
    told_since: datetime | None = None


@dataclass(slots=True)
class _Seen:
    """What the tables say of one source."""

    state: FeedState | None = None
    companies: int = 0
    debtors: int = 0
    said_at: datetime | None = None
    deliveries: list[date] = field(default_factory=list)


def freshness(
    session: Session, supplier_id: SupplierId, asked: Collection[str], *, now: datetime
) -> list[Freshness]:
    """Every source that is asked, or ever said something; the known ones in their order first."""
    seen = _seen(session, supplier_id)
    keys = [key for key in SOURCES if key in seen or key in asked]
    keys += sorted(set(seen) - set(SOURCES))
    return [_one(source_of(key), seen.get(key, _Seen()), key in asked, now) for key in keys]


def _one(source: Source, seen: _Seen, is_asked: bool, now: datetime) -> Freshness:
    state = seen.state
    pulse = Pulse(
        first_asked_at=state.first_asked_at if state else None,
        last_success_at=state.last_success_at if state else None,
        watched=max(seen.companies, seen.debtors),
        answers=_days(state.answers) if state else {},
        newest_on=state.newest_on if state else None,
        deliveries=tuple(sorted(seen.deliveries)),
    )
    is_connected = is_asked or source.way is not Way.ASKED
    lately = now.date() - timedelta(days=7)
    return Freshness(
        source=source,
        is_connected=is_connected,
        pulse=pulse,
        said_at=seen.said_at,
        answers=sum(count for day, count in pulse.answers.items() if day > lately),
        paused_until=state.paused_until if state else None,
        last_error=state.last_error if state else "",
        last_error_at=state.last_error_at if state else None,
        trouble=trouble_of(source, pulse, now=now) if is_connected else None,
        told_since=state.silent_since if state and state.silence else None,
    )


def _days(answers: Mapping[str, Any]) -> dict[date, int]:
    return {date.fromisoformat(day): int(count) for day, count in answers.items()}


def _seen(session: Session, supplier_id: SupplierId) -> dict[str, _Seen]:
    seen: dict[str, _Seen] = {}
    for state in session.scalars(select(FeedState).where(FeedState.supplier_id == supplier_id)):
        seen.setdefault(state.feed, _Seen()).state = state
    companies = session.execute(
        select(FeedSubject.feed, func.count().label("companies"))
        .where(FeedSubject.supplier_id == supplier_id, FeedSubject.company_id.is_not(None))
        .group_by(FeedSubject.feed)
    )
    for row in companies:
        seen.setdefault(row.feed, _Seen()).companies = row.companies
    readings = session.execute(
        select(
            ScoreReading.source,
            func.count(ScoreReading.debtor_id.distinct()).label("debtors"),
            func.max(ScoreReading.received_at).label("said_at"),
        )
        .where(ScoreReading.supplier_id == supplier_id)
        .group_by(ScoreReading.source)
    )
    for said in readings:
        one = seen.setdefault(said.source, _Seen())
        one.debtors, one.said_at = said.debtors, said.said_at
    publications = session.execute(
        select(SolvencyEvent.source, func.max(SolvencyEvent.received_at).label("said_at"))
        .where(SolvencyEvent.supplier_id == supplier_id)
        .group_by(SolvencyEvent.source)
    )
    for published in publications:
        one = seen.setdefault(published.source, _Seen())
        one.said_at = max(filter(None, (one.said_at, published.said_at)))
    _add_deliveries(session, supplier_id, seen)
    return seen


def _add_deliveries(session: Session, supplier_id: SupplierId, seen: dict[str, _Seen]) -> None:
    """The last days on which files with readings came, for sources that are files."""
    for key, one in seen.items():
        source = source_of(key)
        if source.way is not Way.FILE or Gives.SCORES not in source.gives or key == KBO.key:
            continue
        day = func.date(ScoreReading.received_at)
        rows = session.scalars(
            select(day)
            .where(ScoreReading.supplier_id == supplier_id, ScoreReading.source == key)
            .distinct()
            .order_by(day.desc())
            .limit(_DELIVERIES)
        )
        # SQLite gives a text, PostgreSQL a date.
        one.deliveries = [date.fromisoformat(str(each)) for each in rows]


def never_used(found: Collection[Freshness]) -> list[Source]:
    """Sources there are that this supplier has not got."""
    has = {one.source.key for one in found}
    return [
        one for one in SOURCES.values() if one.key not in has and one.way in (Way.ASKED, Way.FILE)
    ]
