"""What a rule would have told in the past year, looked at before it is saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from monitoring import standing
from monitoring.alerts import happenings
from monitoring.alerts.happenings import Happening
from monitoring.alerts.judging import detail_of, exposures
from monitoring.alerts.limits import percent_used
from monitoring.alerts.rules import Rule, changes_due, reading_rules
from monitoring.alerts.severities import OWN_BOOKS, RuleKind
from monitoring.bands import Band
from monitoring.changes import Reading
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.tables import SolvencyEvent
from monitoring.tables import ScoreReading
from receivables.clock import Clock, local_date
from receivables.credit.tables import StandingRow
from receivables.ids import DebtorId, SupplierId
from receivables.money import Money
from receivables.parties.queries import supplier
from receivables.parties.tables import Debtor

PAST_DAYS = 365
#: So many are listed; the others are counted.
MOST_LISTED = 20
#: Histories that are looked at, those with the newest readings first: a page has to answer.
MOST_HISTORIES = 10_000
_AT_ONCE = 500
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """One thing the rule would have told; see `wording.headline` for its words."""

    debtor_id: DebtorId
    kind: RuleKind
    threshold: int
    source: str
    as_of_on: date
    score_before: int | None = None
    score_after: int | None = None
    band_before: Band | None = None
    band_after: Band | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rule would have told: the newest first, with the debtors' names.

    `is_today` where the past is not known and today is told instead; `is_partial` where there
    were too many histories to look at all of them.
    """

    count: int
    listed: tuple[tuple[Fired, str], ...]
    since: date
    is_today: bool = False
    is_partial: bool = False


def rehearse(session: Session, *, supplier_id: SupplierId, rule: Rule, clock: Clock) -> Rehearsal:
    """Go through the past year as if the rule had been set like this."""
    today = local_date(clock.now(), supplier(session, supplier_id).zone)
    since = today - timedelta(days=PAST_DAYS)
    if rule.kind is RuleKind.USE:
        return _listed(session, supplier_id, _over(session, supplier_id, rule, today), today, today)
    fired, is_partial = _by_readings(session, supplier_id, rule, since)
    fired += _by_publications(session, supplier_id, rule, since)
    found = _listed(session, supplier_id, fired, since, today)
    return replace(found, is_partial=is_partial)


def _listed(
    session: Session, supplier_id: SupplierId, fired: Iterable[Fired], since: date, today: date
) -> Rehearsal:
    newest = sorted(fired, key=lambda one: (one.as_of_on, one.debtor_id), reverse=True)
    shown = newest[:MOST_LISTED]
    rows = session.execute(
        select(Debtor.id, Debtor.name).where(
            Debtor.supplier_id == supplier_id, Debtor.id.in_({one.debtor_id for one in shown})
        )
    )
    names = {row.id: row.name for row in rows}
    listed = tuple((one, names[one.debtor_id]) for one in shown)
    return Rehearsal(len(newest), listed, since, is_today=since == today)


def _by_readings(
    session: Session, supplier_id: SupplierId, rule: Rule, since: date
) -> tuple[list[Fired], bool]:
    always = replace(rule, effective_at=_LONG_AGO)
    fired: list[Fired] = []
    looked = 0
    for source, debtors in _that_changed(session, supplier_id, rule, since):
        looked += len(debtors)
        for place in range(0, len(debtors), _AT_ONCE):
            some = debtors[place : place + _AT_ONCE]
            histories = standing.histories_of(session, supplier_id, source, some)
            for debtor_id, history in histories.items():
                fired += _of_history(always, source, debtor_id, history, since)
    return fired, looked >= MOST_HISTORIES


def _that_changed(
    session: Session, supplier_id: SupplierId, rule: Rule, since: date
) -> Iterator[tuple[str, list[DebtorId]]]:
    """Debtors of whom a source did not always say the same, by source."""
    columns = (
        ScoreReading.score, ScoreReading.band, ScoreReading.limit_minor, ScoreReading.status,
        ScoreReading.days_beyond_terms,
    )  # fmt: skip
    varied = [func.count(column.distinct()) > 1 for column in columns]
    # What was withdrawn or came later is a change, too, and is no value to count.
    patchy = [func.count(column) != func.count() for column in columns]
    rows = session.execute(
        select(ScoreReading.source, ScoreReading.debtor_id)
        .where(ScoreReading.supplier_id == supplier_id)
        .group_by(ScoreReading.source, ScoreReading.debtor_id)
        .having(func.max(ScoreReading.as_of_on) >= since, or_(*varied, *patchy))
        .order_by(func.max(ScoreReading.as_of_on).desc(), ScoreReading.debtor_id)
        .limit(MOST_HISTORIES)
    )
    by_source: dict[str, list[DebtorId]] = {}
    for row in rows:
        if reading_rules([rule], row.source):
            by_source.setdefault(row.source, []).append(row.debtor_id)
    yield from sorted(by_source.items())


def _of_history(
    rule: Rule, source: str, debtor_id: DebtorId, history: Sequence[Reading], since: date
) -> Iterator[Fired]:
    for draft in changes_due([rule], history, (), news_since=since):
        before, after = draft.leading.before, draft.after
        if after.as_of_on >= since:
            yield Fired(
                debtor_id=debtor_id,
                kind=rule.kind,
                threshold=rule.threshold,
                source=source,
                as_of_on=after.as_of_on,
                score_before=before.score,
                score_after=after.score,
                band_before=before.band,
                band_after=after.band,
                detail=detail_of(rule.kind, before, after),
            )


def _by_publications(
    session: Session, supplier_id: SupplierId, rule: Rule, since: date
) -> list[Fired]:
    if rule.kind not in (RuleKind.INSOLVENCY, RuleKind.STATUS, RuleKind.FILING):
        return []
    rows = session.scalars(
        select(SolvencyEvent)
        .where(
            SolvencyEvent.supplier_id == supplier_id,
            SolvencyEvent.state == "stands",
            SolvencyEvent.published_on >= since,
        )
        .order_by(SolvencyEvent.published_on, SolvencyEvent.reference)
    )
    told: dict[DebtorId, list[Happening]] = {}
    fired = []
    for row in rows:
        kind = EventKind(row.event)
        if happenings.rule_of(kind) is not rule.kind:
            continue
        before = told.setdefault(row.debtor_id, [])
        happening = Happening(
            kind=kind,
            source=row.source,
            country=row.country,
            published_on=row.published_on,
            claims_until=row.claims_until,
        )
        if not happenings.is_told(happening, before):
            before.append(happening)
            fired.append(
                Fired(
                    debtor_id=row.debtor_id,
                    kind=rule.kind,
                    threshold=0,
                    source=row.source,
                    as_of_on=row.published_on,
                    detail={"event": row.event, "label": row.label},
                )
            )
    return fired


def _over(session: Session, supplier_id: SupplierId, rule: Rule, today: date) -> Iterator[Fired]:
    """Who uses that much of the limit today: what was used once is not kept."""
    rows = session.execute(
        select(StandingRow.debtor_id, StandingRow.limit_minor, StandingRow.limit_currency).where(
            StandingRow.supplier_id == supplier_id, StandingRow.limit_minor.is_not(None)
        )
    ).all()
    owed = exposures(session, supplier_id, [row.debtor_id for row in rows])
    for row in rows:
        limit = Money(row.limit_minor, row.limit_currency)
        percent = percent_used(owed[row.debtor_id].amounts, limit)
        if percent >= rule.threshold:
            yield Fired(
                debtor_id=row.debtor_id,
                kind=rule.kind,
                threshold=rule.threshold,
                source=OWN_BOOKS,
                as_of_on=today,
                detail={"percent": percent, "limit": limit.minor, "currency": limit.currency},
            )
