"""Profiles and forecasts, worked out anew every night."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from receivables.broker import Work, actor, scheduled
from receivables.clock import local_date
from receivables.ids import DebtorId
from receivables.parties import queries as parties
from receivables.payers import actions, keeping
from receivables.payers.books import facts_of, paid_lately, typical_of
from receivables.payers.expecting import Expected
from receivables.payers.outlook import item_id, outlook
from receivables.payers.queries import profiled
from receivables.payers.rules import Facts
from receivables.plans.queries import DueItem
from receivables.workdays import WEEKDAYS

#: One transaction writes so many rows: others want to write, too.
_CHUNK = 200
#: A hundred thousand invoices take a minute or two.
_TIME_LIMIT = timedelta(minutes=20)


@scheduled("20 2 * * *")
def begin_night(work: Work) -> None:
    """Once a day for each supplier, when the bank's files of the day before are in."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        for supplier in parties.suppliers(session):
            work_out.enqueue(session, now=now, supplier_id=supplier.id)


@actor(time_limit=_TIME_LIMIT)
def work_out(work: Work) -> None:
    """How each debtor of one supplier pays, when everything open is expected, and what such
    expectations have been worth. Read at once, written down a few at a time.
    """
    # Numbers are loaded where they are reckoned with: no other process needs them.
    from receivables.payers.making import make
    from receivables.payers.tracking import track

    supplier_id, clock = work.claimed.supplier_id, work.runtime.clock
    assert supplier_id is not None, "debtors are one supplier's"
    with work.reading() as session:
        today = local_date(clock.now(), parties.supplier(session, supplier_id).zone)
        gathered = outlook(session, supplier_id, today)
        typical = typical_of(paid_lately(gathered.settled, today))
        facts = facts_of(session, supplier_id, gathered.settled, gathered.due, typical, today)
        # Of those who bought nothing for years, a person's word still has its last day.
        facts = dict.fromkeys(profiled(session, supplier_id), Facts(paid=())) | facts
        known = keeping.known(session, supplier_id)
    if not gathered.settled:
        return
    made = make(gathered, track(gathered.pasts, today), calendar=WEEKDAYS)
    changed = keeping.changed(made.items, known)
    gone = sorted(known.keys() - {item_id(item) for item in gathered.due})
    prior = typical.prior_days_late

    def profiles(session: Session, chunk: Sequence[DebtorId]) -> None:
        own = {one: facts[one] for one in chunk}
        actions.refresh(session, supplier_id, own, prior, today, clock=clock)

    def forgotten(session: Session, chunk: Sequence[UUID]) -> None:
        keeping.forget(session, supplier_id, chunk)

    def expected(session: Session, chunk: Sequence[tuple[DueItem, Expected]]) -> None:
        keeping.keep(session, supplier_id, chunk, today)

    bites = [*_bites(sorted(facts), profiles), *_bites(gone, forgotten), *_bites(changed, expected)]
    left = deque(bites)
    while sum(size for size, _ in left) > _CHUNK:
        with work.transaction() as session:
            left.popleft()[1](session)
    with work.finish() as session:
        for _, write in left:
            write(session)
        keeping.keep_run(session, supplier_id, made, today, clock=clock)


Row = TypeVar("Row")


def _bites(
    rows: Sequence[Row], write: Callable[[Session, Sequence[Row]], None]
) -> list[tuple[int, Callable[[Session], None]]]:
    """The writing of so many rows in pieces, each with its size."""
    chunks = [rows[first : first + _CHUNK] for first in range(0, len(rows), _CHUNK)]
    return [(len(chunk), partial(_write, write, chunk)) for chunk in chunks]


def _write(
    write: Callable[[Session, Sequence[Row]], None], chunk: Sequence[Row], session: Session
) -> None:
    write(session, chunk)
