"""Duplicates within one file of customers: pairs, clusters, and which row of each should stay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitoring.portfolio.blocks import candidates
from monitoring.portfolio.comparing import Compared, Places, compare, tell_apart
from monitoring.portfolio.customers import Customer
from monitoring.portfolio.judging import FOUND_FROM, KINDS, UNDECIDED, Kind, judge, reason
from monitoring.portfolio.prepared import Prepared, prepare
from monitoring.portfolio.weighing import Floats, Weights, learn
from receivables.money import Money

#: Pairs drawn at random to learn what strangers have in common.
_DRAWN_PER_CUSTOMER: Final = 20
_MOST_DRAWN: Final = 200_000
#: Rows of a cluster must on average be this likely one customer, each with each.
_TOGETHER_FROM: Final = 0.5

_IDENTIFYING: Final = (
    "name", "street", "postcode", "city", "country", "vat", "register_number", "email", "phone",
    "iban", "given_name", "surname", "date_of_birth", "personal_number", "terms", "limit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows that have to do with each other: `score` from 0 to 1 is how likely they are one."""

    left: Customer
    right: Customer
    score: float
    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """Rows of one customer, and the one that should stay: the most complete, of those the one with
    the largest balance, of those the one with the oldest number. `score` is the mean of its
    pairs, and the least that each of them has: what all together show, each alone need not.
    """

    members: tuple[Customer, ...]
    survivor: Customer
    score: float

    def balances(self) -> dict[str, Money]:
        """What the rows owe together, by currency."""
        amounts = [row.balance for row in self.members if row.balance is not None]
        currencies = sorted({amount.currency for amount in amounts})
        return {
            currency: Money.total((one for one in amounts if one.currency == currency), currency)
            for currency in currencies
        }


@dataclass(frozen=True, slots=True)
class Duplicates:
    """All that was found; pairs by falling score, every two rows of a cluster among them."""

    pairs: tuple[Pair, ...]
    clusters: tuple[Cluster, ...]
    compared: int

    def of_kind(self, kind: Kind) -> Iterator[Pair]:
        return (pair for pair in self.pairs if pair.kind is kind)

    def groups(self) -> list[list[Customer]]:
        """Rows that hang together as companies of one group."""
        rows = {
            row.key: row for pair in self.of_kind(Kind.GROUP) for row in (pair.left, pair.right)
        }
        ordered = sorted(rows.values(), key=_age)
        place = {row.key: at for at, row in enumerate(ordered)}
        links = {(place[pair.left.key], place[pair.right.key]) for pair in self.of_kind(Kind.GROUP)}
        return [[ordered[at] for at in members] for members in _components(len(ordered), links)]


def find_duplicates(
    customers: Sequence[Customer], progress: Callable[[str], None] | None = None
) -> Duplicates:
    """Which of the customers are one. The order of the rows changes nothing.

    `progress` hears what is being done, in a few words.
    """
    said = progress or (lambda _text: None)
    ordered = sorted(customers, key=_content)
    if len(ordered) < 2:
        return Duplicates((), (), 0)
    said("preparing")
    people = prepare(ordered)
    said("looking for pairs")
    left, right = candidates(people)
    said(f"comparing {len(left)} pairs")
    compared = compare(people, left, right)
    weights = weigh(people, compared)
    score, kind = judge(compared, weights)
    said("making clusters")
    clusters = _clusters(people, left, right, score, kind, weights)
    return Duplicates(
        pairs=tuple(_pairs(people, left, right, compared, score, kind, clusters)),
        clusters=tuple(_told(people, members, chance) for members, chance in clusters),
        compared=len(left),
    )


def _content(customer: Customer) -> tuple[str, ...]:
    return (
        customer.name, customer.surname, customer.given_name, customer.street, customer.postcode,
        customer.city, customer.email, customer.phone, customer.register_number, customer.vat,
        customer.date_of_birth, customer.number, customer.key,
    )  # fmt: skip


def weigh(people: Prepared, compared: Compared, left_count: int | None = None) -> Weights:
    """What agreement is worth among these customers; see weighing.learn."""
    count = len(people)
    split = left_count or count
    drawn = min(_MOST_DRAWN, _DRAWN_PER_CUSTOMER * count)
    random = np.random.default_rng(1)
    first = random.integers(0, split, drawn).astype(np.int32)
    second = random.integers(split if left_count else 0, count, drawn).astype(np.int32)
    differ = first != second
    pairs = count * (count - 1) // 2 if left_count is None else split * (count - split)
    return learn(compared, compare(people, first[differ], second[differ]), pairs, count)


# Clusters


def _clusters(
    people: Prepared, left: Places, right: Places, score: Floats, kind: NDArray[np.int8],
    weights: Weights,
) -> list[tuple[list[int], float]]:  # fmt: skip
    """Members of each cluster, and the mean score of its pairs."""
    at = np.flatnonzero(kind == KINDS.index(Kind.DUPLICATE))
    links = sorted(zip(left[at].tolist(), right[at].tolist(), score[at].tolist(), strict=True))
    chances = {(one, other): chance for one, other, chance in links}
    components = _components(len(people), chances)
    large = [members for members in components if len(members) > 2]
    chances |= _scored(people, large, chances, weights)
    result = []
    for members in components:
        for kept in _agreeing(people, members, chances):
            if len(kept) > 1:
                found = [chances[pair] for pair in combinations(kept, 2)]
                result.append((kept, max(FOUND_FROM, sum(found) / len(found))))
    return sorted(result)


def _components(count: int, links: Iterable[tuple[int, int]]) -> list[list[int]]:
    parent = list(range(count))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    linked: set[int] = set()
    for one, other in links:
        parent[root(one)] = root(other)
        linked |= {one, other}
    members: dict[int, list[int]] = defaultdict(list)
    for place in sorted(linked):
        members[root(place)].append(place)
    return list(members.values())


def _scored(
    people: Prepared,
    clusters: Sequence[Sequence[int]],
    known: dict[tuple[int, int], float],
    weights: Weights,
) -> dict[tuple[int, int], float]:
    """The score of every two rows of the clusters that is not known yet."""
    missing = [
        pair for members in clusters for pair in combinations(members, 2) if pair not in known
    ]
    if not missing:
        return {}
    first, second = (np.array(side, np.int32) for side in zip(*missing, strict=True))
    score, _kind = judge(compare(people, first, second), weights)
    return dict(zip(missing, score.tolist(), strict=True))


def _agreeing(
    people: Prepared, members: Sequence[int], chances: dict[tuple[int, int], float]
) -> list[list[int]]:
    """The members parted so that each part agrees on average and holds no two register numbers."""
    parts = {place: [place] for place in members}
    numbers = {place: people.numbers[place] for place in members}
    if len(members) == 2:
        return [list(members)]
    while len(parts) > 1:
        best: tuple[float, int, int] | None = None
        for one, other in combinations(sorted(parts), 2):
            chance = _mean(parts[one], parts[other], chances)
            if (best is None or chance > best[0]) and (
                tell_apart(numbers[one], numbers[other]) is not False
            ):
                best = (chance, one, other)
        if best is None or best[0] < _TOGETHER_FROM:
            break
        _, one, other = best
        parts[one] = sorted(parts[one] + parts.pop(other))
        numbers[one] = numbers[one] | numbers.pop(other)
    return list(parts.values())


def _mean(
    ones: Sequence[int], others: Sequence[int], chances: dict[tuple[int, int], float]
) -> float:
    found = [chances[min(one, other), max(one, other)] for one in ones for other in others]
    return sum(found) / len(found)


def _told(people: Prepared, members: Sequence[int], score: float) -> Cluster:
    rows = [people.customers[place] for place in members]
    rows.sort(key=_age)
    return Cluster(tuple(rows), survivor_of(rows), round(score, 4))


def survivor_of(rows: Sequence[Customer]) -> Customer:
    """The row that should stay: the most complete, then the largest balance, then the oldest."""
    return min(
        rows, key=lambda row: (-_filled(row), -(row.balance.minor if row.balance else 0), _age(row))
    )


def _filled(customer: Customer) -> int:
    return sum(getattr(customer, name) not in ("", None) for name in _IDENTIFYING)


def _age(customer: Customer) -> tuple[int, str, int]:
    """Numbers are given out in order: the shorter and smaller is the older."""
    return len(customer.number), customer.number, customer.line


# Pairs


def _pairs(
    people: Prepared, left: Places, right: Places, compared: Compared, score: Floats,
    kind: NDArray[np.int8], clusters: Sequence[tuple[list[int], float]],
) -> list[Pair]:  # fmt: skip
    """Every pair that is to be told: within a cluster all are duplicates; what no cluster could
    take is for a person.
    """
    cluster_of = {
        place: at for at, (members, _mean_score) in enumerate(clusters) for place in members
    }
    told: list[Pair] = []
    seen: set[tuple[int, int]] = set()
    for at in np.flatnonzero(kind).tolist():
        one, other = int(left[at]), int(right[at])
        together = cluster_of.get(one, -1) == cluster_of.get(other, -2)
        what, chance = KINDS[kind[at]], float(score[at])
        if together:
            seen.add((one, other))
            what, chance = Kind.DUPLICATE, max(chance, clusters[cluster_of[one]][1])
        elif what is Kind.DUPLICATE:
            what, chance = Kind.REVIEW, min(chance, UNDECIDED)
        told.append(_pair(people, one, other, chance, what, reason(compared, at, what)))
    rest = [
        pair
        for members, _mean_score in clusters
        for pair in combinations(members, 2)
        if pair not in seen
    ]
    if rest:
        first, second = (np.array(side, np.int32) for side in zip(*rest, strict=True))
        closer = compare(people, first, second)
        for at, (one, other) in enumerate(rest):
            why = reason(closer, at, Kind.DUPLICATE)
            chance = clusters[cluster_of[one]][1]
            told.append(_pair(people, one, other, chance, Kind.DUPLICATE, why))
    return sorted(told, key=lambda pair: (-pair.score, _age(pair.left), _age(pair.right)))


def _pair(people: Prepared, one: int, other: int, score: float, kind: Kind, why: str) -> Pair:
    left, right = sorted((people.customers[one], people.customers[other]), key=_age)
    return Pair(left, right, round(score, 4), kind, why)
