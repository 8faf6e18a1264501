"""How late each customer pays, learnt from what was known on one day.

Days late = portfolio + customer + terms, amount and traits + rest. The customer's part is shrunk
towards zero by as much as few observations deserve (a random intercept), the other effects are a
ridge regression, and what is still open counts as later than today (Buckley and James). The rest
is a Kaplan-Meier estimate of the customer's own, blended with everybody's by n/(n+8). Source:
Buckley, James, Linear regression with censored data, Biometrika 66 (1979).

The constants were chosen on several generated histories and time splits (benchmarks/forecast.py);
halving or doubling any of them moves the error by less than two per cent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from receivables.payers.pasts import Past
from receivables.payers.paydays import Paydays, paydays_of
from receivables.payers.survival import masses, mean_beyond, summed
from receivables.payers.traits import Design, design_of

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Days late beyond these count as these: one invoice that lay for years is no habit.
EARLIEST, LATEST = -60, 150
#: The grid of what the effects leave over, in days.
LOW, HIGH = -90, 300
SIZE = HIGH - LOW + 1
#: Own observations weigh n/(n+8). Source: the house's rule for expected dates.
SHRINKAGE = 8.0
#: An observation counts half after a year.
HALF_LIFE_DAYS = 365.0
#: How strongly effects of traits are held to zero, in observations.
_RIDGE = 20.0
#: What lies further than so many deviations from its fit pulls no harder (Huber).
_OUTLIER = 2.0
_ROUNDS = 15
#: Mean absolute deviation to standard deviation of a normal distribution; median likewise.
_OF_MEAN, _OF_MEDIAN = 1.2533, 1.4826
#: Standardised rests, in tenths, for what is imputed to open invoices.
_TENTHS_LOW, _TENTHS_HIGH = -100, 400
#: Estimates on few days are rough: smoothed over so many.
_KERNEL = np.exp(-0.5 * (np.arange(-4, 5) / 1.5) ** 2)


class NothingToLearnFrom(ValueError):
    """No invoice of the training set is known to be paid."""


@dataclass(slots=True)
class _Sample:
    """The training set as arrays."""

    late: Floats
    paid: Flags
    weights: Floats
    customers: Whole
    count: int
    rows: Floats


@dataclass(slots=True)
class Model:
    """What was learnt; `places` are the customers known by it."""

    as_of: date
    design: Design
    places: Mapping[str, int]
    intercept: float
    effects: Floats
    customer_effects: Floats
    deviations: Floats
    deviation: float
    observed: Whole
    paydays: Paydays
    #: How much wider than estimated intervals must be to hold what they promise.
    stretch: float
    _rests: Floats
    _rests_paid: Flags
    _weights: Floats
    _shared: Floats
    _rows_of: list[Whole]
    _prior_weight: float
    _masses: dict[int, Floats]

    def location(self, pasts: Sequence[Past]) -> tuple[Floats, Whole]:
        """Expected days late apart from the rest, and each customer's place (-1: unknown)."""
        places = np.array([self.places.get(past.customer, -1) for past in pasts], dtype=np.int64)
        own = np.append(self.customer_effects, 0.0)[places]
        found: Floats = self.intercept + self.design.rows(pasts) @ self.effects + own
        return found, places

    def rest(self, place: int) -> Floats:
        """How the rest of one customer is spread over the grid; -1 for an unknown one."""
        if place not in self._masses:
            self._masses[place] = self._rest_of(place)
        return self._masses[place]

    def _rest_of(self, place: int) -> Floats:
        known = int(self.observed[place]) if place >= 0 else 0
        own = float(self.deviations[place]) if place >= 0 else self.deviation
        # The customer's effect was estimated from the same few invoices.
        wider = float(np.sqrt(1 + 1 / (known + self._prior_weight)))
        base = stretched(self._shared, own / self.deviation * wider)
        if known:
            rows = self._rows_of[place]
            at = np.round(self._rests[rows] * wider).astype(np.int64) - LOW
            mass, beyond = masses(at, self._rests_paid[rows], self._weights[rows], SIZE)
            mass = _smooth(mass) + beyond * base
            share = known / (known + SHRINKAGE)
            base = share * mass + (1 - share) * base
        base = base / float(base.sum())
        if self.stretch == 1.0:
            return base
        middle = float(np.searchsorted(base.cumsum(), 0.5)) + LOW
        return stretched(base, self.stretch, around=middle)


def stretched(mass: Floats, factor: float, *, around: float = 0.0) -> Floats:
    """The same spread, `factor` times as wide around a day of the grid."""
    days = np.arange(LOW, HIGH + 1)
    target = (around + (days - around) * factor - LOW).clip(0, SIZE - 1)
    lower = np.floor(target).astype(np.int64)
    share = target - lower
    found = summed(lower, mass * (1 - share), SIZE)
    upper = np.minimum(lower + 1, SIZE - 1)
    return found + summed(upper, mass * share, SIZE)


def fit(pasts: Sequence[Past], as_of: date) -> Model:
    """Learn from these invoices as they were known at the end of `as_of`.

    Raises NothingToLearnFrom.
    """
    known = [past.known_at(as_of) for past in pasts if past.issued_on <= as_of]
    if not any(past.paid_on for past in known):
        raise NothingToLearnFrom(f"no invoice was paid by {as_of}")
    names = sorted({past.customer for past in known})
    places = {name: place for place, name in enumerate(names)}
    design = design_of(known)
    sample = _sample(known, places, design, as_of)
    fitted = _Fitting(sample)
    rests = sample.late - fitted.fitted()
    deviations, deviation = fitted.deviations(rests)
    order = np.argsort(sample.customers, kind="stable")
    ends = np.searchsorted(sample.customers[order], np.arange(sample.count + 1))
    pooled = np.round(rests / deviations[sample.customers] * deviation).astype(np.int64) - LOW
    shared, beyond = masses(pooled, sample.paid, sample.weights, SIZE)
    shared = _smooth(shared)
    shared[-1] += beyond
    return Model(
        as_of=as_of,
        design=design,
        places=places,
        intercept=fitted.intercept,
        effects=fitted.effects,
        customer_effects=fitted.customer_effects,
        deviations=deviations,
        deviation=deviation,
        observed=fitted.observed,
        paydays=paydays_of(known, places),
        stretch=1.0,
        _rests=rests,
        _rests_paid=sample.paid,
        _weights=sample.weights,
        _shared=shared,
        _rows_of=[order[ends[one] : ends[one + 1]] for one in range(sample.count)],
        _prior_weight=fitted.prior_weight,
        _masses={},
    )


def _sample(
    known: Sequence[Past], places: Mapping[str, int], design: Design, as_of: date
) -> _Sample:
    late = [((past.paid_on or as_of) - past.due_on).days for past in known]
    age = [(as_of - (past.paid_on or as_of)).days for past in known]
    return _Sample(
        late=np.array(late, dtype=float).clip(EARLIEST, LATEST),
        paid=np.array([past.paid_on is not None for past in known]),
        weights=0.5 ** (np.array(age, dtype=float) / HALF_LIFE_DAYS),
        customers=np.array([places[past.customer] for past in known], dtype=np.int64),
        count=len(places),
        rows=design.rows(known),
    )


class _Fitting:
    """Effects and imputed days, each estimated from the other until they stand still."""

    def __init__(self, sample: _Sample) -> None:
        self._sample = sample
        self.observed = np.bincount(sample.customers[sample.paid], minlength=sample.count)
        self.intercept = float(np.median(sample.late[sample.paid]))
        self.effects: Floats = np.zeros(sample.rows.shape[1])
        self.customer_effects: Floats = np.zeros(sample.count)
        self.prior_weight = 1.0
        rows, weights = sample.rows, sample.weights
        width = sample.rows.shape[1]
        self._gram = (rows * weights[:, None]).T @ rows + _RIDGE * np.eye(width)
        self._weight_of = summed(sample.customers, weights, sample.count)
        for _ in range(_ROUNDS):
            self._improve(self._working())

    def fitted(self) -> Floats:
        sample = self._sample
        found: Floats = (
            self.intercept
            + sample.rows @ self.effects
            + self.customer_effects[sample.customers]
        )  # fmt: skip
        return found

    def deviations(self, rests: Floats) -> tuple[Floats, float]:
        """How far invoices lie from their fit, per customer (shrunk) and for all."""
        sample = self._sample
        absolute = np.abs(rests)
        shared = _OF_MEDIAN * float(np.median(absolute[sample.paid])) + 0.5
        at = sample.customers[sample.paid]
        sums = summed(at, absolute[sample.paid].clip(0, 60), sample.count)
        own = (_OF_MEAN * sums + SHRINKAGE * shared) / (self.observed + SHRINKAGE)
        return own, shared

    def _working(self) -> Floats:
        """Days late with those of open invoices imputed and outliers held back."""
        sample = self._sample
        fitted = self.fitted()
        own, _shared = self.deviations(sample.late - fitted)
        scale = own[sample.customers]
        tenths = np.round((sample.late - fitted) / scale * 10).astype(np.int64) - _TENTHS_LOW
        size = _TENTHS_HIGH - _TENTHS_LOW + 1
        mass, beyond = masses(tenths, sample.paid, np.ones(len(tenths)), size)
        mass[-1] += beyond
        values = np.arange(_TENTHS_LOW, _TENTHS_HIGH + 1) / 10
        imputed = fitted + scale * mean_beyond(mass, values)[tenths.clip(0, size - 1)]
        late = np.where(sample.paid, sample.late, np.maximum(sample.late, imputed))
        late = np.minimum(late, LATEST)
        held: Floats = fitted + (late - fitted).clip(-_OUTLIER * scale, _OUTLIER * scale)
        return held

    def _improve(self, late: Floats) -> None:
        sample, weights = self._sample, self._sample.weights
        rest = late - self.intercept - sample.rows @ self.effects
        sums = summed(sample.customers, weights * rest, sample.count)
        self.prior_weight = self._shrinkage(rest, sums)
        self.customer_effects = sums / (self._weight_of + self.prior_weight)
        own = self.customer_effects[sample.customers]
        if sample.rows.shape[1]:
            target = sample.rows.T @ (weights * (late - self.intercept - own))
            self.effects = np.linalg.solve(self._gram, target).astype(np.float64)
        left = late - own - sample.rows @ self.effects
        self.intercept = float(np.average(left, weights=weights))

    def _shrinkage(self, rest: Floats, sums: Floats) -> float:
        """Variance within customers over variance between them: how many observations of its own
        it takes for a customer to count as much as the others do.
        """
        sample = self._sample
        raw = sums / np.maximum(self._weight_of, 1e-9)
        within = float(np.average((rest - raw[sample.customers]) ** 2, weights=sample.weights))
        several = (self.observed >= 2) & (self._weight_of > 0)
        if not several.any():
            return 10.0
        weight = self._weight_of[several]
        noise = within * float(several.sum() / weight.sum())
        between = max(float(np.average(raw[several] ** 2, weights=weight)) - noise, 1.0)
        return min(10.0, max(0.3, within / between))


def _smooth(mass: Floats) -> Floats:
    found: Floats = np.convolve(mass, _KERNEL / _KERNEL.sum(), "same")
    return found
