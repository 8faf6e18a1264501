"""Traits of invoices as numbers, as a training set shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from receivables.payers.pasts import Past

Floats = npt.NDArray[np.float64]

#: A level of a trait must be seen so often to have an effect of its own.
FEWEST_OF_A_LEVEL = 10
#: The most frequent levels of a trait; the others have no effect.
MOST_LEVELS = 30
#: Values beyond three standard deviations count as three.
_FURTHEST = 3.0


@dataclass(frozen=True, slots=True)
class _Levels:
    """A column that names something: each frequent level is a 0/1 of its own."""

    read: Callable[[Past], str]
    levels: tuple[str, ...]

    def columns(self, pasts: Sequence[Past]) -> Floats:
        places = {level: place for place, level in enumerate(self.levels)}
        found = np.zeros((len(pasts), len(self.levels)))
        for row, past in enumerate(pasts):
            place = places.get(self.read(past))
            if place is not None:
                found[row, place] = 1.0
        return found


@dataclass(frozen=True, slots=True)
class _Number:
    """A column that measures something; what cannot be read counts as the mean."""

    read: Callable[[Past], float]
    mean: float
    deviation: float

    def columns(self, pasts: Sequence[Past]) -> Floats:
        values = np.array([self.read(past) for past in pasts], dtype=float).reshape(-1, 1)
        scaled = (values - self.mean) / self.deviation
        return np.nan_to_num(scaled).clip(-_FURTHEST, _FURTHEST)


@dataclass(frozen=True, slots=True)
class Design:
    """How invoices become rows of numbers: learnt once, used for all that follow."""

    parts: tuple[_Levels | _Number, ...]
    means: Floats

    def rows(self, pasts: Sequence[Past]) -> Floats:
        if not self.parts:
            return np.zeros((len(pasts), 0))
        return np.hstack([part.columns(pasts) for part in self.parts]) - self.means


def design_of(pasts: Sequence[Past]) -> Design:
    """The amount, the terms, and every trait that says something in this training set."""
    sizes = np.sort(np.array([float(past.amount) for past in pasts]))

    def rank(past: Past) -> float:
        return float(np.searchsorted(sizes, float(past.amount))) / max(1, len(sizes))

    found: list[_Levels | _Number | None] = [
        _number(_log_amount, pasts),
        _number(rank, pasts),
        _levels(_terms, pasts),
    ]
    names = sorted({name for past in pasts for name in past.traits})
    found += [_trait(name, pasts) for name in names]
    parts = tuple(part for part in found if part is not None)
    means = np.zeros(0)
    if parts:
        means = np.hstack([part.columns(pasts) for part in parts]).mean(axis=0)
    return Design(parts, means)


def _log_amount(past: Past) -> float:
    return float(np.log(max(0.01, abs(float(past.amount)))))


def _terms(past: Past) -> str:
    return str((past.due_on - past.issued_on).days)


def _trait(name: str, pasts: Sequence[Past]) -> _Levels | _Number | None:
    values = [past.traits.get(name, "") for past in pasts]
    distinct = set(values) - {""}
    if len(distinct) > MOST_LEVELS and all(_is_number(value) for value in distinct):
        whole = all(float(value).is_integer() for value in distinct)
        if whole and len(distinct) > 0.95 * len(values):
            return None  # an identifier

        def measure(past: Past) -> float:
            value = past.traits.get(name, "")
            return float(value) if _is_number(value) else float("nan")

        return _number(measure, pasts)

    def called(past: Past) -> str:
        return past.traits.get(name, "")

    return _levels(called, pasts)


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _number(read: Callable[[Past], float], pasts: Sequence[Past]) -> _Number | None:
    values = np.array([read(past) for past in pasts], dtype=float)
    values = values[np.isfinite(values)]
    if len(values) < FEWEST_OF_A_LEVEL or float(values.std()) < 1e-9:
        return None
    return _Number(read, float(values.mean()), float(values.std()))


def _levels(read: Callable[[Past], str], pasts: Sequence[Past]) -> _Levels | None:
    counted: Mapping[str, int] = Counter(read(past) for past in pasts)
    often = sorted(
        (level for level, count in counted.items() if count >= FEWEST_OF_A_LEVEL),
        key=lambda level: (-counted[level], level),
    )[:MOST_LEVELS]
    return _Levels(read, tuple(often)) if len(often) > 1 else None
