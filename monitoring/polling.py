"""Asking the bureau: which debtors it knows, and what happened to them since we asked last.

Nothing is held open while the bureau is asked. Each page of events is recorded together with the
place to go on from, so that whatever interrupts us, no event is lost and none counts twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from monitoring.feeds.bureau import (
    SOURCE,
    BureauBusy,
    BureauClient,
    BureauDown,
    BureauRefuses,
    Company,
    EventPage,
    reading_of_company,
    reading_of_event,
)
from monitoring.readings import record_reading
from monitoring.tables import FeedState, FeedSubject
from receivables.database import Scope
from receivables.ids import DebtorId, SupplierId
from receivables.jobs import insert_or_ignore
from receivables.parties.tables import Debtor, Identifier
from receivables.runtime import Runtime

#: Companies the bureau does not know may be known to it later.
ASK_AGAIN_AFTER = timedelta(days=7)
#: New debtors that are looked up in one go; the others have their turn at the next.
MOST_LOOKUPS = 200
_LOOKUPS_AT_ONCE = 20
#: What is still to come then comes at the next go.
MOST_PAGES = 200


def poll(runtime: Runtime, supplier_id: SupplierId, client: BureauClient) -> None:
    """Ask the bureau for one supplier; what goes wrong is kept for staff to see.

    A busy bureau is left alone for as long as it asked.
    """
    now = runtime.clock.now()
    with runtime.transaction(Scope(supplier_id)) as session:
        state = _state(session, supplier_id)
        if state.paused_until is not None and now < state.paused_until:
            return
        cursor = int(state.cursor or 0)
    try:
        _register(runtime, supplier_id, client)
        _follow(runtime, supplier_id, client, cursor)
    except BureauBusy as busy:
        _note(runtime, supplier_id, paused_until=now + busy.pause)
    except (BureauDown, BureauRefuses) as trouble:
        _note(runtime, supplier_id, last_error=str(trouble)[:300], last_error_at=now)
    else:
        _note(
            runtime, supplier_id, last_success_at=now, last_error="", last_error_at=None,
            paused_until=None,
        )  # fmt: skip


def _state(session: Session, supplier_id: SupplierId) -> FeedState:
    session.execute(
        insert_or_ignore(session, FeedState),
        {"supplier_id": supplier_id, "feed": SOURCE, "cursor": "", "last_error": ""},
    )
    return session.scalars(
        select(FeedState).where(FeedState.supplier_id == supplier_id, FeedState.feed == SOURCE)
    ).one()


def _note(runtime: Runtime, supplier_id: SupplierId, **values: Any) -> None:
    with runtime.transaction(Scope(supplier_id)) as session:
        session.execute(
            update(FeedState)
            .where(FeedState.supplier_id == supplier_id, FeedState.feed == SOURCE)
            .values(**values)
        )


def _register(runtime: Runtime, supplier_id: SupplierId, client: BureauClient) -> None:
    """Look up debtors that the bureau was not asked about, and watch those it knows."""
    now = runtime.clock.now()
    with runtime.reading(Scope(supplier_id)) as session:
        unasked = _unasked(session, supplier_id, now)
    for some in _in_chunks(unasked):
        found = {debtor_id: _find(client, numbers) for debtor_id, numbers in some}
        known = sorted({company.company_id for company in found.values() if company})
        if known:
            client.watch(str(supplier_id), known)
        with runtime.transaction(Scope(supplier_id)) as session:
            for debtor_id, company in found.items():
                _write_down(session, runtime, supplier_id, debtor_id, company)


Numbers = tuple[DebtorId, list[str]]


def _in_chunks(unasked: list[Numbers]) -> list[list[Numbers]]:
    places = range(0, len(unasked), _LOOKUPS_AT_ONCE)
    return [unasked[place : place + _LOOKUPS_AT_ONCE] for place in places]


def _unasked(session: Session, supplier_id: SupplierId, now: datetime) -> list[Numbers]:
    """Businesses with a company number whom the bureau was not asked about lately."""
    rows = session.execute(
        select(Identifier.debtor_id, Identifier.value)
        .join(
            Debtor,
            (Debtor.supplier_id == Identifier.supplier_id) & (Debtor.id == Identifier.debtor_id),
        )
        .outerjoin(
            FeedSubject,
            and_(
                FeedSubject.supplier_id == Identifier.supplier_id,
                FeedSubject.debtor_id == Identifier.debtor_id,
                FeedSubject.feed == SOURCE,
            ),
        )
        .where(
            Identifier.supplier_id == supplier_id,
            Identifier.scheme.in_(("SIREN", "KBO", "UID", "VAT")),
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
    numbers: dict[DebtorId, list[str]] = {}
    for row in rows:
        numbers.setdefault(row.debtor_id, []).append(row.value)
    return list(numbers.items())[:MOST_LOOKUPS]


def _find(client: BureauClient, numbers: list[str]) -> Company | None:
    for number in numbers:
        company = client.find(number)
        if company is not None:
            return company
    return None


def _write_down(
    session: Session,
    runtime: Runtime,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    company: Company | None,
) -> None:
    asked = {
        "company_id": company.company_id if company else None,
        "asked_at": runtime.clock.now(),
    }
    key = {"supplier_id": supplier_id, "feed": SOURCE, "debtor_id": debtor_id}
    session.execute(insert_or_ignore(session, FeedSubject), {**key, **asked})
    session.execute(
        update(FeedSubject)
        .where(*(getattr(FeedSubject, name) == value for name, value in key.items()))
        .values(**asked)
    )
    if company is not None:
        record_reading(
            session,
            supplier_id=supplier_id,
            debtor_id=debtor_id,
            reading=reading_of_company(company),
            clock=runtime.clock,
        )


def _follow(runtime: Runtime, supplier_id: SupplierId, client: BureauClient, cursor: int) -> None:
    for _ in range(MOST_PAGES):
        page = client.events(str(supplier_id), since=cursor)
        if page.next < cursor:
            raise BureauDown(f"went back from event {cursor} to {page.next}")
        with runtime.transaction(Scope(supplier_id)) as session:
            _take(session, runtime, supplier_id, page)
        cursor = page.next
        if not page.more:
            return


def _take(session: Session, runtime: Runtime, supplier_id: SupplierId, page: EventPage) -> None:
    wanted = {event.company_id for event in page.events}
    debtors: dict[str | None, list[DebtorId]] = {}
    for row in session.execute(
        select(FeedSubject.company_id, FeedSubject.debtor_id).where(
            FeedSubject.supplier_id == supplier_id,
            FeedSubject.feed == SOURCE,
            FeedSubject.company_id.in_(wanted),
        )
    ):
        debtors.setdefault(row.company_id, []).append(row.debtor_id)
    for event in page.events:
        for debtor_id in debtors.get(event.company_id, ()):
            record_reading(
                session,
                supplier_id=supplier_id,
                debtor_id=debtor_id,
                reading=reading_of_event(event),
                clock=runtime.clock,
            )
    session.execute(
        update(FeedState)
        .where(FeedState.supplier_id == supplier_id, FeedState.feed == SOURCE)
        .values(cursor=str(page.next))
    )
