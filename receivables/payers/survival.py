"""Kaplan and Meier's estimate on a grid of whole days.

Source: Kaplan, Meier, Nonparametric estimation from incomplete observations, JASA 53 (1958).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def summed(places: Whole, values: Floats, size: int) -> Floats:
    """The sum of the values of each place."""
    return np.bincount(places, values, size).astype(np.float64)


def masses(places: Whole, seen: Flags, weights: Floats, size: int) -> tuple[Floats, float]:
    """How likely the event is at each place 0 ... size-1, and what is left beyond all of them.

    What was not seen is known to come after its place. Places outside count as the ends.
    """
    at = places.clip(0, size - 1)
    events = summed(at[seen], weights[seen], size)
    leaving = events + summed(at[~seen], weights[~seen], size)
    at_risk = leaving[::-1].cumsum()[::-1]
    hazard = np.divide(events, at_risk, out=np.zeros(size), where=at_risk > 1e-9)
    surviving = np.cumprod(1.0 - hazard)
    found = -np.diff(np.concatenate([[1.0], surviving]))
    return found, float(surviving[-1])


def mean_beyond(mass: Floats, values: Floats) -> Floats:
    """The mean value given that it comes after each place; at the last place its own value."""
    tail = np.concatenate([mass[::-1].cumsum()[::-1][1:], [0.0]])
    weighted = np.concatenate([(mass * values)[::-1].cumsum()[::-1][1:], [0.0]])
    found: Floats = np.divide(weighted, tail, out=values.copy(), where=tail > 1e-9)
    return found
