"""Profiles and forecasts, worked out anew every night."""

from __future__ import annotations

from datetime import timedelta

from receivables.broker import Work, actor, scheduled
from receivables.clock import local_date
from receivables.parties import queries as parties
from receivables.payers import actions, keeping
from receivables.payers.books import facts_of, paid_lately, typical_of
from receivables.payers.outlook import item_id, outlook
from receivables.payers.queries import profiled
from receivables.payers.rules import Facts
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
        gone = keeping.gone(session, supplier_id, map(item_id, gathered.due))
    if not gathered.settled:
        return
    debtor_ids, prior = sorted(facts), typical.prior_days_late
    for first in range(0, len(debtor_ids), _CHUNK):
        chunk = {one: facts[one] for one in debtor_ids[first : first + _CHUNK]}
        with work.transaction() as session:
            actions.refresh(session, supplier_id, chunk, prior, today, clock=clock)
    made = make(gathered, track(gathered.pasts, today), calendar=WEEKDAYS)
    for first in range(0, len(gone), _CHUNK):
        with work.transaction() as session:
            keeping.forget(session, supplier_id, gone[first : first + _CHUNK])
    for first in range(0, len(made.items), _CHUNK):
        with work.transaction() as session:
            keeping.keep(session, supplier_id, made.items[first : first + _CHUNK], today)
    with work.finish() as session:
        keeping.keep_run(session, supplier_id, made, today, clock=clock)
