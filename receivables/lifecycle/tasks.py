"""Every three hours: what was cashed is told, what waits is handed over, what was not matched is
looked for once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from receivables.broker import Work, actor, scheduled
from receivables.ids import InvoiceId, SentStatusId, SupplierId
from receivables.lifecycle.actions import match_again
from receivables.lifecycle.cashing import touched, unreported
from receivables.lifecycle.papers import read_paper
from receivables.lifecycle.queries import suppliers_waiting
from receivables.lifecycle.reporting import (
    documents_of,
    emission,
    make_ready,
    mark_written,
    message_to_write,
    note_looked,
    waiting,
)
from receivables.parties.queries import supplier, suppliers

#: Further back than any transaction lasts: what it wrote counts from when it began.
_OVERLAP = timedelta(days=1)
#: Invoices held and documents read at a time.
_AT_A_TIME = 50
#: Statuses matched and messages handed over by one run.
_MOST = 500


@scheduled("11 */3 * * *")
def look_at_each(work: Work) -> None:
    now = work.runtime.clock.now()
    with work.finish() as session:
        waited_for = suppliers_waiting(session)
        for one in suppliers(session):
            if one.id not in waited_for and not emission(session, one).emits:
                continue
            look.enqueue(session, now=now, supplier_id=one.id, of_supplier=one.id)


@actor(time_limit=timedelta(minutes=10))
def look(work: Work, of_supplier: SupplierId) -> None:
    """Match what was not, and say what of the ledger has not been said."""
    clock = work.runtime.clock
    now = clock.now()
    with work.transaction() as session:
        match_again(session, of_supplier, most=_MOST, clock=clock)
        standing = emission(session, supplier(session, of_supplier))
    if not standing.emits:
        return
    since = max(standing.since, (standing.looked_until or standing.since) - _OVERLAP)
    with work.reading() as session:
        ids = touched(session, of_supplier, since)
    for few in _pieces(ids):
        _report(work, of_supplier, few)
    with work.finish() as session:
        note_looked(session, of_supplier, now)
        if work.runtime.statuses is None:
            return
        for status_id in waiting(session, of_supplier, before=now, most=_MOST):
            # One a day: the job itself tries again, and one that gave up waits for a person.
            hand_over.enqueue(
                session, now=now, supplier_id=of_supplier,
                dedup=f"hand-over/{status_id}/{now:%Y-%m-%d}",
                of_supplier=of_supplier, status_id=status_id,
            )  # fmt: skip


def _pieces(ids: Sequence[InvoiceId]) -> Iterator[Sequence[InvoiceId]]:
    for start in range(0, len(ids), _AT_A_TIME):
        yield ids[start : start + _AT_A_TIME]


def _report(work: Work, of_supplier: SupplierId, invoice_ids: Sequence[InvoiceId]) -> None:
    with work.reading() as session:
        wanted = [one.invoice_id for one in unreported(session, of_supplier, invoice_ids)]
        documents = documents_of(session, of_supplier, wanted)
    if not wanted:
        return
    papers = {key: read_paper(documents[key]) for key in wanted}
    with work.transaction() as session:
        make_ready(session, of_supplier, papers, clock=work.runtime.clock)


@actor(max_retries=12)
def hand_over(work: Work, of_supplier: SupplierId, status_id: SentStatusId) -> None:
    """Give one message to the outbox; without an outbox it waits for `quittance statuses export`.

    Raises StatusNotTaken, and is tried again.
    """
    outbox = work.runtime.statuses
    if outbox is None:
        return
    with work.reading() as session:
        message = message_to_write(session, of_supplier, status_id)
    if message is None:
        return
    outbox.put(*message)
    with work.finish() as session:
        mark_written(session, of_supplier, status_id, clock=work.runtime.clock)
