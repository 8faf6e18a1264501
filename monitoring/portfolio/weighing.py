"""What agreement is worth: Fellegi and Sunter's model of record linkage, learnt from the file.

For each level of each field: how often it is seen between two rows of one customer (m) and between
two customers (u). u comes from pairs drawn at random and from the pairs compared; m begins with
what we expect and is corrected by expectation maximisation; how many pairs are one customer at
all (the prior) comes from the file, too. So a name that many have is worth little in this file.
Equal register numbers teach as matches; different ones, and names that tell sisters of a group
apart, as none.
Source: I. P. Fellegi, A. B. Sunter, A Theory for Record Linkage, JASA 64 (1969); the correction as
in splink (Ministry of Justice, UK).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitoring.portfolio.comparing import Compared
from monitoring.portfolio.evidence import EVIDENCE, Evidence
from monitoring.portfolio.names import Likeness

Floats = NDArray[np.float64]

#: How many matches our expectation of a field weighs as much as.
_TRUST: Final = 40.0
#: How many namesakes weigh as much as what strangers have in common.
_TRUST_IN_STRANGERS: Final = 10.0
#: A file's own shares of a steady field are believed within this factor of what is expected.
_FURTHEST: Final = 3
_ROUNDS: Final = 25
#: No single field says more than this many bits for, or against, one customer.
_MOST_FOR, _MOST_AGAINST = 22.0, 9.0


@dataclass(frozen=True, slots=True)
class Weights:
    """Bits for each level of each field (0 for what is not said), and of the prior."""

    bits: dict[str, Floats]
    prior: float

    def total(self, compared: Compared) -> Floats:
        """Bits for each pair being one customer."""
        total = np.full(len(compared), self.prior)
        for one in EVIDENCE:
            total += self.bits[one.name][compared.counted[one.name]]
        return total


def probability(bits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp2(-np.clip(bits, -60, 60))))


@dataclass(slots=True)
class _Patterns:
    """Combinations of levels, and how many pairs show each."""

    levels: NDArray[np.int8]
    counts: Floats
    fixed: NDArray[np.int8]

    @classmethod
    def of(cls, compared: Compared) -> _Patterns:
        number = compared.levels["number"]
        stacked = np.column_stack([compared.counted[one.name] for one in EVIDENCE])
        key = np.zeros(len(stacked), np.int64)
        for column, one in enumerate(EVIDENCE):
            key = key * (len(one.levels) + 1) + stacked[:, column]
        _, first, counts = np.unique(key, return_index=True, return_counts=True)
        apart = (number[first] == 1) | (compared.likeness[first] == Likeness.RELATED)
        fixed = np.where(number[first] == 3, 1, np.where(apart, -1, 0))
        return cls(stacked[first], counts.astype(float), fixed.astype(np.int8))


def learn(found: Compared, random: Compared, pairs_in_all: int, customers: int) -> Weights:
    """Weights for a file: `found` are the pairs compared, `random` pairs drawn from all."""
    ours, drawn = _Patterns.of(found), _Patterns.of(random)
    m = {one.name: np.array(one.expected) for one in EVIDENCE}
    u = {
        one.name: _shares(drawn, column, drawn.counts, one, 0.5)
        for column, one in enumerate(EVIDENCE)
    }
    for one in EVIDENCE:
        if one.namesakes_of:
            u[one.name] = u[one.namesakes_of]
    share = 0.05 * customers / max(1, pairs_in_all)
    whole = _whole(ours)
    for _ in range(_ROUNDS):
        weights = _weights(m, u, share, whole)
        are_ours = _chances(ours, weights)
        are_drawn = _chances(drawn, weights)
        matches = float((are_ours * ours.counts).sum())
        share = float(np.clip((matches + 0.005 * customers) / max(1, pairs_in_all), 1e-12, 0.3))
        for column, one in enumerate(EVIDENCE):
            if not one.fixed:
                m[one.name] = _learnt(ours, column, are_ours, one)
            if one.namesakes_of:
                # All pairs of one name are compared: they show it themselves.
                seen = _sums(ours, column, (1 - are_ours) * ours.counts, one)
                seen = seen + _TRUST_IN_STRANGERS * u[one.namesakes_of]
                u[one.name] = seen / seen.sum()
            else:
                u[one.name] = _unlike(ours, drawn, are_ours, are_drawn, column, one, pairs_in_all)
    return _weights(m, u, share, whole)


def _chances(patterns: _Patterns, weights: Weights) -> Floats:
    bits = np.full(len(patterns.counts), weights.prior)
    for column, one in enumerate(EVIDENCE):
        bits += weights.bits[one.name][patterns.levels[:, column]]
    chance = probability(bits)
    chance = np.where(patterns.fixed > 0, 0.999, chance)
    return np.asarray(np.where(patterns.fixed < 0, 0.0, chance))


def _sums(patterns: _Patterns, column: int, weight: Floats, one: Evidence) -> Floats:
    least = len(one.levels) + 1
    return np.asarray(
        np.bincount(patterns.levels[:, column], weights=weight, minlength=least)[1:], np.float64
    )


def _shares(
    patterns: _Patterns, column: int, weight: Floats, one: Evidence, added: float
) -> Floats:
    sums = _sums(patterns, column, weight, one) + added
    return np.asarray(sums / sums.sum())


def _learnt(patterns: _Patterns, column: int, chances: Floats, one: Evidence) -> Floats:
    """m of each level; of a steady field near what is expected."""
    expected = np.array(one.expected)
    sums = _sums(patterns, column, chances * patterns.counts, one) + _TRUST * expected
    shares = sums / sums.sum()
    if one.steady:
        shares = np.clip(shares, expected / _FURTHEST, expected * _FURTHEST)
    return np.asarray(shares / shares.sum())


def _unlike(
    ours: _Patterns,
    drawn: _Patterns,
    are_ours: Floats,
    are_drawn: Floats,
    column: int,
    one: Evidence,
    pairs_in_all: int,
) -> Floats:
    """u of each level: the larger of what random pairs and what the compared pairs show of it."""
    random = _sums(drawn, column, (1 - are_drawn) * drawn.counts, one)
    said = random.sum()
    if not said:
        return np.full(len(one.levels), 1 / len(one.levels))
    seen = _sums(ours, column, (1 - are_ours) * ours.counts, one)
    # Of all pairs, those where both say something: the share that random ones show.
    in_all = pairs_in_all * said / drawn.counts.sum()
    shares = np.maximum(random / said, (seen + 1.0) / max(in_all, seen.sum() + 1.0))
    return np.asarray(shares / shares.sum())


def _whole(patterns: _Patterns) -> frozenset[str]:
    """The fields of which most pairs say all, so that what they say less often is known by it."""
    found = set()
    for column, one in enumerate(EVIDENCE):
        if one.covers:
            seen = _sums(patterns, column, patterns.counts, one)
            level, among = one.covers
            if sum(seen[at - 1] for at in among) > seen[level - 1]:
                found.add(one.name)
    return frozenset(found)


def _weights(
    m: dict[str, Floats], u: dict[str, Floats], share: float, whole: frozenset[str]
) -> Weights:
    bits: dict[str, Floats] = {}
    for one in EVIDENCE:
        weight = np.r_[0.0, np.log2(m[one.name] / u[one.name])]
        if one.covers and one.name in whole:
            level, among = one.covers
            likely, by_chance = (sum(of[one.name][at - 1] for at in among) for of in (m, u))
            weight[level] = np.log2(likely / by_chance)
        if one.namesakes_of:
            weight = np.maximum(weight, one.at_least * bits[one.namesakes_of])
        bits[one.name] = np.clip(weight, -_MOST_AGAINST, _MOST_FOR)
    return Weights(bits, float(np.log2(share / (1 - share))))
