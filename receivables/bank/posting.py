"""Certain matches posted many at a time: the same rows that `matching.post_match` writes for one,
in a few statements. For those whose money goes whole to the invoices they name, as most do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from receivables.bank.books import Books
from receivables.bank.clues import Match
from receivables.bank.events import BankEntryMatched
from receivables.bank.matching import ALIKE, known_as, source_of
from receivables.bank.matching_queries import Waiting
from receivables.bank.matching_tables import BankMatch, BankPayer
from receivables.clock import Clock
from receivables.history import record_all
from receivables.ids import BankEntryId, BankMatchId, InvoiceId, SupplierId, new_id
from receivables.ledger.receiving_many import Transfer, hold_outstanding, receive_transfers
from receivables.money import Money


@dataclass(frozen=True, slots=True)
class Ready:
    """An entry and the certain match it is to be posted for."""

    entry: Waiting
    match: Match


def is_plain(match: Match, amount: Money) -> bool:
    """Whether all of the money goes to what is named, and nothing is given up with it."""
    return match.short is None and not match.surplus(amount)


def post_matches(
    session: Session, supplier_id: SupplierId, ready: Sequence[Ready], books: Books, *, clock: Clock
) -> None:
    """Post plain certain matches. Those that do not hold any more, because the ledger says
    otherwise than the books that they were found in, are left, and the books corrected.
    """
    invoice_ids = sorted({one for each in ready for one in each.match.parts})
    outstanding = hold_outstanding(session, supplier_id, invoice_ids)
    taken = _take(session, supplier_id, _holding(ready, outstanding), clock=clock)
    transfers = [
        Transfer(
            debtor_id=one.match.debtor_id, source=source_of(called, match_id),
            parts=one.match.parts, reference=called, booked_on=one.entry.booked_on,
        )
        for one, match_id, called in taken
    ]  # fmt: skip
    receive_transfers(session, supplier_id, transfers, clock=clock)
    matched = [
        BankEntryMatched(
            supplier_id=supplier_id, debtor_id=one.match.debtor_id, match_id=match_id,
            entry_id=one.entry.entry_id, amount=one.entry.line.amount, by_person=False,
        )
        for one, match_id, _ in taken
    ]  # fmt: skip
    record_all(session, supplier_id, matched, clock=clock)
    _learn(session, supplier_id, [one for one, _, _ in taken], books, clock=clock)
    for transfer in transfers:
        for invoice_id, amount in transfer.parts.items():
            outstanding[invoice_id] -= amount
    books.correct(outstanding)


def _holding(ready: Sequence[Ready], outstanding: dict[InvoiceId, Money]) -> list[Ready]:
    """Those whose parts are outstanding, each after those before it."""
    left = dict(outstanding)
    holding: list[Ready] = []
    for one in ready:
        assert one.match.certain, "what is not certain is a person's to say"
        assert is_plain(one.match, one.entry.line.amount), "the rest is posted one by one"
        if all(part <= left[invoice_id] for invoice_id, part in one.match.parts.items()):
            holding.append(one)
            for invoice_id, part in one.match.parts.items():
                left[invoice_id] -= part
    return holding


#: Those of some matches that came to stand.
_DONE = select(BankMatch.entry_id).where(
    BankMatch.supplier_id == bindparam("supplier"),
    BankMatch.id.in_(bindparam("ids", expanding=True)),
)

#: What is posted, its match, and what people know the transfer by.
_Taken = tuple[Ready, BankMatchId, str]


def _take(
    session: Session, supplier_id: SupplierId, holding: Sequence[Ready], *, clock: Clock
) -> list[_Taken]:
    """Take the entries for their matches; without those that somebody has taken meanwhile."""
    if not holding:
        return []
    now = clock.now()
    wanted: dict[BankEntryId, _Taken] = {}
    rows: list[dict[str, Any]] = []
    for one in holding:
        entry, match_id = one.entry, BankMatchId(new_id())
        called = known_as(entry.line.structured, entry.bank_reference, entry.booked_on)
        wanted[entry.entry_id] = (one, match_id, called)
        rows.append(
            {
                "id": match_id,
                "supplier_id": supplier_id,
                "entry_id": entry.entry_id,
                "kind": "receipt",
                "state": "stands",
                "state_since": now,
                "debtor_id": one.match.debtor_id,
                "undoes": None,
                "clues": [str(clue) for clue in one.match.clues],
                "by_person": False,
                "source": source_of(called, match_id),
                "created_at": now,
            }
        )
    session.execute(_adding(session.get_bind().dialect.name, BankMatch), rows)
    ids = [row["id"] for row in rows]
    done = set(session.scalars(_DONE, {"supplier": supplier_id, "ids": ids}))
    return [each for entry_id, each in wanted.items() if entry_id in done]


def _learn(
    session: Session,
    supplier_id: SupplierId,
    posted: Sequence[Ready],
    books: Books,
    *,
    clock: Clock,
) -> None:
    """What is new of how the payers are called and what they pay from."""
    now = clock.now()
    rows = [
        {
            "supplier_id": supplier_id,
            "kind": kind,
            "value": value[:200],
            "debtor_id": one.match.debtor_id,
            "created_at": now,
        }
        for one in posted
        if books.likeness_to(one.entry.line.name, one.match.debtor_id) >= ALIKE
        for kind, value in books.learn(
            one.match.debtor_id, one.entry.line.account, one.entry.line.name
        )
    ]
    if rows:
        session.execute(_adding(session.get_bind().dialect.name, BankPayer), rows)


@cache
def _adding(dialect: str, table: type[BankMatch | BankPayer]) -> Any:
    """An INSERT that leaves alone what stands; to the table, not the class: rows come by the
    thousand.
    """
    kind = postgresql if dialect == "postgresql" else sqlite
    return kind.insert(cast("Table", table.__table__)).on_conflict_do_nothing()
