"""Drawn months put through a matcher, line by line as they come, and held up to the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from receivables.bank.books import Books
from receivables.bank.clues import Clue, Line, Match
from receivables.bank.references import recognise
from receivables.bank.returning import Received, find_undone
from receivables.bank.rules import matches
from receivables.ids import InvoiceId
from receivables.money import Money
from tests.support.bank_months import Booked, Months

#: What a matcher posts by itself; None leaves the line to a person.
Chooser = Callable[[Line, Books], Match | None]


@dataclass(slots=True)
class Outcome:
    """Of all lines: how many were posted, and how many of these as they were meant."""

    lines: int = 0
    posted: int = 0
    right: int = 0
    wrong: list[tuple[Booked, Match | None]] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        return self.right / self.posted if self.posted else 1.0

    @property
    def coverage(self) -> float:
        return self.posted / self.lines


def run(months: Months, choose: Chooser) -> Outcome:
    """Every line is decided on what was posted before it; nobody helps, and what is left to a
    person stays open.
    """
    books = Books.of(months.claims, months.payers)
    outcome = Outcome()
    received: list[Received[Booked]] = []
    posted: dict[int, Match] = {}
    for booked in months.lines:
        outcome.lines += 1
        if booked.is_debit:
            _give_back(booked, books, received, posted, outcome)
            continue
        match = choose(booked.line, books)
        if match is None:
            outcome.left[booked.truth.story] += 1
            continue
        _post(match, booked, books)
        posted[booked.number] = match
        received.append(Received(booked, booked.on, booked.line))
        _judge(outcome, booked, match, _is_right(booked, match))
    return outcome


def _post(match: Match, booked: Booked, books: Books) -> None:
    parts = dict(match.parts)
    if match.short is not None:
        (invoice_id,) = parts
        parts[invoice_id] += match.short
    books.put(parts)
    line = booked.line
    if books.likeness_to(line.name, match.debtor_id) >= 0.6:
        books.learn(match.debtor_id, line.account, line.name)


def _is_right(booked: Booked, match: Match) -> bool:
    truth = booked.truth
    parts = dict(match.parts)
    meant = parts == truth.parts or (truth.again and not parts)
    return match.debtor_id == truth.debtor_id and meant


def _give_back(
    booked: Booked, books: Books, received: list[Received[Booked]], posted: dict[int, Match],
    outcome: Outcome,
) -> None:  # fmt: skip
    found = find_undone(booked.line, booked.on, received, says_so=True)
    if found is None or not found.certain:
        outcome.left[booked.truth.story] += 1
        return
    undone = posted.pop(found.key.number)
    received[:] = [one for one in received if one.key is not found.key]
    books.put({invoice_id: -amount for invoice_id, amount in undone.parts.items()})
    _judge(outcome, booked, None, booked.truth.returned == found.key.number)


def _judge(outcome: Outcome, booked: Booked, match: Match | None, right: bool) -> None:
    outcome.posted += 1
    outcome.right += right
    if not right:
        outcome.wrong.append((booked, match))


def ours(line: Line, books: Books) -> Match | None:
    """What we post by ourselves."""
    found = matches(line, books)
    return found[0] if found and found[0].certain else None


def by_reference_alone(line: Line, books: Books) -> Match | None:
    """A baseline: the right structured reference of an open invoice, whatever the amount."""
    read = recognise(line.structured)
    found = books.referred(read.value) if read is not None else []
    claims = [one for one in found if one.outstanding]
    if len(claims) != 1:
        return None
    part = min(claims[0].outstanding, line.amount)
    return _to(claims[0].debtor_id, {claims[0].invoice_id: part})


def by_chance(seed: int) -> Chooser:
    """A baseline: any open invoice of that very amount, else any open invoice."""
    random = Random(seed)
    pool: list[InvoiceId] = []

    def choose(line: Line, books: Books) -> Match | None:
        alike = sorted(one.invoice_id for one in books.owing(line.amount))
        if not alike:
            alike = _some_open(books, pool, random)
        if not alike:
            return None
        claim = books.owed_on(random.choice(alike))
        return _to(claim.debtor_id, {claim.invoice_id: min(claim.outstanding, line.amount)})

    return choose


def _some_open(books: Books, pool: list[InvoiceId], random: Random) -> list[InvoiceId]:
    """An open invoice drawn from `pool`, which is filled with all that are open once it is empty;
    none where none is.
    """
    for _ in range(2):
        while pool:
            drawn = pool.pop()
            if books.owed_on(drawn).outstanding:
                return [drawn]
        pool += sorted(one.invoice_id for one in books.all_open())
        random.shuffle(pool)
    return []


def _to(debtor_id: object, parts: dict[object, Money]) -> Match:
    return Match(debtor_id=debtor_id, parts=parts, clues=(Clue.AMOUNT,), certain=True, score=0)  # type: ignore[arg-type]
