"""Two files of customers, or two lists of names: which rows of the one are which of the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitoring.portfolio.blocks import candidates
from monitoring.portfolio.comparing import Compared, Places, compare
from monitoring.portfolio.customers import Customer
from monitoring.portfolio.duplicates import weigh
from monitoring.portfolio.judging import KINDS, Kind, judge, judge_names, reason
from monitoring.portfolio.prepared import Prepared, prepare
from monitoring.portfolio.weighing import Floats

#: At most so many rows of the other file are told for each.
MOST_MATCHES: Final = 10

#: What else than a name could tell whether two are one.
_TELLING: Final = (
    "street", "postcode", "city", "country", "vat", "register_number", "email", "phone", "iban",
    "website", "given_name", "surname", "date_of_birth", "personal_number",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Match:
    """A row of the other file that may be this one: `score` is how likely, from 0 to 1."""

    right: Customer
    score: float
    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True)
class Matched:
    """A row, and the rows of the other file that may be it, the likeliest first."""

    left: Customer
    matches: tuple[Match, ...]


def link(
    left: Sequence[Customer],
    right: Sequence[Customer],
    progress: Callable[[str], None] | None = None,
) -> list[Matched]:
    """For each row of `left` the rows of `right` that may be it, at most MOST_MATCHES.

    Where one side has names alone, nothing is proven: names alike are for a person (REVIEW), or a
    group. A row without any match has none.
    """
    said = progress or (lambda _text: None)
    if not left or not right:
        return [Matched(one, ()) for one in left]
    said("preparing")
    people = prepare([*left, *right])
    said("looking for pairs")
    ones, others = candidates(people, len(left))
    said(f"comparing {len(ones)} pairs")
    compared = compare(people, ones, others)
    if names_alone(left) or names_alone(right):
        score, kind = judge_names(compared.share, compared.likeness)
    else:
        score, kind = judge(compared, weigh(people, compared, len(left)))
    return _best(people, len(left), (ones, others), compared, score, kind)


def names_alone(customers: Sequence[Customer]) -> bool:
    """Whether the customers have nothing but names to be known by."""
    return not any(getattr(one, field) for one in customers for field in _TELLING)


def judge_pairs(pairs: Sequence[tuple[Customer, Customer]]) -> list[Match]:
    """What the two of each pair are to each other, by their names alone; `right` is the second."""
    if not pairs:
        return []
    # Each pair has its places: what is common is counted over all names.
    people = prepare([*(one for one, _other in pairs), *(other for _one, other in pairs)])
    ones = np.arange(len(pairs), dtype=np.int32)
    compared = compare(people, ones, ones + np.int32(len(pairs)))
    score, kind = judge_names(compared.share, compared.likeness)
    return [
        Match(
            other,
            round(float(score[at]), 4),
            KINDS[kind[at]],
            reason(compared, at, KINDS[kind[at]]),
        )
        for at, (_one, other) in enumerate(pairs)
    ]


def _best(
    people: Prepared,
    left_count: int,
    pairs: tuple[Places, Places],
    compared: Compared,
    score: Floats,
    kind: NDArray[np.int8],
) -> list[Matched]:
    ones, others = pairs
    told: list[list[int]] = [[] for _ in range(left_count)]
    at = np.flatnonzero(kind)
    for place in at[np.argsort(-score[at], kind="stable")].tolist():
        found = told[int(ones[place])]
        if len(found) < MOST_MATCHES:
            found.append(place)
    return [
        Matched(
            people.customers[left],
            tuple(
                Match(
                    people.customers[int(others[place])],
                    round(float(score[place]), 4),
                    KINDS[kind[place]],
                    reason(compared, place, KINDS[kind[place]]),
                )
                for place in places
            ),
        )
        for left, places in enumerate(told)
    ]


def named(line: int, name: str) -> Customer:
    """A customer of whom there is but a name."""
    return replace(Customer(line=line, key=str(line)), name=name)
