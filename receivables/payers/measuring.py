"""How good a forecast was: measured on what came after the day on which it was made.

Everything that was not known on that day is kept from the model: later payments count as open,
later invoices are only asked about. Each invoice is asked about on the day it was issued, or, if
it was open on the day of the split, on that day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

import numpy as np
import numpy.typing as npt

from receivables.payers.forecasting import expectations, learn
from receivables.payers.model import Model
from receivables.payers.pasts import Past

Floats = npt.NDArray[np.float64]

#: The baseline's memory: so many of a customer's latest payments.
ROLLING = 12
#: Fewer observations of a customer give no interval of its own.
_LEAST_FOR_INTERVAL = 5
_QUANTILES = (0.1, 0.8, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """One method on one set of invoices. None where the method says nothing of the kind."""

    mae_days: float
    #: Expected less actual: below zero the money came later than expected.
    bias_days: float
    #: Chance that a late invoice was thought likelier to be late than one in time.
    auc_late: float | None
    #: The share paid within the interval that promises 80 %, and how wide that is.
    coverage_80: float | None
    width_80_days: float | None
    #: The share paid by the prudent day, which promises 80 %.
    prudent_share: float | None
    #: Sum of what each week was wrong by, over all that came in.
    weekly_cash_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All methods on the same invoices."""

    count: int
    late_share: float
    ours: Quality
    rolling_median: Quality
    due_date: Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    split: date
    learnt_paid: int
    learnt_open: int
    customers: int
    #: Issued after the split, and open on it; None where there are none that were paid since.
    issued_after: Measured | None
    open_at_split: Measured | None
    #: Never paid as far as the file goes: nothing to measure by.
    still_open: int

    @property
    def headline(self) -> Measured | None:
        return self.issued_after or self.open_at_split


def evaluate(pasts: Sequence[Past], split: date) -> Evaluation:
    """Learn what was known at the end of `split`, and measure it on what came after.

    Raises NothingToLearnFrom.
    """
    model = learn(pasts, split)
    before = [past for past in pasts if past.issued_on <= split]
    after = [past for past in pasts if past.issued_on > split]
    unpaid = [past for past in before if past.known_at(split).paid_on is None]
    known = [past.known_at(split) for past in before]
    baseline = _Baseline(known)
    return Evaluation(
        split=split,
        learnt_paid=len(before) - len(unpaid),
        learnt_open=len(unpaid),
        customers=len(model.places),
        issued_after=_measured(model, baseline, after, split),
        open_at_split=_measured(model, baseline, unpaid, split),
        still_open=sum(past.paid_on is None for past in pasts),
    )


def _measured(
    model: Model, baseline: _Baseline, pasts: Sequence[Past], split: date
) -> Measured | None:
    paid = [past for past in pasts if past.paid_on is not None]
    if not paid:
        return None
    open_on = [max(split, past.issued_on - timedelta(days=1)) for past in paid]
    truth = _Truth(paid, split)
    found = expectations(model, paid, open_on)
    rolling = [
        baseline.of(past, after=day) for past, day in zip(paid, open_on, strict=True)
    ]  # fmt: skip
    return Measured(
        count=len(paid),
        late_share=float(truth.late.mean()),
        ours=truth.quality(
            [one.expected_on for one in found],
            likely_late=[one.p_late for one in found],
            interval=[(one.p10_on, one.p90_on) for one in found],
            prudent=[one.prudent_on for one in found],
        ),
        rolling_median=truth.quality(
            [one.middle for one in rolling],
            likely_late=[float((one.middle - past.due_on).days)
                         for one, past in zip(rolling, paid, strict=True)],
            interval=[(one.first, one.last) for one in rolling],
            prudent=[one.prudent for one in rolling],
        ),
        due_date=truth.quality(
            [max(past.due_on, day) for past, day in zip(paid, open_on, strict=True)]
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Guess:
    middle: date
    first: date
    last: date
    prudent: date


class _Baseline:
    """The median of each customer's latest payments, and the quantiles beside it."""

    def __init__(self, known: Sequence[Past]) -> None:
        paid = sorted(
            (past for past in known if past.paid_on), key=lambda past: past.paid_on or date.min
        )
        self._own: Mapping[str, list[int]] = defaultdict(list)
        for past in paid:
            assert past.paid_on is not None, "only paid ones"
            self._own[past.customer].append((past.paid_on - past.due_on).days)
        late = [one for own in self._own.values() for one in own]
        first, prudent, last = (round(float(one)) for one in np.quantile(late, _QUANTILES))
        self._everybodys = (round(median(late)), first, last, prudent)

        self._known: dict[str, tuple[int, int, int, int]] = {}

    def of(self, past: Past, *, after: date) -> _Guess:
        """Never before the day after `after`: the baseline, too, knows that it was open then."""
        if past.customer not in self._known:
            self._known[past.customer] = self._habit(past.customer)
        earliest = after + timedelta(days=1)
        days = self._known[past.customer]
        return _Guess(*(max(earliest, past.due_on + timedelta(days=one)) for one in days))

    def _habit(self, customer: str) -> tuple[int, int, int, int]:
        """Days late: the median, the 10th, the 90th and the 80th percentile."""
        own = self._own.get(customer, [])[-ROLLING:]
        if not own:
            return self._everybodys
        first, prudent, last = self._everybodys[1], self._everybodys[3], self._everybodys[2]
        if len(own) >= _LEAST_FOR_INTERVAL:
            first, prudent, last = (round(float(one)) for one in np.quantile(own, _QUANTILES))
        return round(median(own)), first, last, prudent


class _Truth:
    """What came of the invoices."""

    def __init__(self, paid: Sequence[Past], split: date) -> None:
        self._paid_on = [past.paid_on for past in paid if past.paid_on is not None]
        self.late = np.array(
            [day > past.due_on for day, past in zip(self._paid_on, paid, strict=True)]
        )
        self._amounts = np.array([abs(float(past.amount)) for past in paid])
        self._split = split

    def quality(
        self,
        expected: Sequence[date],
        *,
        likely_late: Sequence[float] | None = None,
        interval: Sequence[tuple[date, date]] | None = None,
        prudent: Sequence[date] | None = None,
    ) -> Quality:
        off = _days(expected, self._paid_on)
        coverage = width = share = None
        if interval is not None:
            first, last = [one for one, _ in interval], [one for _, one in interval]
            held = (_days(first, self._paid_on) <= 0) & (_days(last, self._paid_on) >= 0)
            coverage, width = float(held.mean()), float(_days(last, first).mean())
        if prudent is not None:
            share = float((_days(prudent, self._paid_on) >= 0).mean())
        return Quality(
            mae_days=float(np.abs(off).mean()),
            bias_days=float(off.mean()),
            auc_late=None if likely_late is None else auc(np.array(likely_late), self.late),
            coverage_80=coverage,
            width_80_days=width,
            prudent_share=share,
            weekly_cash_error=self._weekly(expected),
        )

    def _weekly(self, expected: Sequence[date]) -> float:
        """Over the weeks after the split until the last payment and the last expected one."""
        meant, came = self._weeks(expected), self._weeks(self._paid_on)
        size = int(max(meant.max(), came.max())) + 1
        sums = [np.bincount(one, self._amounts, size) for one in (meant, came)]
        total = float(self._amounts.sum())
        return float(np.abs(sums[0] - sums[1]).sum()) / total if total else 0.0

    def _weeks(self, days: Sequence[date]) -> npt.NDArray[np.int64]:
        since = np.array([(day - self._split).days - 1 for day in days], dtype=np.int64)
        weeks: npt.NDArray[np.int64] = np.maximum(0, since) // 7
        return weeks


def _days(later: Sequence[date], earlier: Sequence[date]) -> Floats:
    return np.array([(a - b).days for a, b in zip(later, earlier, strict=True)], dtype=float)


def auc(scores: Floats, positive: npt.NDArray[np.bool_]) -> float | None:
    """The area under the ROC curve, ties counted half; None where there is only one kind."""
    count = int(positive.sum())
    others = len(positive) - count
    if not count or not others:
        return None
    _, inverse, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (sizes.cumsum() - (sizes - 1) / 2)[inverse]
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * others))
