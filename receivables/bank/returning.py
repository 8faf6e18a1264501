"""Money that goes out again because a payment came back: which receipt it undoes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

from receivables.bank.clues import Line
from receivables.bank.naming import likeness, words_of

#: A debit that nobody allowed may come back for thirteen months.
#: Source: Directive (EU) 2015/2366 (PSD2), article 71(1).
LONGEST = timedelta(days=400)

#: What banks write where the payer gave no id. Source: ISO 20022 usage of the SEPA rulebooks.
NO_ID = frozenset({"", "NOTPROVIDED", "NOT PROVIDED", "NONREF"})

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Received(Generic[K]):
    """Money that came in and was put against invoices; `key` is the caller's."""

    key: K
    on: date
    line: Line


@dataclass(frozen=True, slots=True)
class Undone(Generic[K]):
    """The receipt a debit undoes, and whether that is certain."""

    key: K
    certain: bool


def find_undone(
    line: Line, on: date, received: Iterable[Received[K]], *, says_so: bool
) -> Undone[K] | None:
    """The receipt that the debit `line` gives back: of the same amount, and named by the same id,
    reference or account. `says_so`: the bank calls it a return or a reversal; without that, only
    the payer's own id is enough to post it.
    """
    alike = [
        one
        for one in received
        if one.line.amount == line.amount and one.on <= on <= one.on + LONGEST
    ]
    steps: Sequence[tuple[bool, Callable[[Line], bool]]] = (
        (True, lambda other: line.end_to_end not in NO_ID and other.end_to_end == line.end_to_end),
        (says_so, lambda other: bool(line.structured) and other.structured == line.structured),
        (says_so, lambda other: bool(line.account) and other.account == line.account),
        (False, lambda other: likeness(words_of(line.name), words_of(other.name)) > 0.9),
    )
    for certain, is_it in steps:
        found = [one for one in alike if is_it(one.line)]
        if found:
            return Undone(found[-1].key, certain and len(found) == 1)
    return None
