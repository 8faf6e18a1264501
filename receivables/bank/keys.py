"""Which booking is which: files overlap, come twice, and tell the same in several formats.

A booking's natural key is its account, the bank's reference (or its words, where there is none),
amount, direction, day and position among its like. Formats of one family (camt.053 and camt.054)
share references; across families (camt and MT940) only account, day, direction and amount are the
same.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import msgspec

from receivables.bank.parsed import (
    NO_CURRENCY,
    Format,
    ParsedEntry,
    ParsedStatement,
)
from receivables.money import Money


@dataclass(frozen=True, slots=True)
class Booking:
    """One booking of a statement, alone or as the transactions that the file states of it."""

    key: str
    parts: tuple[ParsedEntry, ...]
    booked_on: date
    may_be_posted: bool

    @property
    def first(self) -> ParsedEntry:
        return self.parts[0]

    @property
    def whole(self) -> tuple[Money, str]:
        return self.first.whole

    @property
    def is_batch(self) -> bool:
        return self.first.part > 0


def bookings(
    statement: ParsedStatement, account: str, entries: Iterable[ParsedEntry], today: date
) -> Iterator[Booking]:
    """The bookings that the entries of one statement make, with their keys.

    Where an entry has no booking date, its value date stands for it, then the statement's last
    day, then `today`.
    """
    seen: Counter[bytes] = Counter()
    for parts in _together(entries):
        first = parts[0]
        booked_on = first.booked_on or first.value_on or statement.last_on or today
        posts = (
            first.status == "BOOK"
            and statement.format is not Format.CAMT_052
            and first.amount.currency != NO_CURRENCY
            and bool(first.whole[0].minor)
        )
        base = _digest(_says(first, account, booked_on, shown_only=not posts))
        seen[base] += 1
        key = _digest((base, seen[base])).hex()
        yield Booking(key, parts, booked_on, posts)


def _together(entries: Iterable[ParsedEntry]) -> Iterator[tuple[ParsedEntry, ...]]:
    """Entries of one booking stand one after the other."""
    parts: list[ParsedEntry] = []
    for entry in entries:
        if parts and (entry.entry, entry.statement) != (parts[0].entry, parts[0].statement):
            yield tuple(parts)
            parts = []
        parts.append(entry)
    if parts:
        yield tuple(parts)


def _says(
    entry: ParsedEntry, account: str, booked_on: date, *, shown_only: bool
) -> tuple[object, ...]:
    amount, direction = entry.whole
    return (
        account,
        entry.entry_reference,
        amount.minor,
        amount.currency,
        direction,
        booked_on,
        # What is pending today is booked tomorrow, under the same reference.
        entry.status if shown_only else "",
        # Without a reference the words tell two payments of one amount and day apart.
        _words(entry) if entry.entry_reference is None and entry.part == 0 else "",
    )


def _words(entry: ParsedEntry) -> tuple[str | None, ...]:
    return (
        entry.end_to_end_id,
        entry.structured_reference,
        entry.unstructured,
        entry.counterparty_account,
    )


def _digest(said: object) -> bytes:
    return hashlib.sha256(msgspec.json.encode(said)).digest()


class ContentKey:
    """SHA-256 over all that a statement says, fed booking by booking."""

    def __init__(self, statement: ParsedStatement, account: str) -> None:
        opening, closing = statement.opening, statement.closing
        said = (
            account,
            statement.format,
            statement.number,
            opening and (opening.amount.minor, opening.amount.currency, opening.on),
            closing and (closing.amount.minor, closing.amount.currency, closing.on),
        )
        self._hash = hashlib.sha256(msgspec.json.encode(said))

    def add(self, booking: Booking) -> None:
        self._hash.update(booking.key.encode())
        self._hash.update(len(booking.parts).to_bytes(4, "big"))

    @property
    def value(self) -> str:
        return self._hash.hexdigest()


@dataclass(frozen=True, slots=True)
class Told:
    """What a booking says of itself beside amount and day, to tell two of one amount apart."""

    structured_reference: str | None
    end_to_end_id: str | None
    counterparty_account: str | None

    def may_be(self, other: Told) -> bool:
        """Whether nothing that both state is different."""
        pairs = (
            (self.structured_reference, other.structured_reference),
            (self.end_to_end_id, other.end_to_end_id),
            (self.counterparty_account, other.counterparty_account),
        )
        return all(one is None or two is None or one == two for one, two in pairs)


def told_by(entry: ParsedEntry) -> Told:
    return Told(entry.structured_reference, entry.end_to_end_id, entry.counterparty_account)
