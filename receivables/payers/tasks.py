"""Profiles and forecasts, worked out anew every night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from receivables.broker import Work, actor, scheduled
from receivables.clock import local_date
from receivables.ids import DebtorId
from receivables.parties import queries as parties
from receivables.parties.tables import Debtor
from receivables.payers import actions, books, keeping
from receivables.payers.outlook import item_id, outlook
from receivables.plans.queries import DueItem, due_items
from receivables.workdays import WEEKDAYS

#: One transaction writes so many rows.
_CHUNK = 200
#: A hundred thousand invoices take a minute or two.
_TIME_LIMIT = timedelta(minutes=20)


@scheduled("20 2 * * *")
def begin_night(work: Work) -> None:
    """Once a day for each supplier, when the bank's files of the day before are in."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        for supplier in parties.suppliers(session):
            profile_debtors.enqueue(session, now=now, supplier_id=supplier.id)
            forecast.enqueue(session, now=now, supplier_id=supplier.id)


@actor(time_limit=_TIME_LIMIT)
def profile_debtors(work: Work) -> None:
    """How each debtor of one supplier pays; a few of them at a time."""
    supplier_id, clock = work.claimed.supplier_id, work.runtime.clock
    assert supplier_id is not None, "profiles are one supplier's"
    with work.reading() as session:
        today = local_date(clock.now(), parties.supplier(session, supplier_id).zone)
        typical = books.portfolio(session, supplier_id, today)
        due = due_items(session, supplier_id, today=today)
        known = select(Debtor.id).where(Debtor.supplier_id == supplier_id).order_by(Debtor.id)
        debtor_ids: Sequence[DebtorId] = session.scalars(known).all()
    by_debtor: dict[DebtorId, list[DueItem]] = {}
    for item in due:
        by_debtor.setdefault(item.debtor_id, []).append(item)
    for first in range(0, len(debtor_ids), _CHUNK):
        chunk = debtor_ids[first : first + _CHUNK]
        own = [item for debtor_id in chunk for item in by_debtor.get(debtor_id, ())]
        with work.transaction() as session:
            actions.refresh(session, supplier_id, chunk, own, typical, today, clock=clock)


@actor(time_limit=_TIME_LIMIT)
def forecast(work: Work) -> None:
    """When everything open is expected, and what such expectations have been worth."""
    # Numbers are loaded where they are reckoned with: no other process needs them.
    from receivables.payers.making import make

    supplier_id, clock = work.claimed.supplier_id, work.runtime.clock
    assert supplier_id is not None, "a forecast is one supplier's"
    with work.reading() as session:
        today: date = local_date(clock.now(), parties.supplier(session, supplier_id).zone)
        gathered = outlook(session, supplier_id, today)
        gone = keeping.gone(session, supplier_id, map(item_id, gathered.due))
    made = make(gathered, calendar=WEEKDAYS)
    for first in range(0, len(gone), _CHUNK):
        with work.transaction() as session:
            keeping.forget(session, supplier_id, gone[first : first + _CHUNK])
    for first in range(0, len(made.items), _CHUNK):
        with work.transaction() as session:
            keeping.keep(session, supplier_id, made.items[first : first + _CHUNK], today)
    with work.finish() as session:
        keeping.keep_run(session, supplier_id, made, today, clock=clock)
