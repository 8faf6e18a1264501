"""Asking sources: which debtors they know, and what happened to them since we asked last.

Nothing is held open while a source is asked. Each page of events is recorded together with the
place to go on from, so that whatever interrupts us, no event is lost and none counts twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from monitoring.feeds.contract import (
    EventFeed,
    Identifies,
    Number,
    SourceBusy,
    SourceDown,
    SourceRefuses,
    StateFeed,
    Told,
)
from monitoring.insolvency.actions import take_published
from monitoring.readings import Accepted, record_readings
from monitoring.sources.states import count, note, of_feed
from monitoring.tables import FeedState, FeedSubject
from receivables.database import Scope
from receivables.ids import DebtorId, SupplierId
from receivables.jobs import insert_or_ignore
from receivables.parties.tables import Debtor, Identifier
from receivables.runtime import Runtime

#: Companies the source does not know may be known to it later.
ASK_AGAIN_AFTER = timedelta(days=7)
#: New debtors that are looked up in one go; the others have their turn at the next.
MOST_LOOKUPS = 200
_LOOKUPS_AT_ONCE = 20
#: What is still to come then comes at the next go.
MOST_PAGES = 200
#: A register is asked about each company once a day.
LOOK_AGAIN_AFTER = timedelta(hours=24)


def poll(runtime: Runtime, supplier_id: SupplierId, feed: EventFeed) -> None:
    """Ask a source for one supplier; what goes wrong is kept for staff to see.

    A busy source is left alone for as long as it asked.
    """

    def ask(state: FeedState) -> None:
        _register(runtime, supplier_id, feed)
        _follow(runtime, supplier_id, feed, state.cursor)

    _asked(runtime, supplier_id, feed, ask)


def look(runtime: Runtime, supplier_id: SupplierId, feed: StateFeed, *, most: int) -> None:
    """The same with a source that has to be asked about each company: about `most` at a time,
    whom it was not asked about for longest first, each once a day.
    """

    def ask(_: FeedState) -> None:
        _identify(runtime, supplier_id, feed)
        _look(runtime, supplier_id, feed, most)

    _asked(runtime, supplier_id, feed, ask)


def _asked(
    runtime: Runtime, supplier_id: SupplierId, feed: Identifies, ask: Callable[[FeedState], None]
) -> None:
    now, key = runtime.clock.now(), feed.source.key
    with runtime.transaction(Scope(supplier_id)) as session:
        state = of_feed(session, supplier_id, key, now=now)
        if state.paused_until is not None and now < state.paused_until:
            return
        session.expunge(state)
    try:
        ask(state)
    except SourceBusy as busy:
        note(runtime, supplier_id, key, paused_until=now + busy.pause)
    except (SourceDown, SourceRefuses) as trouble:
        note(runtime, supplier_id, key, last_error=str(trouble)[:300], last_error_at=now)
    else:
        note(
            runtime, supplier_id, key, last_success_at=now, last_error="", last_error_at=None,
            paused_until=None,
        )  # fmt: skip


Numbers = tuple[DebtorId, list[Number]]


def _register(runtime: Runtime, supplier_id: SupplierId, feed: EventFeed) -> None:
    """Look up debtors that the source was not asked about, and watch those it knows."""
    for some in _in_chunks(_unasked(runtime, supplier_id, feed)):
        found = {debtor_id: feed.identify(numbers) for debtor_id, numbers in some}
        known = sorted({company_id for company_id in found.values() if company_id})
        told = feed.subscribe(str(supplier_id), known) if known else ()
        with runtime.transaction(Scope(supplier_id)) as session:
            _remember(session, runtime, supplier_id, feed, found)
            _record(session, runtime, supplier_id, feed, told)


def _identify(runtime: Runtime, supplier_id: SupplierId, feed: StateFeed) -> None:
    for some in _in_chunks(_unasked(runtime, supplier_id, feed)):
        found = {debtor_id: feed.identify(numbers) for debtor_id, numbers in some}
        with runtime.transaction(Scope(supplier_id)) as session:
            # Not asked yet how they stand: they are the first to be looked at.
            _remember(session, runtime, supplier_id, feed, found, ago=LOOK_AGAIN_AFTER)


def _in_chunks(unasked: list[Numbers]) -> list[list[Numbers]]:
    places = range(0, len(unasked), _LOOKUPS_AT_ONCE)
    return [unasked[place : place + _LOOKUPS_AT_ONCE] for place in places]


def _unasked(runtime: Runtime, supplier_id: SupplierId, feed: Identifies) -> list[Numbers]:
    with runtime.reading(Scope(supplier_id)) as session:
        return _not_asked_about(session, supplier_id, feed, runtime.clock.now())


def _not_asked_about(
    session: Session, supplier_id: SupplierId, feed: Identifies, now: datetime
) -> list[Numbers]:
    """Businesses with a number of the source's registers whom it was not asked about lately."""
    rows = session.execute(
        select(Identifier.debtor_id, Identifier.scheme, Identifier.value)
        .join(
            Debtor,
            (Debtor.supplier_id == Identifier.supplier_id) & (Debtor.id == Identifier.debtor_id),
        )
        .outerjoin(
            FeedSubject,
            and_(
                FeedSubject.supplier_id == Identifier.supplier_id,
                FeedSubject.debtor_id == Identifier.debtor_id,
                FeedSubject.feed == feed.source.key,
            ),
        )
        .where(
            Identifier.supplier_id == supplier_id,
            Identifier.scheme.in_(feed.source.schemes),
            Debtor.kind == "business",
            or_(
                FeedSubject.debtor_id.is_(None),
                and_(
                    FeedSubject.company_id.is_(None),
                    FeedSubject.asked_at < now - ASK_AGAIN_AFTER,
                ),
            ),
        )
        .order_by(Identifier.debtor_id, Identifier.scheme)
    )
    numbers: dict[DebtorId, list[Number]] = {}
    for row in rows:
        numbers.setdefault(row.debtor_id, []).append((row.scheme, row.value))
    return list(numbers.items())[:MOST_LOOKUPS]


def _remember(
    session: Session,
    runtime: Runtime,
    supplier_id: SupplierId,
    feed: Identifies,
    found: dict[DebtorId, str | None],
    *,
    ago: timedelta = timedelta(0),
) -> None:
    for debtor_id, company_id in found.items():
        asked_at = runtime.clock.now() - (ago if company_id else timedelta(0))
        asked = {"company_id": company_id, "asked_at": asked_at}
        key = {"supplier_id": supplier_id, "feed": feed.source.key, "debtor_id": debtor_id}
        session.execute(insert_or_ignore(session, FeedSubject), {**key, **asked, "said": ""})
        session.execute(
            update(FeedSubject)
            .where(*(getattr(FeedSubject, name) == value for name, value in key.items()))
            .values(**asked)
        )


def _follow(runtime: Runtime, supplier_id: SupplierId, feed: EventFeed, cursor: str) -> None:
    for _ in range(MOST_PAGES):
        page = feed.poll(str(supplier_id), cursor)
        with runtime.transaction(Scope(supplier_id)) as session:
            _record(session, runtime, supplier_id, feed, page.told)
            count(session, supplier_id, feed.source.key, page.answers, now=runtime.clock.now())
            session.execute(
                update(FeedState)
                .where(FeedState.supplier_id == supplier_id, FeedState.feed == feed.source.key)
                .values(cursor=page.cursor)
            )
        cursor = page.cursor
        if not page.more:
            return


def _look(runtime: Runtime, supplier_id: SupplierId, feed: StateFeed, most: int) -> None:
    key = feed.source.key
    with runtime.reading(Scope(supplier_id)) as session:
        due = session.execute(
            select(FeedSubject.company_id)
            .where(
                FeedSubject.supplier_id == supplier_id,
                FeedSubject.feed == key,
                FeedSubject.company_id.is_not(None),
                FeedSubject.asked_at <= runtime.clock.now() - LOOK_AGAIN_AFTER,
            )
            .order_by(FeedSubject.asked_at, FeedSubject.debtor_id)
            .limit(most)
        ).all()
    # Several debtors may be one company.
    companies = dict.fromkeys(row.company_id for row in due if row.company_id is not None)
    for company_id in companies:
        told = feed.look(company_id)
        with runtime.transaction(Scope(supplier_id)) as session:
            _record(session, runtime, supplier_id, feed, [told])
            count(session, supplier_id, key, 1, now=runtime.clock.now())
            session.execute(
                update(FeedSubject)
                .where(
                    FeedSubject.supplier_id == supplier_id,
                    FeedSubject.feed == key,
                    FeedSubject.company_id == company_id,
                )
                .values(asked_at=runtime.clock.now())
            )


def _record(
    session: Session,
    runtime: Runtime,
    supplier_id: SupplierId,
    feed: Identifies,
    told: Sequence[Told],
) -> None:
    """Write down what a source said of its companies, for each debtor that is one of them."""
    key = feed.source.key
    wanted = {one.company_id for one in told}
    debtors: dict[str | None, list[DebtorId]] = {}
    for row in session.execute(
        select(FeedSubject.company_id, FeedSubject.debtor_id).where(
            FeedSubject.supplier_id == supplier_id,
            FeedSubject.feed == key,
            FeedSubject.company_id.in_(wanted),
        )
    ):
        debtors.setdefault(row.company_id, []).append(row.debtor_id)
    record_readings(
        session,
        supplier_id=supplier_id,
        accepted=[
            Accepted(debtor_id, reading)
            for one in told
            for debtor_id in debtors.get(one.company_id, ())
            for reading in one.readings
        ],
        clock=runtime.clock,
    )
    for one in told:
        if one.said is not None:
            session.execute(
                update(FeedSubject)
                .where(
                    FeedSubject.supplier_id == supplier_id,
                    FeedSubject.feed == key,
                    FeedSubject.company_id == one.company_id,
                )
                .values(said=one.said)
            )
    is_published = any(one.published for one in told)
    numbers = _numbers(session, supplier_id, debtors) if is_published else {}
    published = [
        each if each.numbers else replace(each, numbers=numbers.get(one.company_id, ()))
        for one in told
        for each in one.published
    ]
    if published:
        take_published(session, supplier_id=supplier_id, published=published, clock=runtime.clock)


def _numbers(
    session: Session, supplier_id: SupplierId, debtors: dict[str | None, list[DebtorId]]
) -> dict[str, tuple[Number, ...]]:
    """The register numbers of a source's companies: those of the debtors that are one."""
    ids = [debtor_id for each in debtors.values() for debtor_id in each]
    rows = session.execute(
        select(Identifier.debtor_id, Identifier.scheme, Identifier.value).where(
            Identifier.supplier_id == supplier_id, Identifier.debtor_id.in_(ids)
        )
    )
    by_debtor: dict[DebtorId, list[Number]] = {}
    for row in rows:
        by_debtor.setdefault(row.debtor_id, []).append((row.scheme, row.value))
    return {
        company_id: tuple(pair for one in each for pair in by_debtor.get(one, ()))
        for company_id, each in debtors.items()
        if company_id is not None
    }
