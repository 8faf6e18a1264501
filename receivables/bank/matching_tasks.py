"""A statement is on record: what is certain is posted, and the rest waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from receivables.bank import matching, matching_queries
from receivables.bank.books import Books
from receivables.bank.clues import Match
from receivables.bank.events import BankStatementTaken
from receivables.bank.matching_queries import Waiting
from receivables.bank.policies import matching_policy
from receivables.bank.posting import Ready, is_plain, post_matches
from receivables.bank.returning import find_undone
from receivables.bank.rules import matches
from receivables.broker import Work, reaction
from receivables.clock import Clock
from receivables.ids import BankMatchId, DebtorId, SupplierId
from receivables.ledger.queries import open_items
from receivables.ledger.receiving import TransferSpent

log = structlog.get_logger(__name__)

#: How many entries one transaction posts: others want to write, too.
_CHUNK = 100
#: After how many entries it says how far it is.
_TOLD_EVERY = 5000
#: A hundred thousand lines take some minutes; whoever takes over goes on where it ended.
_TIME_LIMIT = timedelta(hours=1)


@reaction(BankStatementTaken, time_limit=_TIME_LIMIT)
def match_statement(work: Work, taken: BankStatementTaken) -> None:
    """Match the statement's entries, and those that waited from before: they may fit by now."""
    supplier_id = taken.supplier_id
    with work.reading() as session:
        entry_ids = matching_queries.waiting_ids(session, supplier_id)
        if not entry_ids:
            return
        books = matching_queries.books_of(session, supplier_id)
    for first in range(0, len(entry_ids), _CHUNK):
        with work.transaction() as session:
            batch = _Batch(session, supplier_id, books, work.runtime.clock)
            batch.match(
                matching_queries.waiting_among(
                    session, supplier_id, entry_ids[first : first + _CHUNK]
                )
            )
        done = min(first + _CHUNK, len(entry_ids))
        if done % _TOLD_EVERY == 0:
            log.info("bank.matching", supplier=str(supplier_id), done=done, of=len(entry_ids))


class _Batch:
    """Entries matched one after the other in one transaction. What is plain is gathered and
    posted together, at the end or before something that must see it in the ledger.
    """

    def __init__(
        self, session: Session, supplier_id: SupplierId, books: Books, clock: Clock
    ) -> None:
        self._session = session
        self._supplier_id = supplier_id
        self._books = books
        self._clock = clock
        self._policy = matching_policy(session, supplier_id)
        self._ready: list[Ready] = []

    def match(self, entries: Sequence[Waiting]) -> None:
        for entry in entries:
            if entry.came_in:
                self._receive(entry)
            else:
                self._give_back(entry)
        self._post_ready()

    def _receive(self, entry: Waiting) -> None:
        found = matches(entry.line, self._books, self._policy)
        if not found or not found[0].certain:
            return
        if is_plain(found[0], entry.line.amount):
            self._ready.append(Ready(entry, found[0]))
            # What is posted changes what the next line can pay.
            self._books.put(found[0].parts)
        else:
            self._post_alone(entry, found[0])

    def _post_ready(self) -> None:
        if self._ready:
            post_matches(
                self._session, self._supplier_id, self._ready, self._books, clock=self._clock
            )
            self._ready = []

    def _post_alone(self, entry: Waiting, match: Match) -> None:
        if any(one.match.debtor_id == match.debtor_id for one in self._ready):
            self._post_ready()
        posted = matching.post_match(
            self._session, self._supplier_id, entry.entry_id, match, clock=self._clock
        )
        line = entry.line
        if posted and self._books.likeness_to(line.name, match.debtor_id) >= matching.ALIKE:
            self._books.learn(match.debtor_id, line.account, line.name)
        self._look_again(match.debtor_id)

    def _give_back(self, entry: Waiting) -> None:
        if any(one.entry.line.amount == entry.line.amount for one in self._ready):
            self._post_ready()
        row = matching.entry_of(self._session, self._supplier_id, entry.entry_id)
        received = matching_queries.receipts_like(self._session, self._supplier_id, row)
        undone = find_undone(entry.line, entry.booked_on, received, says_so=True)
        if undone is not None and undone.certain:
            self._undo(entry, undone.key)

    def _undo(self, entry: Waiting, receipt_id: BankMatchId) -> None:
        receipt = matching.match_of(self._session, self._supplier_id, receipt_id)
        if any(one.match.debtor_id == receipt.debtor_id for one in self._ready):
            self._post_ready()
        try:
            with self._session.begin_nested():
                matching.give_back(
                    self._session, self._supplier_id, entry.entry_id, receipt_id,
                    by_person=False, clock=self._clock,
                )  # fmt: skip
        except TransferSpent:
            # The money has gone on from what it was put against: a person decides.
            return
        if receipt.debtor_id is not None:
            self._look_again(receipt.debtor_id)

    def _look_again(self, debtor_id: DebtorId) -> None:
        """Have the books say of a debtor what the ledger says by now."""
        items = open_items(self._session, self._supplier_id, debtor_id)
        self._books.correct_debtor(debtor_id, {item.invoice_id: item.outstanding for item in items})
