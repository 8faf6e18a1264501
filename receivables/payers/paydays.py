"""On which days customers pay: many banks pay on Fridays only, or on the 10th and the 25th."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from receivables.payers.pasts import Past

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

#: A run: so large a share of at least so many payments falls on two weekdays or days of the month.
#: Source: the house's rule for expected dates.
RUN_SHARE, RUN_DAYS, RUN_LEAST = 0.6, 2, 8
#: Until a run shows, a customer's weekdays are everybody's, by so many payments.
_PRIOR, _PRIOR_OF_RUN = 10.0, 2.0
#: What may still fall on another day of the month than those of the run.
_ASTRAY = 0.15


@dataclass(frozen=True, slots=True)
class Paydays:
    """Per customer (the last row: an unknown one), how much likelier than on a day at random."""

    weekdays: Floats
    monthdays: Floats

    def likelier(self, places: Whole, days: npt.NDArray[np.datetime64]) -> Floats:
        """Factors for days (a row for each place), as numpy counts them."""
        # 1970-01-01 was a Thursday.
        weekday = (days.astype(np.int64) + 3) % 7
        monthday = (days - days.astype("datetime64[M]")).astype(np.int64)
        found: Floats = np.take_along_axis(self.weekdays[places], weekday, 1)
        by_month: Floats = np.take_along_axis(self.monthdays[places], monthday, 1)
        return found * by_month


def paydays_of(pasts: Sequence[Past], places: Mapping[str, int]) -> Paydays:
    """What the payments among these show."""
    paid = [(places[past.customer], past.paid_on) for past in pasts if past.paid_on is not None]
    at = np.array([place for place, _ in paid], dtype=np.int64)
    count = len(places)
    weekdays = np.zeros((count, 7))
    monthdays = np.zeros((count, 31))
    np.add.at(weekdays, (at, np.array([day.weekday() for _, day in paid])), 1.0)
    np.add.at(monthdays, (at, np.array([day.day - 1 for _, day in paid])), 1.0)
    sums = weekdays.sum(axis=1, keepdims=True)
    shared = weekdays.sum(axis=0) + 1.0
    shared /= shared.sum()
    prior = np.where(has_run(weekdays), _PRIOR_OF_RUN, _PRIOR)[:, None]
    by_weekday = (weekdays + prior * shared) / (sums + prior) * 7
    by_monthday = np.ones((count, 31))
    run = has_run(monthdays)
    astray = _ASTRAY * sums[run]
    by_monthday[run] = (monthdays[run] + astray / 31) / (sums[run] + astray) * 31
    return Paydays(
        weekdays=np.vstack([by_weekday, shared * 7]),
        monthdays=np.vstack([by_monthday, np.ones(31)]),
    )


def has_run(counted: Floats) -> npt.NDArray[np.bool_]:
    """Which rows of counted payments show a run on one or two days."""
    sums = counted.sum(axis=1)
    most = np.sort(counted, axis=1)[:, -RUN_DAYS:].sum(axis=1)
    found: npt.NDArray[np.bool_] = (sums >= RUN_LEAST) & (most >= RUN_SHARE * sums)
    return found
