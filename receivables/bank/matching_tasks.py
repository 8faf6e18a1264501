"""A statement is on record: what is certain is posted, and the rest waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from receivables.bank import matching, matching_queries
from receivables.bank.books import Books
from receivables.bank.clues import Match
from receivables.bank.events import BankStatementTaken
from receivables.bank.returning import find_undone
from receivables.bank.rules import matches
from receivables.bank.tables import BankEntry
from receivables.broker import Work, reaction
from receivables.clock import Clock
from receivables.ids import BankEntryId, InvoiceId, SupplierId
from receivables.ledger.rules import spread
from receivables.money import Money

#: How many entries one transaction posts: others want to write, too.
_CHUNK = 50
#: A hundred thousand lines take a quarter of an hour; whoever takes over goes on where it ended.
_TIME_LIMIT = timedelta(hours=1)


@reaction(BankStatementTaken, time_limit=_TIME_LIMIT)
def match_statement(work: Work, taken: BankStatementTaken) -> None:
    """Match the statement's entries, and those that waited from before: they may fit by now."""
    supplier_id = taken.supplier_id
    with work.reading() as session:
        books = matching_queries.books_of(session, supplier_id)
        entry_ids = matching_queries.waiting_ids(session, supplier_id)
    for first in range(0, len(entry_ids), _CHUNK):
        _match_chunk(work, supplier_id, books, entry_ids[first : first + _CHUNK])


def _match_chunk(
    work: Work, supplier_id: SupplierId, books: Books, entry_ids: Sequence[BankEntryId]
) -> None:
    clock = work.runtime.clock
    with work.transaction() as session:
        for entry_id in entry_ids:
            entry = matching.entry_of(session, supplier_id, entry_id)
            if entry.credit_debit == "CRDT":
                found = matches(matching_queries.line_of(entry), books)
                if found and found[0].certain:
                    posted = matching.post_match(
                        session, supplier_id, entry_id, found[0], clock=clock
                    )
                    if posted:
                        _take_down(books, entry, found[0])
            elif matching_queries.is_return(entry):
                _match_return(session, supplier_id, entry, clock=clock)


def _match_return(
    session: Session, supplier_id: SupplierId, entry: BankEntry, *, clock: Clock
) -> None:
    received = matching_queries.receipts_like(session, supplier_id, entry)
    line = matching_queries.line_of(entry)
    undone = find_undone(line, entry.booked_on, received, says_so=True)
    if undone is not None and undone.certain:
        matching.give_back(session, supplier_id, entry.id, undone.key, by_person=False, clock=clock)


def _take_down(books: Books, entry: BankEntry, match: Match) -> None:
    """What is posted changes what the next line can pay."""
    parts: dict[InvoiceId, Money] = dict(match.parts)
    if match.short is not None:
        (invoice_id,) = parts
        parts[invoice_id] += match.short
    books.put(parts)
    surplus = match.surplus(entry.amount)
    if surplus:
        items = books.open_of(match.debtor_id, surplus.currency)
        more, _ = spread(surplus, [], {one.invoice_id: one.outstanding for one in items})
        books.put(more)
