"""From a model to dates: each invoice's chances day by day, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from receivables.payers.model import LOW, SIZE, Model, NothingToLearnFrom, fit
from receivables.payers.pasts import Basis, Expectation, Past

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

#: The days that are looked at, counted from the due date (or from tomorrow, where that is later).
_BEFORE, _WINDOW = 120, 480
#: One invoice in a hundred is paid by no habit at all: long after, two months on average.
_ASTRAY, _ASTRAY_DAYS = 0.01, 60.0
#: So many invoices are worked out at once, which bounds the memory.
_CHUNK = 1000

#: Fewer invoices than these to try intervals on say nothing.
_LEAST_TRIED, _LEAST_LEARNT = 50, 100
#: Intervals are mostly too narrow by about this much; a trial over n customers weighs n/(n+30),
#: since what one large customer did for a season is no rule.
_USUAL_STRETCH, _CUSTOMERS_OF_USUAL = 1.1, 30
_STRETCHES = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4)
_MOST_TRIED = 2000
#: What the 80 % interval is to hold.
COVERAGE = 0.8


def learn(pasts: Sequence[Past], as_of: date) -> Model:
    """A model of what was known on that day, with intervals widened as its own past asks for.

    Raises NothingToLearnFrom.
    """
    model = fit(pasts, as_of)
    return replace(model, stretch=_stretch(pasts, as_of), _masses={})


def expectations(model: Model, pasts: Sequence[Past], open_on: Sequence[date]) -> list[Expectation]:
    """When each invoice is expected, given that it was not paid by its day of `open_on`."""
    found: list[Expectation] = []
    for first in range(0, len(pasts), _CHUNK):
        chunk = pasts[first : first + _CHUNK]
        found += _chunk(model, chunk, open_on[first : first + _CHUNK])
    return found


def _chunk(model: Model, pasts: Sequence[Past], open_on: Sequence[date]) -> Iterator[Expectation]:
    due = np.array([past.due_on for past in pasts], dtype="datetime64[D]")
    start, chances, places = chances_of(model, pasts, open_on)
    reached = chances.cumsum(axis=1)

    def day(share: float) -> list[date]:
        at = (reached < share - 1e-9).sum(axis=1).clip(0, _WINDOW - 1)
        return [one.item() for one in start + at]

    def by(days: int) -> list[float]:
        at = (due + days - start).astype(np.int64)
        held = reached[np.arange(len(pasts)), at.clip(0, _WINDOW - 1)]
        return [float(one) for one in np.where(at < 0, 0.0, held).clip(0, 1)]

    columns = zip(
        day(0.5), day(0.8), day(0.1), day(0.9), by(0), by(15), by(30), places, strict=True
    )
    for expected, prudent, first, last, by_due, by_15, by_30, place in columns:
        yield Expectation(
            expected_on=expected,
            prudent_on=prudent,
            p10_on=first,
            p90_on=last,
            p_late=1.0 - by_due,
            p_by_due=by_due,
            p_by_15=by_15,
            p_by_30=by_30,
            basis=_basis(model, int(place)),
        )


def _basis(model: Model, place: int) -> Basis:
    known = int(model.observed[place]) if place >= 0 else 0
    if known >= 8:
        return Basis.HISTORY
    return Basis.SEGMENT if known or model.effects.size else Basis.PORTFOLIO


def chances_of(
    model: Model, pasts: Sequence[Past], open_on: Sequence[date]
) -> tuple[npt.NDArray[np.datetime64], Floats, Whole]:
    """The first day looked at, the chance of each day from there, and the customer's place."""
    due = np.array([past.due_on for past in pasts], dtype="datetime64[D]")
    after = np.array(list(open_on), dtype="datetime64[D]") + 1
    start = np.maximum(due - _BEFORE, after)
    location, places = model.location(pasts)
    late = (start - due).astype(np.int64)[:, None] + np.arange(_WINDOW)
    rest = np.stack([model.rest(int(place)) for place in places])
    at = late - location[:, None] - LOW
    lower = np.floor(at).astype(np.int64)
    share = at - lower
    chances = _looked_up(rest, lower) * (1 - share) + _looked_up(rest, lower + 1) * share
    days = start[:, None] + np.arange(_WINDOW)
    chances *= model.paydays.likelier(places, days)
    anchor = np.maximum(0, late[:, :1])
    astray = np.where(late >= anchor, np.exp(-(late - anchor) / _ASTRAY_DAYS), 0.0)
    astray *= model.paydays.likelier(places, days)
    chances = chances * (1 - _ASTRAY) + astray * (_ASTRAY / _ASTRAY_DAYS)
    return start, chances / chances.sum(axis=1, keepdims=True), places


def _looked_up(rest: Floats, at: Whole) -> Floats:
    found = np.take_along_axis(rest, at.clip(0, SIZE - 1), 1)
    result: Floats = np.where((at >= 0) & (at < SIZE), found, 0.0)
    return result


def _stretch(pasts: Sequence[Past], as_of: date) -> float:
    """How much wider intervals had to be in the past to hold what they promised.

    A model of an earlier day is asked about the invoices that came next; those are taken that
    nearly all would be paid by now, paid or not, so that the quick ones are not the only ones.
    """
    known = [past.known_at(as_of) for past in pasts if past.issued_on <= as_of]
    took = [(past.paid_on - past.issued_on).days for past in known if past.paid_on is not None]
    long = timedelta(days=max(30, min(180, int(np.quantile(took, 0.95)))))
    until = as_of - long
    since = until - timedelta(days=90)
    tried = [past for past in known if since < past.issued_on <= until]
    learnt = [past for past in known if past.issued_on <= since]
    if len(tried) < _LEAST_TRIED or len(learnt) < _LEAST_LEARNT:
        return _USUAL_STRETCH
    tried = tried[:: 1 + len(tried) // _MOST_TRIED]
    try:
        model = fit(learnt, since)
    except NothingToLearnFrom:
        return _USUAL_STRETCH
    held = [_share_held(replace(model, stretch=one, _masses={}), tried) for one in _STRETCHES]
    rising = np.maximum.accumulate(np.array(held))
    best = float(np.interp(COVERAGE, rising, _STRETCHES))
    customers = len({past.customer for past in tried})
    total = customers + _CUSTOMERS_OF_USUAL
    return (customers * best + _CUSTOMERS_OF_USUAL * _USUAL_STRETCH) / total


def _share_held(model: Model, tried: Sequence[Past]) -> float:
    """The share paid within the 80 % interval."""
    before = [past.issued_on - timedelta(days=1) for past in tried]
    found = expectations(model, tried, before)
    held = sum(
        past.paid_on is not None and one.p10_on <= past.paid_on <= one.p90_on
        for past, one in zip(tried, found, strict=True)
    )
    return held / len(tried)
